"""A group's wall times, expanded to instants: 17:30 stays 17:30 when the clocks change.

Two nights a year a wall time is odd. One that does not exist (02:30 in the spring gap) is moved forward by the
gap (03:30); one that exists twice (01:30 in the fall) is the first of the two. A session lasts its real minutes.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class WeeklyPattern:
    """Meets on these weekdays (Monday is 0) at a wall time for so many minutes.

    With `every_weeks` above 1 the week of `first_on` is the first one that counts; weeks begin on
    `week_starts`. `last_on` is the last possible day. `skipped` days do not meet, `added` ones do as well.
    """

    weekdays: frozenset[int]
    starts: time
    minutes: int
    first_on: date
    last_on: date | None = None
    every_weeks: int = 1
    week_starts: int = 0
    meets_on_holidays: bool = False
    skipped: frozenset[date] = frozenset()
    added: frozenset[date] = frozenset()


@dataclass(frozen=True, order=True)
class OccurrenceTime:
    """One meeting: the local day and its half-open instants [starts_utc, ends_utc)."""

    local_date: date
    starts_utc: datetime
    ends_utc: datetime


def wall_time_instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time on a local day, odd nights as this module's first lines say."""
    return datetime.combine(on, at.replace(fold=0), zone).astimezone(UTC)


def expand(
    pattern: WeeklyPattern,
    zone: ZoneInfo,
    from_date: date,
    until_date: date,
    holidays: Container[date] = frozenset(),
) -> tuple[OccurrenceTime, ...]:
    """Every meeting on local days in [from_date, until_date), in order.

    Raises ValueError for a pattern without minutes or with an interval below one week.
    """
    if pattern.minutes <= 0:
        raise ValueError("A meeting lasts at least one minute.")
    if pattern.every_weeks < 1:
        raise ValueError("A meeting repeats every week or less often.")
    meetings = []
    for day in (from_date + timedelta(days=n) for n in range((until_date - from_date).days)):
        if _meets(pattern, day, holidays):
            starts = wall_time_instant(day, pattern.starts, zone)
            meetings.append(OccurrenceTime(day, starts, starts + timedelta(minutes=pattern.minutes)))
    return tuple(meetings)


def _meets(pattern: WeeklyPattern, day: date, holidays: Container[date]) -> bool:
    if day in pattern.added:
        return True
    if day < pattern.first_on or (pattern.last_on is not None and day > pattern.last_on):
        return False
    if day.weekday() not in pattern.weekdays or day in pattern.skipped:
        return False
    if day in holidays and not pattern.meets_on_holidays:
        return False
    weeks = (_week_start(day, pattern) - _week_start(pattern.first_on, pattern)).days // 7
    return weeks % pattern.every_weeks == 0


def _week_start(day: date, pattern: WeeklyPattern) -> date:
    return day - timedelta(days=(day.weekday() - pattern.week_starts) % 7)


def topic_of_week(topics: Sequence[str], first: date, on: date) -> str:
    """The topic on a day: topics roll on by the week from the group's first day. "" for a group without topics."""
    return str(topics[(on - first).days // 7 % len(topics)]) if topics else ""
