"""A map without roads and without the network: rings of miles around a middle, north above, a mark for each place.

Pure geometry; the template draws it. The rings are equally wide and stand for ever longer distances, so that
places near and far are both seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians, sin

from stepwell.clinic.people.rules.places import Spot, bearing, miles_between

SIZE = 360
"""Width and height of the drawing; one unit is about a CSS pixel on a phone."""

GAP = 46
"""Least distance between two marks, and from the middle: fingers hit one of them."""

MOST_MARKS = 20
_MIDDLE = SIZE / 2
_OUTER = _MIDDLE - 34
_EDGE = 24
_MILES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 12500)
"""Of the rings; the last is half way around the Earth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """A circle around the middle with so many miles."""

    radius: float
    miles: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Where a place is drawn. `x`, `y` is the mark, `true_x`, `true_y` the spot it stands for: apart if crowded."""

    number: int
    x: float
    y: float
    true_x: float
    true_y: float

    @property
    def moved(self) -> bool:
        """Whether a line must lead from the mark to its spot."""
        return hypot(self.x - self.true_x, self.y - self.true_y) > 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Map:
    """Rings from the inside out, and marks in the order of their numbers."""

    rings: tuple[Ring, ...]
    marks: tuple[Mark, ...]
    middle: float = _MIDDLE
    size: int = SIZE


def plan_map(middle: Spot, places: Sequence[Spot]) -> Map:
    """Marks numbered from 1 in the order of `places`, at most `MOST_MARKS`; none overlaps another."""
    drawn = list(places)[:MOST_MARKS]
    miles = [miles_between(middle, place) for place in drawn]
    reach = next((n for n, ring in enumerate(_MILES) if ring >= max(miles, default=0)), len(_MILES) - 1)
    reach = max(reach, 2)
    shown = _MILES[reach - 2 : reach + 1]
    rings = tuple(Ring(radius=round(_OUTER * (n + 1) / 3, 1), miles=far) for n, far in enumerate(shown))
    marks: list[Mark] = []
    for number, (place, far) in enumerate(zip(drawn, miles, strict=True), start=1):
        turn, out = radians(bearing(middle, place)), _radius(far, shown)
        true_x, true_y = _MIDDLE + out * sin(turn), _MIDDLE - out * cos(turn)
        x, y = _free(true_x, true_y, marks)
        marks.append(
            Mark(
                number=number, x=round(x, 1), y=round(y, 1), true_x=round(true_x, 1), true_y=round(true_y, 1)
            )
        )
    return Map(rings=rings, marks=tuple(marks))


def middle_of(places: Sequence[Spot]) -> Spot:
    """A point between the places: the mean of their degrees, good enough for places of one country."""
    return Spot(
        latitude=sum(place.latitude for place in places) / len(places),
        longitude=sum(place.longitude for place in places) / len(places),
    )


def _radius(miles: float, rings: Sequence[int]) -> float:
    """Each ring takes a third; between two rings the distance grows evenly."""
    for n, (near, far) in enumerate(pairwise((0, *rings))):
        if miles <= far:
            return _OUTER * (n + (miles - near) / (far - near)) / 3
    return _OUTER


def _free(x: float, y: float, marks: Sequence[Mark]) -> tuple[float, float]:
    """The nearest spot on a widening ring around (x, y) that keeps its distance from all marks and the middle."""
    taken = [(_MIDDLE, _MIDDLE), *((mark.x, mark.y) for mark in marks)]
    for step in range(0, SIZE, 4):
        for turn in range(0, 360, 15) if step else (0,):
            to_x, to_y = x + step * sin(radians(turn)), y - step * cos(radians(turn))
            inside = _EDGE <= to_x <= SIZE - _EDGE and _EDGE <= to_y <= SIZE - _EDGE
            if inside and all(hypot(to_x - a, to_y - b) >= GAP for a, b in taken):
                return to_x, to_y
    return x, y  # more marks than fit: never with MOST_MARKS on this size
