"""The recommended level of care, why, what is missing, and what would change it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Dimension, Ratings
from stepwell.clinic.placement.rules.levels import Level, level_name
from stepwell.clinic.placement.rules.table import Rule, Table, Values, default_table


@dataclass(frozen=True)
class Facts:
    """What the safety gates ask. True, False, or None while nobody knows; None holds an admission up."""

    severe_withdrawal_risk: bool | None = None
    acute_medical_instability: bool | None = None
    psychosis_or_mania_preventing_groups: bool | None = None
    cssrs_high_without_safety_plan: bool | None = None
    needs_24h_supervision: bool | None = None


class GateState(StrEnum):
    """A gate that is open is not mentioned."""

    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gate:
    """A safety fact that stands before admission to the levels in ``blocks``."""

    code: str
    state: GateState
    blocks: frozenset[Level]
    sentence: str


@dataclass(frozen=True)
class Reason:
    """Why this level: the rule's own sentence (no dimension), then each rating that made it hold."""

    text: str
    dimension: Dimension | None
    value: int | None


class Direction(StrEnum):
    """Whether a change leads to more or to less care."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Change:
    """The nearest other rating of one dimension that alone would lead to another level."""

    dimension: Dimension
    now: int
    then: int
    level: Level
    direction: Direction
    sentence: str

    @property
    def distance(self) -> int:
        """How many points of rating away."""
        return abs(self.then - self.now)


@dataclass(frozen=True)
class Decision:
    """The recommendation.

    ``level`` and ``rule`` are None while an unrated dimension could change the answer; ``at_least`` and
    ``at_most`` then say how far it is narrowed down. ``missing`` names the dimensions not rated.
    ``alongside`` is a second level to be given together with the first (a supportive home and treatment).
    """

    level: Level | None
    rule: str | None
    reasons: tuple[Reason, ...]
    gates: tuple[Gate, ...]
    missing: tuple[str, ...]
    what_would_change_it: tuple[Change, ...]
    advisory: str
    at_least: Level
    at_most: Level
    alongside: Level | None
    admit: bool
    table: str


@cache
def _gate_data() -> tuple[dict[str, Any], ...]:
    path = files("stepwell.clinic.placement").joinpath("data", "gates.json")
    return tuple(json.loads(path.read_text("utf-8"))["gates"])


def gates(facts: Facts) -> tuple[Gate, ...]:
    """The gates that are closed or not answered yet, closed ones first."""
    found = []
    for row in _gate_data():
        fact: bool | None = getattr(facts, row["code"])
        if fact is not False:
            state = GateState.UNKNOWN if fact is None else GateState.CLOSED
            found.append(Gate(row["code"], state, frozenset(map(Level, row["blocks"])), row[state.value]))
    return tuple(sorted(found, key=lambda gate: gate.state is GateState.UNKNOWN))


def recommend(ratings: Ratings, facts: Facts, table: Table | None = None) -> Decision:
    """The level that the table gives for these ratings, with everything a clinician needs to disagree.

    ``ratings`` may be partial: then there is a level only if the unrated dimensions cannot change it.
    ``table`` is Stepwell's own unless the site has loaded another. Never raises.
    """
    table = table or default_table()
    values = {rating.dimension: rating.value for rating in ratings.rated}
    rule = table.rule(values)
    lowest = table.decided(dict.fromkeys(Dimension, 0) | values)
    highest = table.decided(dict.fromkeys(Dimension, 4) | values)
    return Decision(
        level=rule.level if rule else None,
        rule=rule.id if rule else None,
        reasons=_reasons(rule, ratings, values) if rule else _still_open(ratings, lowest, highest),
        gates=gates(facts),
        missing=tuple(d.label for d in ratings.unrated),
        what_would_change_it=_changes(table, values, rule) if rule else (),
        advisory=table.advisory,
        at_least=lowest.level,
        at_most=highest.level,
        alongside=rule.alongside if rule else None,
        admit=rule.admit if rule else False,
        table=f"{table.name} {table.version}",
    )


def _reasons(rule: Rule, ratings: Ratings, values: Values) -> tuple[Reason, ...]:
    fired = [Reason(rule.because, None, None)]
    for dimension in sorted(rule.when.fired_by(values)):
        text = f"{dimension.label} is rated {values[dimension]}: {ratings.because(dimension)}"
        fired.append(Reason(text, dimension, values[dimension]))
    return tuple(fired)


def _still_open(ratings: Ratings, lowest: Rule, highest: Rule) -> tuple[Reason, ...]:
    names = ", ".join(d.label for d in ratings.unrated)
    return (
        Reason(
            f"The level is open between {lowest.level} and {highest.level} until these are rated: {names}.",
            None,
            None,
        ),
    )


def _changes(table: Table, values: Values, rule: Rule) -> tuple[Change, ...]:
    found = []
    for dimension, now in values.items():
        for direction, others in (
            (Direction.UP, range(now + 1, 5)),
            (Direction.DOWN, range(now - 1, -1, -1)),
        ):
            for then in others:
                other = table.rule({**values, dimension: then})
                if other is not None and other.level != rule.level:
                    sentence = (
                        f"{dimension.label} at {then} instead of {now} would mean level {other.level}, "
                        f"{level_name(other.level).lower()}."
                    )
                    found.append(Change(dimension, now, then, other.level, direction, sentence))
                    break
    return tuple(sorted(found, key=lambda c: (c.direction is Direction.DOWN, c.distance, c.dimension)))
