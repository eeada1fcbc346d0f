"""The days of a planned episode, and what its estimate opens with, as dated data."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from .helps import Visit


@dataclass(frozen=True, kw_only=True)
class Planning:
    """The usual code, weeks and days a week; up to `every_other_day_up_to` days a week there is a day between two."""

    code: str
    weeks: int
    days_a_week: int
    every_other_day_up_to: int


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A service so many days a week, for `weeks` of the episode; None is all of it. Once is one day of one week."""

    code: str
    days_a_week: int
    weeks: int | None = None


@cache
def load_planning() -> Planning:
    """The numbers that ship with this version (data/planning.json)."""
    raw = json.loads(files("stepwell.clinic.coverage").joinpath("data/planning.json").read_text("utf-8"))
    return Planning(
        code=raw["code"],
        weeks=raw["weeks"],
        days_a_week=raw["days_a_week"],
        every_other_day_up_to=raw["every_other_day_up_to"],
    )


def can_be_planned(first: date) -> bool:
    """Whether a first day is one of this or the last century or the next: others are slips, and years end."""
    return 1900 <= first.year < 2200


def planned_days(starts_on: date, weeks: int, days_a_week: int, planning: Planning) -> list[date]:
    """The days of a planned episode, in order."""
    step = 2 if days_a_week <= planning.every_other_day_up_to else 1
    return [
        starts_on + timedelta(days=7 * week + step * day)
        for week in range(weeks)
        for day in range(days_a_week)
    ]


def planned_visits(
    orders: Iterable[Ordered], starts_on: date, weeks: int, planning: Planning
) -> tuple[Visit, ...]:
    """The visits of all services ordered, in order of their days."""
    found = [
        Visit(on=day, code=order.code)
        for order in orders
        for day in planned_days(
            starts_on, weeks if order.weeks is None else min(weeks, order.weeks), order.days_a_week, planning
        )
    ]
    return tuple(sorted(found, key=lambda visit: (visit.on, visit.code)))


def days_for(minutes_a_week: int, minutes_a_day: int) -> int:
    """How many days a week the ordered minutes take, 7 at most: 9 hours at 3 hours a day are 3 days, 10 are 4."""
    if minutes_a_week < 1 or minutes_a_day < 1:
        raise ValueError("Hours ordered and hours of a day are above zero.")
    return min(7, -(-minutes_a_week // minutes_a_day))
