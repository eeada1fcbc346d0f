"""Opening hours as people say them."""

from __future__ import annotations

from datetime import time
from itertools import groupby
from typing import Any

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def hours_said(rows: Any) -> list[tuple[str, str]]:
    """[('Monday to Friday', '8:00 am to 6:00 pm'), ...] from rows with weekday, opens and closes."""
    of_day = {
        day: tuple(sorted((row.opens, row.closes) for row in rows if row.weekday == day)) for day in range(7)
    }
    said = []
    for hours, days in groupby(range(7), key=lambda day: of_day[day]):
        run = list(days)
        if hours:
            name = _DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]} to {_DAYS[run[-1]]}"
            said.append((name, " and ".join(f"{_clock(a)} to {_clock(b)}" for a, b in hours)))
    return said


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"
