"""Where an agreed payment plan stands: what is due, what was missed, when a person looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stepwell.clinic.coverage.rules import ZERO, Money, PlanRules, total

from .data import AssistanceRules


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One instalment with what was paid of it."""

    number: int
    due_on: date
    amount: Money
    paid: Money


@dataclass(frozen=True, kw_only=True)
class PlanStanding:
    """`missed`: numbers of instalments past their day and not paid in full. `review_due`: a person looks now."""

    paid: Money
    owed: Money
    missed: tuple[int, ...]
    next: Owed | None
    review_due: bool
    finished: bool


class Reminder(StrEnum):
    """Why somebody is reminded: the day is near, or it has passed."""

    SOON = "soon"
    LATE = "late"


def plan_standing(
    instalments: Sequence[Owed], *, today: date, rules: PlanRules, missed_at_review: int = 0
) -> PlanStanding:
    """Nothing is collected by itself: so many missed ask a person, and each one more asks again."""
    open_ones = [one for one in instalments if one.paid < one.amount]
    missed = tuple(one.number for one in open_ones if one.due_on < today)
    return PlanStanding(
        paid=total(one.paid for one in instalments),
        owed=total(one.amount - one.paid for one in open_ones),
        missed=missed,
        next=min(open_ones, key=lambda one: (one.due_on, one.number), default=None),
        review_due=len(missed) >= rules.missed_for_review and len(missed) > missed_at_review,
        finished=not open_ones,
    )


def reminder_due(
    one: Owed, *, today: date, told: frozenset[Reminder], rules: AssistanceRules
) -> Reminder | None:
    """One reminder before the day and one after it, each once; nothing for what is paid."""
    if one.amount - one.paid <= ZERO:
        return None
    if today > one.due_on + timedelta(days=rules.remind_late_days):
        return None if Reminder.LATE in told else Reminder.LATE
    near = one.due_on - timedelta(days=rules.remind_ahead_days) <= today <= one.due_on
    return Reminder.SOON if near and Reminder.SOON not in told else None
