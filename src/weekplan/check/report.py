"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass

from weekplan.check.agreement import disagreements, met_by_all
from weekplan.check.rules import RULES, unknown_names
from weekplan.check.week import Json, Week, filled, week_of
from weekplan.check.wishes import WISHES


@dataclass(frozen=True, slots=True)
class Report:
    """The breaches and the costs of a plan, recomputed.

    `breaches` are the hard rules it breaks; `disagreements` are the numbers of the plan (cost, costs, met, minutes of
    shortfalls, bound) that differ from the recomputed ones. One sentence each, with names.
    """

    breaches: tuple[str, ...]
    cost: int
    costs: dict[str, int]
    disagreements: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.disagreements

    @property
    def fine(self) -> bool:
        return not self.breaches and self.agrees


def check(case: Json, plan: Json) -> Report:
    """Recomputes every hard rule and every cost from the two JSON objects.

    Both must have the shapes of `schema/case-1.json` and `schema/plan-1.json` (`case_from_json` and
    `plan_from_json` refuse others); that they fit each other is checked here.
    """
    whole, answer = filled(case, "case-1"), filled(plan, "plan-1")
    unknown = unknown_names(whole, answer)
    if unknown:  # nothing can be counted for people and rooms that are not there
        return Report(tuple(unknown), 0, {}, ("The costs were not counted, because of the unknown names.",))
    week: Week = week_of(whole, answer)
    breaches = tuple(sentence for rule in RULES for sentence in rule(week))
    costs = {name: week.weights[name] * count(week) for name, count in WISHES.items()}
    cost = sum(costs.values())
    return Report(breaches, cost, costs, tuple(disagreements(week, answer, cost, costs, met_by_all(week))))
