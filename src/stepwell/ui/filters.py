"""Template filters: how Stepwell says days, times, hours and money.

Time filters take aware datetimes and an optional zone name; without one they speak in Django's current
zone. A naive datetime is a mistake and raises ValueError. An unknown value (None) is shown as a dash.
"""

import zoneinfo
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

UNKNOWN = "—"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
QUARTERS = {0: "", 15: "¼", 30: "½", 45: "¾"}


def _local(value: datetime, zone: str | None) -> datetime:
    return timezone.localtime(value, zoneinfo.ZoneInfo(zone) if zone else None)


def _day_of(value: date | datetime, zone: str | None) -> date:
    return _local(value, zone) if isinstance(value, datetime) else value


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """'Wed 25 Nov'."""
    if value is None:
        return UNKNOWN
    at = _day_of(value, zone)
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}"


def day_long(value: date | datetime | None, zone: str | None = None) -> str:
    """'Wednesday 25 November'."""
    if value is None:
        return UNKNOWN
    at = _day_of(value, zone)
    return f"{LONG_DAYS[at.weekday()]} {at.day} {LONG_MONTHS[at.month - 1]}"


def date_full(value: date | datetime | None, zone: str | None = None) -> str:
    """'25 Nov 2026', for dates whose year matters: births, expiries, signatures."""
    if value is None:
        return UNKNOWN
    at = _day_of(value, zone)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def clock(value: datetime | None, zone: str | None = None) -> str:
    """'6:00 pm'."""
    if value is None:
        return UNKNOWN
    at = _local(value, zone)
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def moment(value: datetime | None, zone: str | None = None) -> str:
    """'Wed 25 Nov, 6:00 pm'."""
    if value is None:
        return UNKNOWN
    at = _local(value, zone)
    half = "am" if at.hour < 12 else "pm"
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}, {at.hour % 12 or 12}:{at.minute:02} {half}"


def span(start: datetime | None, end: datetime | None, zone: str | None = None) -> str:
    """'6:00 – 7:30 pm'; the half of the day is said twice only when it changes."""
    if start is None or end is None:
        return UNKNOWN
    first, last = clock(start, zone), clock(end, zone)
    same_half = first[-2:] == last[-2:] and _local(start, zone).date() == _local(end, zone).date()
    return f"{first[:-3] if same_half else first} – {last}"


def hours(minutes: float | None) -> str:
    """Minutes as decimal hours without idle zeros: 450 -> '7.5', 540 -> '9'."""
    if minutes is None:
        return UNKNOWN
    exact = (Decimal(str(minutes)) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{exact:f}".rstrip("0").rstrip(".")


def hours_words(minutes: float | None) -> str:
    """Minutes as people write hours: 270 -> '4½'; what is no quarter of an hour stays decimal."""
    if minutes is None:
        return UNKNOWN
    whole, rest = divmod(int(minutes), 60)
    if rest not in QUARTERS or minutes != int(minutes):
        return hours(minutes)
    return f"{whole or ''}{QUARTERS[rest]}" or "0"


def hours_said(minutes: int | None) -> str:
    """For '… of 9 hours': 270 -> '4½', 313 -> '5 h 13 min', 50 -> '50 min'."""
    if minutes is None or minutes % 60 in QUARTERS:
        return hours_words(minutes)
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if whole else f"{rest} min"


def hours_short(minutes: float | None) -> str:
    """For a gauge: halves as decimals, the rest as said: 450 -> '7.5 h', 540 -> '9 h', 167 -> '2 h 47 min'."""
    if minutes is None or minutes % 30 == 0 or minutes != int(minutes):
        return UNKNOWN if minutes is None else f"{hours(minutes)} h"
    whole, rest = divmod(int(minutes), 60)
    return f"{whole} h {rest} min" if whole else f"{rest} min"


def money(value: Decimal | int | str | None) -> str:
    """'$1,234.50'; a negative amount carries a true minus sign."""
    if value is None:
        return UNKNOWN
    amount = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"


def _length(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    days = minutes // (24 * 60)
    if days < 14:
        return plural(days, "day")
    if days < 61:
        return plural(days // 7, "week")
    if days < 730:
        return plural(days // 30, "month")
    return plural(days // 365, "year")


def age(value: datetime | timedelta | None, now: datetime | None = None) -> str:
    """How long since (or until) `value`: '40 min', '3 days', '5 weeks'. A timedelta is said as it is."""
    if value is None:
        return UNKNOWN
    length = value if isinstance(value, timedelta) else (now or timezone.now()) - value
    return _length(abs(length.total_seconds()))


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """'3 days ago', 'in 40 min', 'just now'."""
    if value is None:
        return UNKNOWN
    seconds = ((now or timezone.now()) - value).total_seconds()
    if abs(seconds) < 60:
        return "just now"
    return f"{_length(seconds)} ago" if seconds > 0 else f"in {_length(-seconds)}"


def days_ahead(value: datetime | None, now: datetime | None = None) -> str:
    """How many nights until `value`, by the calendar: 'today', 'tomorrow', 'in 2 days'."""
    if value is None:
        return UNKNOWN
    nights = (_local(value, None).date() - _local(now or timezone.now(), None).date()).days
    return "today" if nights <= 0 else "tomorrow" if nights == 1 else f"in {nights} days"


def plural(count: int, one: str, many: str | None = None) -> str:
    """'1 session', '3 sessions'; `many` for words that do not take an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


FILTERS = {
    "day": day,
    "day_long": day_long,
    "date_full": date_full,
    "clock": clock,
    "moment": moment,
    "span": span,
    "hours": hours,
    "hours_words": hours_words,
    "hours_said": hours_said,
    "hours_short": hours_short,
    "money": money,
    "age": age,
    "ago": ago,
    "days_ahead": days_ahead,
    "plural": plural,
}
