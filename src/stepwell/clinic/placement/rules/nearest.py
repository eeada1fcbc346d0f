"""The smallest sets of facts that, changed together, would lead to more care or to less.

More need never lowers the level, so only raised ratings can step up and only lowered ones step down. Sets are tried
by size, and a size is taken only if no smaller set works at all; of each set, the values nearest to today's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product

from stepwell.clinic.placement.rules.editions import Scale
from stepwell.clinic.placement.rules.table import Rule, Table, Values, Variable


class Direction(StrEnum):
    """Whether a change leads to more or to less care."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Changed:
    """One fact that would have to be otherwise. ``now`` and ``then``: ratings as they are written, or 'yes', 'no'."""

    what: Variable
    label: str
    now: int | str
    then: int | str
    distance: int

    @property
    def words(self) -> str:
        """'Readiness to change at 3 instead of 2'."""
        between = ": " if isinstance(self.what, str) else " at "
        return f"{self.label}{between}{self.then} instead of {self.now}"


Found = tuple[Direction, tuple[Changed, ...], Rule]


def nearest(table: Table, values: Values, rule: Rule, scale: Scale) -> tuple[Found, ...]:
    """Up first, then down; in each the nearest first. Only what is known is changed."""
    found = []
    for direction in Direction:
        sets = [*_smallest(table, values, rule, scale, direction)]
        sets.sort(
            key=lambda one: (sum(abs(then - values[what]) for what, then in one), [str(w) for w, _ in one])
        )
        for changes in sets:
            other = table.decided({**values, **dict(changes)})
            told = tuple(_told(table, scale, values, what, then) for what, then in changes)
            found.append((direction, told, other))
    return tuple(found)


Way = tuple[tuple[Variable, int], ...]


def _smallest(table: Table, values: Values, rule: Rule, scale: Scale, direction: Direction) -> Iterator[Way]:
    up = direction is Direction.UP
    points = _turning_points(table, values, up)
    movable = sorted(points, key=str)
    for size in range(1, len(movable) + 1):
        found = [
            way
            for chosen in combinations(movable, size)
            if _may_move(table, values, rule, {what: points[what][-1] for what in chosen})
            for way in _closest(table, values, rule, up, {what: points[what] for what in chosen})
        ]
        yield from found
        if found:
            return


def _turning_points(table: Table, values: Values, up: bool) -> dict[Variable, list[int]]:
    """What can move, and the values at which a rule of the table changes its answer, the nearest first."""
    found: dict[Variable, set[int]] = {}
    for what, bound in table.bounds():
        if what in values and (values[what] < bound) is up:
            found.setdefault(what, set()).add(bound if up else bound - 1)
    return {what: sorted(points, reverse=not up) for what, points in found.items()}


def _may_move(table: Table, values: Values, rule: Rule, furthest: Values) -> bool:
    """Whether the set can move the level at all: at its furthest the level is another one, or open."""
    other = table.rule({**values, **furthest})
    return other is None or other.level is not rule.level


def _closest(
    table: Table, values: Values, rule: Rule, up: bool, chosen: dict[Variable, list[int]]
) -> Iterator[Way]:
    """Of one set, every way of the least distance; each fact of the set moves."""

    def distance(way: tuple[int, ...]) -> int:
        return sum(abs(then - values[what]) for what, then in zip(chosen, way, strict=True))

    least = None
    for way in sorted(product(*chosen.values()), key=distance):
        if least is not None and distance(way) > least:
            return
        if _moves(table, values, rule, up, dict(zip(chosen, way, strict=True))):
            least = distance(way)
            yield tuple(zip(chosen, way, strict=True))


def _moves(table: Table, values: Values, rule: Rule, up: bool, then: Values) -> bool:
    other = table.rule({**values, **then})
    if other is None or other.level is rule.level:
        return False
    return other.level > rule.level if up else other.level < rule.level


def _told(table: Table, scale: Scale, values: Values, what: Variable, then: int) -> Changed:
    distance = abs(then - values[what])
    if isinstance(what, str):
        yes_no = ("no", "yes")
        return Changed(what, table.facts[what], yes_no[values[what]], yes_no[then], distance)
    return Changed(what, scale.dimensions[what], scale.shown(values[what]), scale.shown(then), distance)
