"""What a stranger sees when a public page is not there or broke: in the language of the address, without the database."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from stepwell.front.content import load
from stepwell.front.languages import LANGUAGES, address_in, language_of


def public_error(request: HttpRequest, fault: str) -> str | None:
    """The page for `fault` ("404", "csrf", ...); None when the address is not one of the public's."""
    language = language_of(request)
    if language == LANGUAGES[0] and not _of_the_public(request.path_info):
        return None
    text = load("errors", language)
    return render_to_string(
        "front/error.html",
        {
            "language": language,
            "said": load("frame", language),
            "text": text,
            "words": text["faults"][fault],
            "home": address_in(language, "home"),
            "crisis": load("crisis", language)["lines"],
        },
        using="jinja2",
    )


def _of_the_public(path: str) -> bool:
    try:
        return "front" in resolve(path).namespaces
    except Resolver404:
        return False
