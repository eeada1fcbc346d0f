"""Ratings in the fourth edition: for each part, the least level that is safe. They are never numbers from 0 to 4.

The edition's own letters, anchors and its table are their owner's and are not here; what is kept is the conclusion
that the clinician draws with the site's licensed copy, the reason, and the highest of them all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules.ratings import Dimension
from stepwell.clinic.refusal import Refused

EVALUATE = "evaluate"


@dataclass(frozen=True)
class Part:
    """A side of a dimension that is rated on its own."""

    key: str
    label: str


@dataclass(frozen=True)
class FourthDimension:
    """A dimension of the fourth edition. ``evidence``: the third edition's dimensions whose facts bear on it.

    The sixth has no parts: it is told in words and never rated.
    """

    number: int
    title: str
    parts: tuple[Part, ...]
    evidence: tuple[Dimension, ...]


@dataclass(frozen=True)
class PartRating:
    """The least safe level for a part, by its key in `least_levels`, and why."""

    key: str
    least: str
    because: str


@dataclass(frozen=True)
class FourthRatings:
    """The parts rated so far, in order, and what the person wants (dimension 6)."""

    rated: tuple[PartRating, ...]
    person: str

    @property
    def highest(self) -> str:
        """The highest least level, such as '2.1'; 'any', 'none' or '' when no part asks for a level."""
        order = [key for key in least_levels() if key != EVALUATE]
        asked = [r.least for r in self.rated if r.least != EVALUATE]
        return max(asked, key=order.index) if asked else ""

    @property
    def evaluate(self) -> tuple[str, ...]:
        """Parts that want a medical evaluation before anything is decided."""
        return tuple(r.key for r in self.rated if r.least == EVALUATE)

    @property
    def unrated(self) -> tuple[Part, ...]:
        """What is still to be rated."""
        held = {r.key for r in self.rated}
        return tuple(p for d in fourth_dimensions() for p in d.parts if p.key not in held)

    def say(self) -> str:
        """One sentence on what they come to."""
        if self.evaluate:
            return "A medical evaluation comes first; then rate again."
        if self.unrated:
            return f"Not rated yet: {', '.join(p.label.lower() for p in self.unrated)}."
        if self.highest in ("any", "none", ""):
            return "No part asks for a particular level."
        return f"The least level that is safe in every part is {least_levels()[self.highest]}."


@cache
def _file() -> dict[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", "editions.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))["fourth"]
    return data


@cache
def least_levels() -> Mapping[str, str]:
    """Key -> words of what a part may ask for, the least first."""
    return {row["key"]: row["label"] for row in _file()["least"]}


@cache
def fourth_dimensions() -> tuple[FourthDimension, ...]:
    """All six; the sixth without parts."""
    rows = [*_file()["dimensions"], _file()["person"]]
    return tuple(
        FourthDimension(
            d["number"],
            d["title"],
            tuple(Part(p["key"], p["label"]) for p in d.get("parts", ())),
            tuple(Dimension(n) for n in d["evidence"]),
        )
        for d in rows
    )


def rate_fourth(rated: Mapping[str, tuple[str, str]], person: str = "") -> FourthRatings:
    """Ratings from ``{part: (least level, because)}``. Refused for another part or level, or a blank reason."""
    parts = {p.key: p for d in fourth_dimensions() for p in d.parts}
    for key, (least, because) in rated.items():
        if key not in parts:
            raise Refused(f"The fourth edition has no part {key}.")
        if least not in least_levels():
            raise Refused(f"{parts[key].label} cannot ask for {least}; choose a level from the list.")
        if not because.strip():
            raise Refused(f"{parts[key].label} is rated without a reason; write one sentence.")
    return FourthRatings(
        tuple(PartRating(key, *rated[key]) for key in parts if key in rated), " ".join(person.split("\x00"))
    )
