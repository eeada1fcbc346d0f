"""How a payer is usually asked, as dated data."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What the form opens with (`level`, `weeks`, `days_a_week`), the most units, and how far the lists look."""

    level: str
    weeks: int
    days_a_week: int
    most_units: int
    denials_listed: timedelta
    bookings_after_end: timedelta


@cache
def load_asking() -> Asking:
    """The numbers that ship with this version (data/asking.json)."""
    raw = json.loads(files("stepwell.clinic.authorization").joinpath("data/asking.json").read_text("utf-8"))
    return Asking(
        level=raw["level"],
        weeks=raw["weeks"],
        days_a_week=raw["days_a_week"],
        most_units=raw["most_units"],
        denials_listed=timedelta(days=raw["denials_listed_days"]),
        bookings_after_end=timedelta(days=raw["bookings_after_end_days"]),
    )
