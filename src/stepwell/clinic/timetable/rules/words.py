"""Times and lengths of a draft week in words."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .planned import DAY

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def clock(minute: int) -> str:
    """'10:45 am' of a minute of the week."""
    hour, rest = divmod(minute % DAY, 60)
    return f"{hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}"


@lru_cache(maxsize=4096)  # asked for each session whether or not something is wrong with it
def moment(first_weekday: int, minute: int) -> str:
    """'Tue 10:45 am' of a minute of a week that begins on that weekday."""
    return f"{DAYS[(first_weekday + minute // DAY) % 7]} {clock(minute)}"


def length(minutes: int) -> str:
    """'90 minutes', '3 h', '7 h 30 min'."""
    if minutes < 120:
        return f"{minutes} minutes" if minutes != 1 else "1 minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
