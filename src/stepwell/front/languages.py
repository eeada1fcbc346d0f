"""The public's two languages: every page stands at `/x/` in English and at `/es/x/` in Spanish."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, get_script_prefix, path, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode

LANGUAGES = ("en", "es")
"""The first is the language of addresses without a prefix."""

OWN_NAMES = {"en": "English", "es": "Español"}
"""What speakers of a language call it."""

KEPT = frozenset(
    {
        "n",
        "site",
        "estimate",
        "program",
        "level",
        "track",
        "population",
        "language",
        "insurance",
        "video",
        "soon",
        "within",
    }
)
"""Parts of an address that a page asks for and that say nothing of a person: they go along into the other language.
Whatever else somebody wrote into an address is not repeated."""

# Django's own sentences (a null character, a choice that is not there) come in the page's language too.
_DJANGO = {"en": "en-us", "es": "es"}


def language_of(request: HttpRequest) -> str:
    """The language of the page that `request` asks for: told by its address and by nothing else."""
    return "es" if f"{request.path}/".startswith(f"{get_script_prefix()}es/") else "en"


def address_in(language: str, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of the public page `name` ("ask", "find") in a language. Raises NoReverseMatch."""
    space = "front:" if language == LANGUAGES[0] else f"front:{language}:"
    return reverse(space + name, args=args or None, kwargs=kwargs or None)


def in_other_language(request: HttpRequest, name: str = "") -> dict[str, str]:
    """The same page in the other language: `.language`, `.label` in that language, `.url`.

    `name` is the page to open there when this one only answers what is sent to it.
    """
    other = next(each for each in LANGUAGES if each != language_of(request))
    match = resolve(request.path_info)
    url = (
        address_in(other, name)
        if name
        else address_in(other, match.url_name or "", *match.args, **match.kwargs)
    )
    kept = {name: request.GET.get(name, "") for name in request.GET if name in KEPT}
    asked = urlencode(kept) if request.method in ("GET", "HEAD") else ""
    return {"language": other, "label": OWN_NAMES[other], "url": f"{url}?{asked}" if asked else url}


def public_path(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    """`path` for a page of the public: whatever Django itself says in it is in the page's language."""

    @wraps(view)
    def speaking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(_DJANGO[language_of(request)]):
            return view(request, *args, **kwargs)

    return path(route, speaking, name=name)
