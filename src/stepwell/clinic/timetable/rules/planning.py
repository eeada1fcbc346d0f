"""What planning a week takes: defaults where nobody has said otherwise, and what an order means for one week."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """Minutes, except `solve_seconds` to choose from, `solve_usual`, `silent_after` (seconds) and `attempts`.

    `weeks_ahead`: how far ahead a plan can be begun; `weeks_made`: for how many weeks ahead sessions are made.
    """

    above_the_order: int
    day_worth_the_way: int
    day_most: int
    load: Mapping[str, int]
    owed_kinds: frozenset[str]
    owed_longest: int
    owed_every: int
    solve_seconds: tuple[int, ...]
    solve_usual: int
    silent_after: int
    attempts: int
    weeks_ahead: int
    weeks_made: int


@cache
def load_defaults() -> Defaults:
    """What ships with this version (timetable/data/week.json)."""
    raw = json.loads(files("stepwell.clinic.timetable").joinpath("data/week.json").read_text("utf-8"))
    return Defaults(
        above_the_order=raw["patient"]["above_the_order"],
        day_worth_the_way=raw["patient"]["day_worth_the_way"],
        day_most=raw["patient"]["day_most"],
        load=raw["facilitator"],
        owed_kinds=frozenset(raw["owed"]["kinds"]),
        owed_longest=raw["owed"]["longest"],
        owed_every=raw["owed"]["every"],
        solve_seconds=tuple(raw["solve"]["seconds"]),
        solve_usual=raw["solve"]["usual"],
        silent_after=raw["solve"]["silent_after"],
        attempts=raw["solve"]["attempts"],
        weeks_ahead=raw["weeks_ahead"],
        weeks_made=raw["weeks_made"],
    )


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as planning reads it: it holds from `starts_on` up to, not including, `ends_on` or the next one."""

    minutes: int
    days_least: int
    days_most: int
    doses: Mapping[str, int]
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one week should give: minutes, days least and most, minutes by kind, and on how many days it is ordered."""

    minutes: int
    days: tuple[int, int]
    doses: Mapping[str, int]
    of_days: int


def wanted_in(orders: Iterable[Order], week_start: date) -> Wanted | None:
    """The week that begins on `week_start`; None when nothing is ordered on any of its days.

    Each day counts a seventh of the order in force on it, rounded up over the week, as the ledger of hours counts.
    Days are those of the last order of the week, never more than it is in force.
    """
    orders = tuple(orders)
    of_day = [_in_force(orders, week_start + timedelta(days=n)) for n in range(7)]
    held = [order for order in of_day if order is not None]
    if not held:
        return None
    last = held[-1]
    kinds = sorted({kind for order in held for kind in order.doses})
    doses = {kind: -(-sum(int(order.doses.get(kind, 0)) for order in held) // 7) for kind in kinds}
    minutes = -(-sum(order.minutes for order in held) // 7)
    most = min(last.days_most, len(held))
    return Wanted(
        minutes=minutes or sum(doses.values()),
        days=(min(last.days_least, most), most),
        doses={kind: dose for kind, dose in doses.items() if dose},
        of_days=len(held),
    )


def _in_force(orders: tuple[Order, ...], day: date) -> Order | None:
    standing = [o for o in orders if o.starts_on <= day and (o.ends_on is None or day < o.ends_on)]
    return max(standing, key=lambda o: o.starts_on) if standing else None


def parts_of(minutes: int, longest: int) -> tuple[int, ...]:
    """Minutes of individual treatment as sessions of at most `longest`, as equal as can be: 90 are 45 and 45."""
    if minutes <= 0:
        return ()
    count = -(-minutes // longest)
    return tuple(minutes // count + (place < minutes % count) for place in range(count))
