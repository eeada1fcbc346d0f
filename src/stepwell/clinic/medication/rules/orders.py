"""Orders: what is refused, what only warns, and which are in force on a day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stepwell.clinic.medication.rules.drugs import Drug, drug, frequency, meant
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Step:
    """From this day of the order on (1 is its first day) one dose is so much."""

    from_day: int
    dose: Decimal


@dataclass(frozen=True)
class Order:
    """An order. ``drug``: a key of the content pack or a free name. ``dose``: of one dose, in ``unit``.

    ``steps`` titrate: the last one that has begun is the dose of a day; ``dose`` holds before and without them.
    """

    drug: str
    dose: Decimal
    unit: str
    route: str
    frequency: str
    starts_on: date
    ends_on: date | None = None
    stopped_on: date | None = None
    steps: tuple[Step, ...] = ()

    def dose_on(self, day: date) -> Decimal:
        """One dose on that day."""
        number = (day - self.starts_on).days + 1
        begun = [step for step in self.steps if step.from_day <= number]
        return max(begun, key=lambda step: step.from_day).dose if begun else self.dose

    def active(self, on: date) -> bool:
        """In force on the day: begun, not ended (the last day counts), not stopped (the day of stopping does not)."""
        if on < self.starts_on or (self.ends_on is not None and on > self.ends_on):
            return False
        return self.stopped_on is None or on < self.stopped_on


@dataclass(frozen=True)
class OrderCheck:
    """Warnings the prescriber sees and may pass over; ``start`` and ``watch`` are what to mind."""

    warnings: tuple[str, ...]
    start: tuple[str, ...]
    watch: tuple[str, ...]


def check_order(
    order: Order,
    *,
    site_is_otp: bool,
    others: Iterable[Order] = (),
    allergies: Collection[str] = (),
) -> OrderCheck:
    """Judge an order before it is signed. ``others``: the orders in force. ``allergies``: substances by name.

    Refused: no dose, an end before the start, an unknown frequency, methadone outside an opioid treatment program.
    A dose outside the usual range, a clash with another order or an allergy warns.
    """
    if order.dose <= 0:
        raise Refused("The dose must be more than zero.")
    if order.ends_on is not None and order.ends_on < order.starts_on:
        raise Refused(
            f"The order ends on {order.ends_on:%-d %b %Y}, before it starts on {order.starts_on:%-d %b %Y}."
        )
    frequency(order.frequency)
    _steps(order)
    known = drug(order.drug)
    if known is None:
        listed = meant(order.drug)
        if listed:
            raise Refused(
                f"{order.drug} is in the drug list; choose {' or '.join(d.name for d in listed)} there, "
                "so that what must be known before it is asked."
            )
        warning = f"{order.drug} is not in the drug list, so its dose was not checked."
        return OrderCheck((warning, *_allergy(order.drug, allergies)), (), ())
    if known.otp_only and not site_is_otp:
        raise Refused(
            f"{known.name} for opioid use disorder may only be ordered in an opioid treatment program; "
            "this site is not one. Refer the person to one."
        )
    warnings = (
        *_dose(order, known),
        *_route(order, known),
        *_clashes(order, known, others),
        *_allergy(f"{known.key} {known.name}", allergies),
        *(("Give naloxone for the home.",) if known.offer_naloxone and not _has_naloxone(others) else ()),
    )
    return OrderCheck(warnings, known.start, known.watch)


def active_on(orders: Iterable[Order], on: date) -> tuple[Order, ...]:
    """The orders in force on a day, the longest-standing first."""
    return tuple(sorted((o for o in orders if o.active(on)), key=lambda o: (o.starts_on, o.drug)))


def prescribed_classes(orders: Iterable[Order], on: date) -> frozenset[str]:
    """The test classes that orders in force explain: a positive there is expected."""
    known = [drug(order.drug) for order in active_on(orders, on)]
    return frozenset(code for one in known if one is not None for code in one.test_classes)


def _steps(order: Order) -> None:
    days = [step.from_day for step in order.steps]
    if any(day < 1 for day in days) or len(set(days)) != len(days):
        raise Refused("Each step begins on a day of its own, counted from 1, the first day of the order.")
    if days and min(days) != 1:
        raise Refused("The first step begins on day 1; write what is given on the first day.")
    if any(step.dose <= 0 for step in order.steps):
        raise Refused("The dose of each step must be more than zero.")


def _dose(order: Order, known: Drug) -> tuple[str, ...]:
    if not known.ranges:
        return (f"No usual range is on file for {known.name}, so the dose was not checked.",)
    fitting = [r for r in known.ranges if order.frequency in r.frequencies]
    if not fitting:
        return (f"{known.name} is not usually given {frequency(order.frequency).label}.",)
    usual = fitting[0]
    if order.unit != usual.unit:
        return (f"The dose is in {order.unit}; the usual range is in {usual.unit}, so it was not checked.",)
    if usual.low <= order.dose <= usual.high:
        return ()
    span = f"{usual.low}" if usual.low == usual.high else f"{usual.low} to {usual.high}"
    return (f"{order.dose:f} {order.unit} is outside the usual {span} {usual.unit} {usual.what}.",)


def _route(order: Order, known: Drug) -> tuple[str, ...]:
    if order.route in known.routes:
        return ()
    return (f"{known.name} is usually given {' or '.join(known.routes)}, not {order.route}.",)


def _clashes(order: Order, known: Drug, others: Iterable[Order]) -> tuple[str, ...]:
    # both ways: the older order may be the one that lists the clash, and future starts clash as well
    found = []
    for other in others:
        standing = drug(other.drug)
        ended = other.ends_on is not None and other.ends_on < order.starts_on
        stopped = other.stopped_on is not None and other.stopped_on <= order.starts_on
        if standing is None or ended or stopped:
            continue
        if standing.key in known.conflicts_with or known.key in standing.conflicts_with:
            found.append(f"{known.name} and {standing.name} work against each other; look at both orders.")
        elif standing.key == known.key:
            found.append(f"There is already an order for {known.name}; stop one of the two.")
    return tuple(found)


def _allergy(name: str, allergies: Collection[str]) -> tuple[str, ...]:
    words = name.casefold().replace(",", " ").split()
    return tuple(
        f"An allergy to {allergy} is on file." for allergy in allergies if allergy.casefold().strip() in words
    )


def _has_naloxone(others: Iterable[Order]) -> bool:
    return any(other.drug == "naloxone" for other in others)
