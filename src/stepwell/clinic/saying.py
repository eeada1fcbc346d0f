"""How a rule says a day and a time in a sentence: the same words as on every page.

The filters of `ui` say the same for templates; the two know nothing of each other, and a test holds them together.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(on: date) -> str:
    """'Wed 25 Nov', for days near enough that nobody asks for the year."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def date_words(on: date) -> str:
    """'25 Nov 2026', for dates whose year matters: consents, benefits, rates."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """'6:00 pm' in the zone."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def day_and_clock(instant: datetime, zone: ZoneInfo) -> str:
    """'Wed 25 Nov, 6:00 pm' in the zone."""
    return f"{day_words(instant.astimezone(zone).date())}, {clock(instant, zone)}"
