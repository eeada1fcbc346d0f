"""What a plan must have, when it may be signed, and its weekly dose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from stepwell.clinic.placement.rules import HoursBand
from stepwell.clinic.plan.rules.conditions import Condition, Untreated
from stepwell.clinic.plan.rules.data import plan_data
from stepwell.clinic.refusal import Refused


class Kind(StrEnum):
    """Kinds of treatment: what the plan orders, the timetable offers and the hours ledger counts."""

    SKILLS = "skills"
    PROCESS = "process"
    EDUCATION = "education"
    FAMILY = "family"
    INDIVIDUAL = "individual"
    MEDICAL = "medical"
    PEER = "peer"
    HOLISTIC = "holistic"
    CASE_MANAGEMENT = "case_management"

    @property
    def label(self) -> str:
        """What people read."""
        return next(str(row["label"]) for row in plan_data()["kinds"] if row["code"] == self.value)


class ReviewOutcome(StrEnum):
    """What a review of the plan ends in."""

    CONTINUE = "continue"
    REVISE = "revise"
    STEP_DOWN = "step_down"
    STEP_UP = "step_up"
    DISCHARGE = "discharge"

    @property
    def label(self) -> str:
        """What people read."""
        return next(str(row["label"]) for row in plan_data()["outcomes"] if row["code"] == self.value)


@dataclass(frozen=True)
class Intervention:
    """Something done for an objective: a kind of treatment, so many minutes a week."""

    kind: Kind | None
    weekly_minutes: int | None
    text: str = ""


@dataclass(frozen=True)
class Objective:
    """A step toward a goal that can be seen. ``due``: the target date; ``last_worked_on``: the last note on it."""

    number: int
    measure: str
    target: str
    due: date | None
    interventions: tuple[Intervention, ...] = ()
    met: bool = False
    given_up: bool = False
    last_worked_on: date | None = None


@dataclass(frozen=True)
class Goal:
    """What the patient wants, in their own words."""

    number: int
    words: str
    objectives: tuple[Objective, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What stands in the way, and the condition that it belongs to."""

    number: int
    statement: str
    goals: tuple[Goal, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True)
class Plan:
    """A plan as it stands on the screen, whole or not."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class MissingPart:
    """A part that the plan lacks. ``where``: 'problem 1, goal 2, objective 1', or 'plan'."""

    where: str
    what: str

    @property
    def sentence(self) -> str:
        """The part as a sentence."""
        return f"{self.where[0].upper()}{self.where[1:]} has no {self.what}."


def missing_parts(plan: Plan) -> tuple[MissingPart, ...]:
    """Everything a plan lacks before it may be signed, in the order in which it is read. Blank text is missing."""
    if not plan.problems:
        return (MissingPart("plan", "problem"),)
    return tuple(part for problem in plan.problems for part in _of_problem(problem))


def _of_problem(problem: Problem) -> Iterable[MissingPart]:
    here = f"problem {problem.number}"
    if not problem.statement.strip():
        yield MissingPart(here, "statement")
    if problem.condition is None:
        yield MissingPart(here, "condition that it belongs to")
    if not problem.goals:
        yield MissingPart(here, "goal")
    for goal in problem.goals:
        yield from _of_goal(goal, f"{here}, goal {goal.number}")


def _of_goal(goal: Goal, here: str) -> Iterable[MissingPart]:
    if not goal.words.strip():
        yield MissingPart(here, "words of the patient")
    if not goal.objectives:
        yield MissingPart(here, "objective")
    for objective in goal.objectives:
        yield from _of_objective(objective, f"{here}, objective {objective.number}")


def _of_objective(objective: Objective, here: str) -> Iterable[MissingPart]:
    if not objective.measure.strip():
        yield MissingPart(here, "measure")
    if not objective.target.strip():
        yield MissingPart(here, "target")
    if objective.due is None:
        yield MissingPart(here, "date")
    if not objective.interventions:
        yield MissingPart(here, "intervention")
    for intervention in objective.interventions:
        if intervention.kind is None:
            yield MissingPart(here, "kind of treatment for an intervention")
        if not intervention.weekly_minutes or intervention.weekly_minutes < 0:
            yield MissingPart(here, "weekly minutes for an intervention")


def may_sign(plan: Plan, untreated: Iterable[Untreated] = ()) -> None:
    """Refused, naming every missing part and every diagnosis that needs a problem, unless the plan is whole."""
    missing = [part.sentence for part in missing_parts(plan)]
    missing += [one.sentence for one in untreated if one.refuses]
    if missing:
        parts = " ".join(missing)
        raise Refused(f"The plan cannot be signed yet. {parts}")


def weekly_dose(plan: Plan) -> Mapping[Kind, int]:
    """Minutes a week ordered of each kind; only kinds that are ordered. Objectives met or given up order nothing more."""
    dose: dict[Kind, int] = {}
    for intervention in (i for o in _objectives(plan) if not (o.met or o.given_up) for i in o.interventions):
        if intervention.kind is not None and intervention.weekly_minutes:
            dose[intervention.kind] = dose.get(intervention.kind, 0) + intervention.weekly_minutes
    return {kind: dose[kind] for kind in Kind if kind in dose}


def outside_the_level(dose: Mapping[Kind, int], band: HoursBand) -> str | None:
    """A sentence when the dose does not fit the hours of the level; None when it does. It warns, never refuses."""
    minutes = sum(dose.values())
    if band.holds(Decimal(minutes) / 60):
        return None
    whole, rest = divmod(minutes, 60)
    said = f"{whole} h {rest} min" if whole and rest else f"{rest} minutes" if rest else f"{whole} hours"
    return f"The plan orders {said} a week; the level asks for {band}."


def less_than_ordered(dose: Mapping[Kind, int], ordered_minutes: int | None) -> str | None:
    """A sentence when the plan's treatments come to less a week than is ordered; None when they do not."""
    missing = (ordered_minutes or 0) - sum(dose.values())
    if missing <= 0:
        return None
    planned, ordered = (_plain(Decimal(m) / 60) for m in (sum(dose.values()), ordered_minutes or 0))
    return (
        f"The plan's treatments come to {planned} hours a week, {_plain(Decimal(missing) / 60)} fewer than the "
        f"{ordered} ordered; add minutes to the plan or lower the order."
    )


