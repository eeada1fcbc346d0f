"""A rule table as it is evaluated, with facts that may be incomplete.

The first rule that holds decides. Conditions only ever say "at least", and rules run from the highest level to
the lowest; so more need can never lower the level. A table that breaks this is refused when it is read
(`reading.read_table`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules.levels import Level

Variable = int | str
"""The number of a dimension, or the code of a yes-or-no fact."""
Values = Mapping[Variable, int]
"""What is known: the place of a rating on the edition's scale, or 0 for no and 1 for yes."""


@dataclass(frozen=True)
class AtLeast:
    """One of the dimensions is rated ``least`` or more, or one of the facts is so (``least`` is 1)."""

    variables: tuple[Variable, ...]
    least: int

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when something not known would decide."""
        if any(values[v] >= self.least for v in self.variables if v in values):
            return True
        return False if all(v in values for v in self.variables) else None

    def fired_by(self, values: Values) -> frozenset[Variable]:
        """What makes it true."""
        return frozenset(v for v in self.variables if v in values and values[v] >= self.least)

    def bounds(self) -> frozenset[tuple[Variable, int]]:
        """Every value from which on something changes."""
        return frozenset((v, self.least) for v in self.variables)


@dataclass(frozen=True)
class Both:
    """Every part holds. Without parts it always holds: the last rule of a table."""

    parts: tuple["Condition", ...]

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when something not known would decide."""
        parts = [part.holds(values) for part in self.parts]
        if False in parts:
            return False
        return None if None in parts else True

    def fired_by(self, values: Values) -> frozenset[Variable]:
        """What makes it true."""
        return frozenset[Variable]().union(*(part.fired_by(values) for part in self.parts))

    def bounds(self) -> frozenset[tuple[Variable, int]]:
        """Every value from which on something changes."""
        return frozenset[tuple[Variable, int]]().union(*(part.bounds() for part in self.parts))


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when something not known would decide."""
        parts = [part.holds(values) for part in self.parts]
        if True in parts:
            return True
        return None if None in parts else False

    def fired_by(self, values: Values) -> frozenset[Variable]:
        """What makes it true."""
        return frozenset[Variable]().union(*(p.fired_by(values) for p in self.parts if p.holds(values)))

    def bounds(self) -> frozenset[tuple[Variable, int]]:
        """Every value from which on something changes."""
        return frozenset[tuple[Variable, int]]().union(*(part.bounds() for part in self.parts))


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
    """Rules from the highest level to the lowest; the last one always holds. ``facts``: code -> label of the
    yes-or-no facts that the table asks for beside the ratings."""

    name: str
    version: str
    advisory: str
    rules: tuple[Rule, ...]
    edition: Edition = Edition.THIRD
    facts: Mapping[str, str] = field(default_factory=dict)

    def rule(self, values: Values) -> Rule | None:
        """The rule that decides, or None when something not known would change the answer."""
        for rule in self.rules:
            holds = rule.when.holds(values)
            if holds is None:
                return None
            if holds:
                return rule
        raise AssertionError("the last rule of a table always holds")  # read_table made sure of it

    def decided(self, values: Values) -> Rule:
        """The rule that decides when everything is known."""
        rule = self.rule(values)
        if rule is None:
            raise AssertionError("every dimension and fact is known")
        return rule

    def bounds(self) -> frozenset[tuple[Variable, int]]:
        """Every value from which on a rule of this table changes its answer."""
        return frozenset[tuple[Variable, int]]().union(*(rule.when.bounds() for rule in self.rules))
