"""How the timetable says a time in a sentence."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_and_clock(instant: datetime, zone: ZoneInfo) -> str:
    """'Wed 25 Nov, 6:00 pm' in the zone."""
    local = instant.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}, {clock(instant, zone)}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """'6:00 pm' in the zone."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def day_words(on: date) -> str:
    """'Wed 25 Nov'."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"
