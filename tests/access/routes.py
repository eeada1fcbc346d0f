"""Every address that Stepwell answers, as Django resolves it: nothing is listed by hand here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """One URL pattern: its full name, the names in its address, and what its view says about who may open it."""

    name: str
    names_in_address: tuple[str, ...]
    permission: Any
    audience: str
    view: str

    def address(self, **values: Any) -> str:
        return reverse(self.name, kwargs=values)


def routes() -> dict[str, Route]:
    """Full route name -> route. Two addresses of the house with one name fail: `reverse` would reach only one.

    A page of the house stands before a library's page of the same name, which nobody reaches any more.
    """
    found: dict[str, Route] = {}
    for route in _walk(get_resolver(), (), ()):
        if route.name in found:
            assert not route.view.startswith("stepwell."), f"Two addresses are called {route.name}."
            continue
        found[route.name] = route
    return found


def _walk(resolver: URLResolver, spaces: tuple[str, ...], outside: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        inside = (*outside, *_names_in(pattern))
        if isinstance(pattern, URLResolver):
            space = (pattern.namespace,) if pattern.namespace else ()
            yield from _walk(pattern, spaces + space, inside)
            continue
        assert pattern.name, f"The address {pattern.pattern} has no name; give it one in its urls.py."
        view = pattern.callback
        yield Route(
            ":".join((*spaces, pattern.name)),
            inside,
            getattr(view, "permission", None),
            getattr(view, "audience", ""),
            f"{view.__module__}.{getattr(view, '__qualname__', '')}",
        )


def _names_in(pattern: URLPattern | URLResolver) -> tuple[str, ...]:
    own = pattern.pattern
    regex = getattr(own, "regex", None)
    return tuple(own.converters) or tuple(regex.groupindex if regex else ())
