"""The public's pages. Nothing of them is kept between two requests, so each is made anew."""

from __future__ import annotations

from collections.abc import Callable

from bench.measuring import Ask, Times
from bench.report import Row

PAGES = (
    ("home", "/"),
    ("what an IOP is", "/es/about/"),
    ("is it right for me", "/questions/"),
    ("find a program", "/find/"),
    ("ask for help", "/ask/"),
)


def public_rows(beside: Callable[[Ask, Ask], tuple[Times, Times]]) -> list[Row]:
    """The 95th percentile of each beside an empty view."""
    found = []
    for name, path in PAGES:
        ours, bare = beside(Ask("GET", path), Ask("GET", "/empty/"))
        found.append(
            Row(
                f"public: {name}, p95, beside an empty view",
                ours.p95,
                bare.p95,
                "ms",
                "<= 200 ms",
                ours.p95 <= 200,
            )
        )
    return found
