"""Doses given, refused or held; when the next is due; side effects and how soon somebody must hear of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from stepwell.clinic.medication.rules.drugs import data, frequency
from stepwell.clinic.medication.rules.orders import Order
from stepwell.clinic.refusal import Refused


class DoseOutcome(StrEnum):
    """What happened to a dose."""

    GIVEN = "given"
    REFUSED = "refused"  # by the patient
    HELD = "held"  # by the nurse or prescriber


@dataclass(frozen=True)
class Dose:
    """A dose as recorded. ``amount`` only when given; ``note`` says why when it was not."""

    on: date
    outcome: DoseOutcome
    amount: Decimal | None = None
    note: str = ""


class DueState(StrEnum):
    """Where an order stands on a day."""

    NOT_IN_FORCE = "not in force"
    WHEN_NEEDED = "when needed"
    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True)
class DoseDue:
    """``on``: the day of the next dose (None when there is none). ``left``: doses still to give on that day."""

    state: DueState
    on: date | None
    left: int


def may_record_dose(order: Order, dose: Dose, recorded: Iterable[Dose] = ()) -> tuple[str, ...]:
    """Warnings on recording a dose. ``recorded``: the doses of this order so far.

    Refused: the order is not in force that day; given without an amount; not given without saying why; more doses
    given that day than ordered.
    """
    if not order.active(dose.on):
        raise Refused(f"This order is not in force on {dose.on:%-d %b %Y}; no dose can be recorded.")
    if dose.outcome is not DoseOutcome.GIVEN:
        if not dose.note.strip():
            raise Refused(f"Write why the dose was {dose.outcome.value}.")
        return ()
    if dose.amount is None or dose.amount <= 0:
        raise Refused("Write how much was given.")
    rhythm = frequency(order.frequency)
    given = sum(1 for d in recorded if d.on == dose.on and d.outcome is DoseOutcome.GIVEN)
    if rhythm.every_days is not None and given >= rhythm.doses_a_day:
        raise Refused(f"Every dose ordered for {dose.on:%-d %b %Y} has been given already.")
    if dose.amount != order.dose:
        return (f"{dose.amount:f} {order.unit} is not the ordered {order.dose:f} {order.unit}.",)
    return ()


def next_dose_due(order: Order, recorded: Iterable[Dose], today: date) -> DoseDue:
    """Where the order stands today. A dose refused or held counts as dealt with, and never as given.

    Daily orders look at today only: a day missed is not made up. Spaced orders (weekly, every 4 weeks) fall due so
    many days after the last dose given, and stay overdue until one is given.
    """
    rhythm = frequency(order.frequency)
    if order.stopped_on is not None and today >= order.stopped_on:
        return DoseDue(DueState.NOT_IN_FORCE, None, 0)
    if order.ends_on is not None and today > order.ends_on:
        return DoseDue(DueState.NOT_IN_FORCE, None, 0)
    if rhythm.every_days is None:
        active = order.active(today)
        return DoseDue(DueState.WHEN_NEEDED if active else DueState.NOT_IN_FORCE, None, 0)
    if today < order.starts_on:
        return DoseDue(DueState.LATER, order.starts_on, rhythm.doses_a_day)
    doses = [d for d in recorded if d.on <= today]
    dealt_with = sum(1 for d in doses if d.on == today)
    given = [d.on for d in doses if d.outcome is DoseOutcome.GIVEN]
    if rhythm.every_days == 0:  # once, on the first day
        return DoseDue(DueState.DONE, None, 0) if given else _due(order.starts_on, today, dealt_with, 1)
    if rhythm.every_days == 1:
        return _due(today, today, dealt_with, rhythm.doses_a_day)
    on = max(given) + timedelta(days=rhythm.every_days) if given else order.starts_on
    if given and max(given) == today:
        return DoseDue(DueState.DONE, on, 0)
    return DoseDue(DueState.LATER, on, 1) if today < on else _due(on, today, dealt_with, 1)


def _due(on: date, today: date, dealt_with: int, doses: int) -> DoseDue:
    left = max(0, doses - dealt_with)
    if not left:
        return DoseDue(DueState.DONE, on, 0)
    return DoseDue(DueState.DUE if on == today else DueState.OVERDUE, on, left)


class Severity(StrEnum):
    """How bad a side effect is."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True)
class SideEffectAdvice:
    """How soon somebody must hear of it, and the sentence that says so."""

    urgent: bool
    tell: str


def side_effects() -> tuple[str, ...]:
    """The checklist gone through at each visit."""
    return tuple(data()["side_effects"]["effects"])


def side_effect(effect: str, severity: Severity) -> SideEffectAdvice:
    """What follows from a side effect. Suicidal thoughts are urgent however mild. Refused when unnamed."""
    if not effect.strip():
        raise Refused("Name the side effect.")
    facts = data()["side_effects"]
    row = next(s for s in facts["severities"] if s["code"] == severity.value)
    if effect.strip().casefold() in facts["always_urgent"]:
        return SideEffectAdvice(
            True, "See the person today and ask about suicide; call 988 with them if needed."
        )
    return SideEffectAdvice(row["urgent"], row["tell"])