def may_order(minutes_per_week: int, days_least: int, days_most: int, doses: Mapping[str, int]) -> None:
    """Refused unless the weekly dose can be given: hours, days, and kinds that fit into the hours."""
    kinds = {kind.value for kind in Kind}
    for code, minutes in doses.items():
        if code not in kinds:
            raise Refused(f"There is no kind of treatment {code}; choose one from the list.")
        if minutes <= 0:
            raise Refused(f"{Kind(code).label} needs minutes above zero, or leave it out.")
    if not 0 <= minutes_per_week <= 3000:
        raise Refused("A week's order is 0 to 50 hours; correct the hours.")
    if not 0 <= days_least <= days_most <= 7:
        raise Refused("The days of a week go from 0 to 7, the least not above the most; correct the days.")
    if minutes_per_week and not days_most:
        raise Refused("Hours are ordered but no day to give them on; correct the days.")
    if sum(doses.values()) > minutes_per_week:
        raise Refused(
            f"The kinds come to {_plain(Decimal(sum(doses.values())) / 60)} hours, more than the "
            f"{_plain(Decimal(minutes_per_week) / 60)} ordered; raise the hours or lower a kind."
        )


def most_due_first(objectives: Iterable[Objective], today: date) -> tuple[Objective, ...]:
    """Objectives in the order in which a session should offer them: the golden thread from plan to note.

    Overdue ones first, then those never worked on, then those left alone the longest, then by date.
    Those met or given up are left out.
    """

    def order(objective: Objective) -> tuple[bool, date, date, int]:
        overdue = objective.due is not None and objective.due < today
        worked = objective.last_worked_on or date.min
        return (not overdue, worked, objective.due or date.max, objective.number)

    return tuple(sorted((o for o in objectives if not (o.met or o.given_up)), key=order))


def _objectives(plan: Plan) -> tuple[Objective, ...]:
    return tuple(o for problem in plan.problems for goal in problem.goals for o in goal.objectives)


def _plain(hours: Decimal) -> str:
    """Hours with at most two decimals, rounded down so that 8.99 is never shown as 9, and no trailing zeros."""
    return f"{hours.quantize(Decimal('0.01'), ROUND_DOWN).normalize():f}"
