"""Business days: Monday to Friday except federal holidays, which are dated data."""

import calendar
import json
from datetime import MAXYEAR, date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The days of a year on which federal holidays are kept (data/business-days.json).

    The first of January that is kept on 31 December belongs to the year before.
    """
    raw = _on_file()
    kept = {
        _kept(date(of, row["month"], row["day"]))
        for of in range(year, min(year + 1, MAXYEAR) + 1)
        for row in raw["fixed"]
        if of >= row["since"]
    }
    kept |= {
        _nth(year, row["month"], row["weekday"], row["nth"]) for row in raw["nth"] if year >= row["since"]
    }
    return frozenset(day for day in kept if day.year == year)


def is_business_day(day: date) -> bool:
    """True on Monday to Friday when no federal holiday is kept."""
    return day.weekday() < 5 and day not in federal_holidays(day.year)


def business_days_after(day: date, count: int) -> date:
    """The business day `count` business days after `day`; `day` itself does not count. 0 is `day`."""
    for _ in range(count):
        day += timedelta(days=1)
        while not is_business_day(day):
            day += timedelta(days=1)
    return day


def business_days_before(day: date, count: int) -> date:
    """The business day `count` business days before `day`; `day` itself does not count."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_business_day(day):
            day -= timedelta(days=1)
    return day


def business_days_between(first: date, last: date) -> int:
    """How many business days `last` lies after `first`: 1 from a Friday to the Monday after. 0 when it does not."""
    days = (last - first).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    weekdays = 5 * weeks + sum((first.weekday() + n) % 7 < 5 for n in range(1, rest + 1))
    kept = (day for year in range(first.year, last.year + 1) for day in federal_holidays(year))
    return weekdays - sum(first < day <= last and day.weekday() < 5 for day in kept)


@cache
def _on_file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("stepwell.clinic.coverage").joinpath("data/business-days.json").read_text("utf-8")
    )
    return found


def _kept(day: date) -> date:
    if day.weekday() == 5:
        return day - timedelta(days=1)
    return day + timedelta(days=1) if day.weekday() == 6 else day


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - weekday) % 7)
