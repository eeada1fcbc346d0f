"""A rule table: read from data, checked, evaluated with ratings that may be incomplete.

The first rule that holds decides. Conditions only ever say "at least", and rules run from the highest level to
the lowest; so a higher rating can never lower the level. A table that breaks this is refused when it is read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from stepwell.clinic.assessment.rules import Dimension
from stepwell.clinic.placement.rules.levels import Level
from stepwell.clinic.refusal import Refused

Values = Mapping[Dimension, int]


@dataclass(frozen=True)
class AtLeast:
    """One of the dimensions is rated ``least`` or more."""

    dimensions: tuple[Dimension, ...]
    least: int

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when an unrated dimension would decide."""
        if any(values[d] >= self.least for d in self.dimensions if d in values):
            return True
        return False if all(d in values for d in self.dimensions) else None

    def fired_by(self, values: Values) -> frozenset[Dimension]:
        """The dimensions that make it true."""
        return frozenset(d for d in self.dimensions if d in values and values[d] >= self.least)


@dataclass(frozen=True)
class Both:
    """Every part holds. Without parts it always holds: the last rule of a table."""

    parts: tuple["Condition", ...]

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when an unrated dimension would decide."""
        parts = [part.holds(values) for part in self.parts]
        if False in parts:
            return False
        return None if None in parts else True

    def fired_by(self, values: Values) -> frozenset[Dimension]:
        """The dimensions that make it true."""
        return frozenset[Dimension]().union(*(part.fired_by(values) for part in self.parts))


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when an unrated dimension would decide."""
        parts = [part.holds(values) for part in self.parts]
        if True in parts:
            return True
        return None if None in parts else False

    def fired_by(self, values: Values) -> frozenset[Dimension]:
        """The dimensions that make it true."""
        return frozenset[Dimension]().union(*(p.fired_by(values) for p in self.parts if p.holds(values)))


Condition = AtLeast | Both | Either


@dataclass(frozen=True)
class Rule:
    """When the condition holds, this level. ``admit`` False: emergency care, no program admits."""

    id: str
    level: Level
    alongside: Level | None
    admit: bool
    because: str
    when: Condition


@dataclass(frozen=True)
class Table:
    """Rules from the highest level to the lowest; the last one always holds."""

    name: str
    version: str
    advisory: str
    rules: tuple[Rule, ...]

    def rule(self, values: Values) -> Rule | None:
        """The rule that decides, or None when an unrated dimension would change the answer."""
        for rule in self.rules:
            holds = rule.when.holds(values)
            if holds is None:
                return None
            if holds:
                return rule
        raise AssertionError("the last rule of a table always holds")  # read_table made sure of it

    def decided(self, values: Values) -> Rule:
        """The rule that decides when every dimension is rated."""
        rule = self.rule(values)
        if rule is None:
            raise AssertionError("every dimension is rated")
        return rule


@cache
def default_table() -> Table:
    """Stepwell's own table. It is not the ASAM Criteria's."""
    path = files("stepwell.clinic.placement").joinpath("data", "rules-default.json")
    return read_table(json.loads(path.read_text("utf-8")))


def read_table(document: Mapping[str, Any]) -> Table:
    """A table from data, such as a site's licensed one. Refused, with the rule's name, when it cannot be right."""
    try:
        rules = tuple(_rule(row) for row in document["rules"])
        table = Table(document["name"], document["version"], document["advisory"], rules)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"The rule table cannot be read: {error!r} is missing or wrong.") from error
    if not rules or rules[-1].when != Both(()):
        raise Refused(
            "The rule table leaves some ratings without a level; end it with a rule without condition."
        )
    for before, after in pairwise(rules):
        if after.level > before.level:
            raise Refused(
                f"Rule {after.id} (level {after.level}) stands below rule {before.id} (level {before.level}); "
                "order the rules from the highest level to the lowest."
            )
    return table


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        id=row["id"],
        level=Level(row["level"]),
        alongside=Level(row["alongside"]) if row.get("alongside") else None,
        admit=row["admit"],
        because=row["because"],
        when=_condition(row["when"]),
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    match data:
        case {"any_of": dimensions, "at_least": least, **rest} if not rest:
            return AtLeast(tuple(Dimension(d) for d in dimensions), int(least))
        case {"all": parts, **rest} if not rest:
            return Both(tuple(_condition(part) for part in parts))
        case {"any": parts, **rest} if not rest:
            return Either(tuple(_condition(part) for part in parts))
        case _ if not data:
            return Both(())
    raise ValueError(f"the condition {dict(data)}")
