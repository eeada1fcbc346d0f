"""The frame of every page of the public: its language, its texts, where else to go, the crisis lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stepwell.clinic.people.queries import all_sites
from stepwell.front.content import load
from stepwell.front.hours import hours_said
from stepwell.front.languages import address_in, in_other_language, language_of
from stepwell.front.saying import saying


def sites_of_the_public() -> list[Any]:
    """Every site with its opening hours, in two queries."""
    return list(all_sites().prefetch_related("hours"))


def each_number_once(numbers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each telephone number with the names of the places that have it, as `A, B`; places without one are left out."""
    found: dict[str, list[str]] = {}
    for number, place in numbers:
        if number:
            found.setdefault(number, []).append(place)
    return {number: ", ".join(places) for number, places in found.items()}


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    text: str | None = None,
    cacheable: bool = False,
    sites: Sequence[Any] | None = None,
    status: int = 200,
    translated_by: str = "",
    kept_as: str = "",
) -> HttpResponse:
    """Answers with `template` in the language of the address.

    `text` names the page's content file. The template gets it as `text`, and besides `said` (the words of
    the frame), `language`, `here(name, *args)` (an address in the page's language), `say` (days, times and
    money), `program`, `places` and what the layout shows. `sites`: when the view has read them already.
    `translated_by`: the page that the link to the other language opens, when this address takes only POST.
    `kept_as`: the page that the browser's history keeps in the place of an answer to what somebody sent, so that
    neither going back nor loading it again sends it once more.
    Only a page that is the same for everybody may be `cacheable`; all others are kept nowhere.
    """
    language = language_of(request)
    here = partial(address_in, language)
    said = load("frame", language)
    found = sites_of_the_public() if sites is None else sites
    own = [
        {"label": line, "url": f"tel:{line}", "text": said["own_line"].format(site=names)}
        for line, names in each_number_once((site.crisis_line, site.name) for site in found).items()
    ]
    full = {
        "language": language,
        "said": said,
        "say": saying(language),
        "here": here,
        "home": here("home"),
        "other": in_other_language(request, translated_by),
        "kept_as": here(kept_as) if kept_as and request.method == "POST" else "",
        "program": found[0].name if len(found) == 1 else "Stepwell",
        "places": [{"site": site, "hours": hours_said(site.hours.all(), language)} for site in found],
        "nav": [
            {"label": item["label"], "url": here(item["page"]), "current": here(item["page"]) == request.path}
            for item in said["nav"]
        ],
        "crisis": [*load("crisis", language)["lines"], *own],
        **({"text": load(text, language)} if text else {}),
        **context,
    }
    answer = render(request, template, full, status=status, using="jinja2")
    answer["Content-Language"] = language
    if cacheable and status == 200 and not request.COOKIES:
        answer["Cache-Control"] = "public, max-age=300"
    else:
        answer["Cache-Control"] = "no-store"
    return answer
