"""The days of a planned episode, and what its estimate opens with, as dated data."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Planning:
    """The usual code, weeks and days a week; up to `every_other_day_up_to` days a week there is a day between two."""

    code: str
    weeks: int
    days_a_week: int
    every_other_day_up_to: int


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


def planned_days(starts_on: date, weeks: int, days_a_week: int, planning: Planning) -> list[date]:
    """The days of a planned episode, in order."""
    step = 2 if days_a_week <= planning.every_other_day_up_to else 1
    return [
        starts_on + timedelta(days=7 * week + step * day)
        for week in range(weeks)
        for day in range(days_a_week)
    ]
