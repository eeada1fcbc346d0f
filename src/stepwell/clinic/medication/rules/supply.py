"""Doses taken away: how many may go home at once, and when what a pharmacy filled runs out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stepwell.clinic.medication.rules.drugs import data, frequency
from stepwell.clinic.medication.rules.orders import Order
from stepwell.clinic.refusal import Refused

_FAR = 730
"""Days looked ahead: a supply for longer than two years is a slip of the pen."""


@dataclass(frozen=True)
class Filled:
    """What was filled on a day: so many pieces of a strength in the order's unit, and refills left."""

    on: date
    pieces: Decimal
    strength: Decimal
    refills_left: int = 0


@dataclass(frozen=True)
class RunsOut:
    """``last_day`` is the last day with a whole dose; ``ask_on``: from then on the refill is work to do."""

    last_day: date
    ask_on: date
    refills_left: int


def most_take_home(drug: str, treatment_day: int) -> int:
    """How many doses may go home on that day of treatment (1 is the first)."""
    rows = data("administration")["take_home"]
    own = [r for r in rows if drug in r["drugs"]] or [r for r in rows if not r["drugs"]]
    return max((r["most"] for r in own if r["from_day"] <= treatment_day), default=0)


def may_take_home(order: Order, *, doses: int, first_day: date, today: date, treatment_day: int) -> date:
    """The last day that the doses cover. Refused for none, too many, or days on which the order is not in force."""
    most = most_take_home(order.drug, treatment_day)
    if not 1 <= doses <= most:
        raise Refused(
            f"From 1 to {most} doses may go home on day {treatment_day} of the treatment; write fewer."
        )
    rhythm = frequency(order.frequency)
    if rhythm.every_days != 1 or rhythm.doses_a_day != 1:
        raise Refused("Doses to take home are for an order of one dose a day.")
    last = first_day + timedelta(days=doses - 1)
    if first_day < today:
        raise Refused("The first day at home lies back; choose today or a later day.")
    if not order.active(first_day) or not order.active(last):
        raise Refused("The order is not in force on all of these days; write fewer doses or order anew.")
    return last


def runs_out(order: Order, filled: Iterable[Filled]) -> RunsOut | None:
    """When what was filled runs out by the ordered dose, fills added up; None when it cannot be told.

    It cannot for doses when needed, and without a fill. A fill before the first day of the order counts from it.
    """
    rhythm = frequency(order.frequency)
    fills = sorted(filled, key=lambda f: f.on)
    if not fills or not rhythm.every_days:
        return None
    stock, day, last, waiting = Decimal(0), max(fills[0].on, order.starts_on), None, list(fills)
    limit = day + timedelta(days=_FAR)
    while day <= limit:
        while waiting and max(waiting[0].on, order.starts_on) <= day:
            fill = waiting.pop(0)
            stock += fill.pieces * fill.strength
        if (day - order.starts_on).days % rhythm.every_days == 0:
            need = order.dose_on(day) * rhythm.doses_a_day
            if stock < need:
                if not waiting:
                    break
                day = max(waiting[0].on, day + timedelta(days=1))  # a gap: the next fill begins anew
                continue
            stock -= need
        last = day
        day += timedelta(days=1)
    ends = last if last is not None else fills[-1].on - timedelta(days=1)
    if order.ends_on is not None:
        ends = min(ends, order.ends_on)
    ask = ends - timedelta(days=data("watching")["refill"]["ask_days_before"] - 1)
    return RunsOut(ends, ask, fills[-1].refills_left)
