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
    ordered = order.dose_on(dose.on)
    if dose.amount != ordered:
        return (f"{dose.amount:f} {order.unit} is not the ordered {ordered:f} {order.unit}.",)
    return ()


def injection_sites(route: str) -> tuple[tuple[str, str], ...]:
    """(code, words) of the sites of an injected route; none for a route that is not injected."""
    found = next((r["sites"] for r in data("administration")["injections"] if r["route"] == route), ())
    return tuple((code, label) for code, label in found)


def may_inject(route: str, site: str, lot: str) -> None:
    """An injection names its site and its lot. Refused when it does not, or for a site that nothing is injected."""
    sites = injection_sites(route)
    if not sites:
        if site:
            raise Refused("Only an injection has an injection site; leave it empty.")
        return
    if site not in {code for code, _ in sites}:
        raise Refused("Choose where the injection was given.")
    if not lot.strip():
        raise Refused("Write the lot number of the injection; it stands on the package.")


def next_site(route: str, last: str) -> str:
    """The site after the last one, in turn; the first when nothing was injected yet, empty when not injected."""
    codes = [code for code, _ in injection_sites(route)]
    if not codes:
        return ""
    return codes[(codes.index(last) + 1) % len(codes)] if last in codes else codes[0]


def is_start(given: Iterable[date], today: date) -> bool:
    """Whether a dose today begins the treatment, or begins it again after a long gap."""
    days = [day for day in given if day <= today]
    return not days or (today - max(days)).days > data("administration")["start_again_after_days"]


def next_dose_due(
    order: Order, recorded: Iterable[Dose], today: date, home: Iterable[tuple[date, date]] = ()
) -> DoseDue:
    """Where the order stands today. A dose refused or held counts as dealt with, and never as given.

    ``home``: first and last day of the doses given to take at home; such a day is dealt with.

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
    until = max((last for first, last in home if first <= today <= last), default=None)
    if until is not None:
        return DoseDue(DueState.DONE, until + timedelta(days=1), 0)
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
