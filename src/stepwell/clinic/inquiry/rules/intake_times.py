"""When an intake can be: free times of staff and rooms within the site's hours; and when an inquiry may be closed."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from .free_times import FreeTime, FreeWeek
from .waiting import OpenHours

Span = tuple[datetime, datetime]
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True)
class ClosingReason:
    """Why an inquiry ends without a referral; `needs_tries` when the person must have been tried often enough."""

    key: str
    words: str
    needs_tries: bool


@dataclass(frozen=True, kw_only=True)
class IntakeRule:
    """Lengths offered in minutes (the first is usual), the grid, the soonest start, how far and how much to offer.

    A time of one's own lies within `shortest_minutes` and `longest_minutes`, at most `booked_ahead_days` ahead.
    """

    minutes: tuple[int, ...]
    shortest_minutes: int
    longest_minutes: int
    booked_ahead_days: int
    step_minutes: int
    lead_minutes: int
    days_ahead: int
    offers: int
    offers_a_day: int
    tries_before_closing: int
    closing_reasons: Mapping[str, ClosingReason]


@dataclass(frozen=True, kw_only=True)
class IntakeTime:
    """A time that is free for this member of staff and this room (None by video). `fits`: in the person's free week."""

    starts: datetime
    ends: datetime
    staff_id: int
    room_id: int | None
    fits: bool


@cache
def load_intake_rule() -> IntakeRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/intake.json").read_text("utf-8"))
    return IntakeRule(
        minutes=tuple(raw["minutes"]),
        shortest_minutes=raw["shortest_minutes"],
        longest_minutes=raw["longest_minutes"],
        booked_ahead_days=raw["booked_ahead_days"],
        step_minutes=raw["step_minutes"],
        lead_minutes=raw["lead_minutes"],
        days_ahead=raw["days_ahead"],
        offers=raw["offers"],
        offers_a_day=raw["offers_a_day"],
        tries_before_closing=raw["tries_before_closing"],
        closing_reasons={row["key"]: ClosingReason(**row) for row in raw["closing_reasons"]},
    )


def intake_times(
    *,
    now: datetime,
    zone: ZoneInfo,
    rule: IntakeRule,
    minutes: int,
    open_hours: Sequence[OpenHours],
    staff: Mapping[int, Sequence[Span]],
    rooms: Mapping[int, Sequence[Span]] | None,
    free: FreeWeek,
    closed: Collection[date] = (),
) -> tuple[IntakeTime, ...]:
    """The next times to offer, soonest first.

    `staff` and `rooms` hold the taken spans of each who could be chosen, in the order of choice; `rooms` is
    None for an intake by video; nothing is offered on `closed` days. Times in the person's free week come before others; the soonest of all is
    always among them, for those who should not wait.
    """
    found = list(_possible(now, zone, rule, minutes, open_hours, staff, rooms, free, closed))
    fitting = _spread([t for t in found if t.fits], zone, rule.offers_a_day)[: rule.offers]
    if len(fitting) < rule.offers_a_day:
        chosen = {*fitting, *_spread(found, zone, rule.offers_a_day)[: rule.offers - len(fitting)]}
    else:
        chosen = {*fitting, *found[:1]}
    return tuple(sorted(chosen, key=lambda t: t.starts))[: rule.offers]


def outside_hours(starts: datetime, ends: datetime, zone: ZoneInfo, open_hours: Sequence[OpenHours]) -> str:
    """The sentence when the site is not open for the whole time; empty when it is, or has told no hours."""
    local, last = starts.astimezone(zone), ends.astimezone(zone)
    of_day = sorted((h for h in open_hours if h.weekday == local.weekday()), key=lambda h: h.opens)
    within = local.date() == last.date() and any(
        h.opens <= local.time() and last.time() <= h.closes for h in of_day
    )
    if within or not open_hours:
        return ""
    name = WEEKDAY_NAMES[local.weekday()]
    if not of_day:
        return f"The site is closed on {name}s. Choose another day; nothing was booked."
    hours = " and ".join(f"{_clock(h.opens)} to {_clock(h.closes)}" for h in of_day)
    return f"On {name}s the site is open from {hours}. Choose a time within; nothing was booked."


def closing_gap(reason: str, attempts: int, answered: bool, rule: IntakeRule) -> str:
    """What is missing before an inquiry may be closed for this reason; empty when nothing is."""
    known = rule.closing_reasons.get(reason)
    if known is None:
        return "Choose why the inquiry is closed; nothing was saved."
    if known.needs_tries and not answered and attempts < rule.tries_before_closing:
        tried = {0: "Nobody has tried yet", 1: "Tried once so far"}.get(
            attempts, f"Tried {attempts} times so far"
        )
        return (
            f"{tried}. Try {rule.tries_before_closing} times before the inquiry is closed as not reached; "
            "nothing was saved."
        )
    return ""


def _possible(
    now: datetime,
    zone: ZoneInfo,
    rule: IntakeRule,
    minutes: int,
    open_hours: Sequence[OpenHours],
    staff: Mapping[int, Sequence[Span]],
    rooms: Mapping[int, Sequence[Span]] | None,
    free: FreeWeek,
    closed: Collection[date],
) -> Iterator[IntakeTime]:
    length, step = timedelta(minutes=minutes), timedelta(minutes=rule.step_minutes)
    soonest, today = now + timedelta(minutes=rule.lead_minutes), now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(rule.days_ahead + 1))
    for day in (one for one in days if one not in closed):
        for starts, closes in _open_spans(day, zone, open_hours):
            while starts + length <= closes:
                ends = starts + length
                if starts >= soonest:
                    who = _first_free(staff, starts, ends)
                    where = _first_free(rooms, starts, ends) if rooms is not None else None
                    if who is not None and (rooms is None or where is not None):
                        yield IntakeTime(
                            starts=starts,
                            ends=ends,
                            staff_id=who,
                            room_id=where,
                            fits=free.covers(_of_week(starts, ends, zone)),
                        )
                starts += step


def _open_spans(day: date, zone: ZoneInfo, open_hours: Sequence[OpenHours]) -> Iterator[Span]:
    for hours in sorted((h for h in open_hours if h.weekday == day.weekday()), key=lambda h: h.opens):
        yield (
            datetime.combine(day, hours.opens, zone).astimezone(UTC),
            datetime.combine(day, hours.closes, zone).astimezone(UTC),
        )


def _first_free(taken: Mapping[int, Sequence[Span]], starts: datetime, ends: datetime) -> int | None:
    for key, spans in taken.items():
        if not any(begins < ends and starts < until for begins, until in spans):
            return key
    return None


def _of_week(starts: datetime, ends: datetime, zone: ZoneInfo) -> FreeTime:
    local = starts.astimezone(zone)
    return FreeTime(local.weekday(), local.time(), ends.astimezone(zone).time())


def _spread(times: Iterable[IntakeTime], zone: ZoneInfo, a_day: int) -> list[IntakeTime]:
    """At most so many a day, none overlapping the one before: real choices instead of every half hour."""
    chosen: list[IntakeTime] = []
    for time in times:
        day = time.starts.astimezone(zone).date()
        same = [t for t in chosen if t.starts.astimezone(zone).date() == day]
        if len(same) < a_day and all(time.starts >= t.ends for t in same):
            chosen.append(time)
    return chosen


def _clock(at: object) -> str:
    hour, minute = int(f"{at:%H}"), f"{at:%M}"
    return f"{hour % 12 or 12}:{minute} {'am' if hour < 12 else 'pm'}"
