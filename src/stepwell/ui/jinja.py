"""The Jinja environment of all pages. Django's Jinja2 backend calls `environment`."""

import itertools
import json
from functools import cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, reverse
from jinja2 import Environment, StrictUndefined
from markupsafe import escape

from stepwell.ui import board, charts, drawings
from stepwell.ui.compiled import compiled_beside
from stepwell.ui.filters import FILTERS

_numbers = itertools.count(1)

THEMES = ("light", "dark")

# htmx without eval, without snapshots of patient pages in the browser's storage, and answering 422 (a form
# with errors) like a page instead of dropping it.
HTMX_CONFIG = {
    "allowEval": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


def url(name: str, *args: object, **kwargs: object) -> str:
    """Django's reverse: positional or named parts, never both."""
    return reverse(name, args=args or None, kwargs=kwargs or None) if kwargs else address(name, *args)


def address(name: str, *parts: object) -> str:
    """Django's reverse with positional parts, but a route is looked up once; raises NoReverseMatch.

    What is kept is the route around its parts. Only numbers and words of plain letters and digits, such as a
    patient's code, are put into it; anything else Django checks and quotes each time.
    """
    kinds = tuple(map(_kind, parts))
    if None not in kinds:
        route = _route(name, kinds, get_script_prefix())
        if route is not None:
            return "".join(itertools.chain(*zip(route, (*map(str, parts), ""), strict=True)))
    return reverse(name, args=parts or None)


def _kind(part: object) -> type | None:
    if type(part) is int:
        return int if part >= 0 else None
    return str if type(part) is str and part.isascii() and part.isalnum() else None


@cache
def _route(name: str, kinds: tuple[type, ...], _prefix: str) -> tuple[str, ...] | None:
    """The pieces of an address around its parts; None where a part may not be any word or number."""
    marks = [f"MARK{n}KRAM" if kind is str else f"{70 + n}1415926535" for n, kind in enumerate(kinds)]
    try:
        whole = reverse(name, args=marks or None)
    except NoReverseMatch:
        return None
    pieces = []
    for mark in marks:
        before, _, whole = whole.partition(mark)
        pieces.append(before)
    return (*pieces, whole)


def url_or_none(name: str, *args: object, **kwargs: object) -> str | None:
    """Like `url`, for links that a site may not have; None when there is no such route."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return None


def fresh_id(word: str) -> str:
    """An element id that no other element of the page has."""
    return f"{word}-{next(_numbers)}"


def messages_of(request: HttpRequest | None) -> list[Any]:
    """The messages left for this person by the page before."""
    return list(get_messages(request)) if request is not None else []


def theme_of(request: HttpRequest | None) -> str | None:
    """'light' or 'dark' when the person chose one, else None: the device decides."""
    chosen = request.COOKIES.get("theme") if request is not None else None
    return chosen if chosen in THEMES else None


def environment(**options: Any) -> Environment:
    """The environment: strict about missing names, escaping, with Stepwell's filters and drawings."""
    options["undefined"] = StrictUndefined
    options.setdefault("autoescape", True)
    options["trim_blocks"] = True
    options["lstrip_blocks"] = True
    options.setdefault("bytecode_cache", compiled_beside())
    env = Environment(**options)  # noqa: S701 - autoescape is set above
    env.filters.update(FILTERS)
    env.filters["attributes"] = drawings.attributes
    env.globals.update(
        static=cache(static),
        url=url,
        url_or_none=url_or_none,
        fresh_id=fresh_id,
        messages_of=messages_of,
        theme_of=theme_of,
        htmx_config=escape(json.dumps(HTMX_CONFIG)),
        draw=drawings,
        board=board,
        charts=charts,
    )
    return env
