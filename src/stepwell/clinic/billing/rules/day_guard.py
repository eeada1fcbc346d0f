"""The billable-day guard: who will be short of the payer's day, by how much, and what would do while it still can."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from stepwell.clinic.coverage.rules import PayerRule, Unit
from stepwell.clinic.saying import clock


@dataclass(frozen=True, slots=True)
class DaySession:
    """One session of the person's day. `minutes`: attended, or what can still come of it; `done` tells which.

    Of somebody in the room it is what remains after coming late and stepping out. An absence is done with 0.
    """

    id: int | str
    kind: str
    starts: datetime
    ends: datetime
    minutes: int
    done: bool


@dataclass(frozen=True, slots=True)
class SeatToday:
    """A session of the rest of the day with a seat that fits the person; `kind` as the payer's rule names it."""

    id: int | str
    title: str
    kind: str
    starts: datetime
    ends: datetime


class DayStands(StrEnum):
    """Reached: enough attended. On course: what is booked suffices. Short: it does not, and it can be mended.

    Lost: too little of the day is left. Uncounted: the payer does not pay by the day, or no session counts.
    """

    REACHED = "reached"
    ON_COURSE = "on_course"
    SHORT = "short"
    LOST = "lost"
    UNCOUNTED = "uncounted"


@dataclass(frozen=True, slots=True)
class Way:
    """Something that would help: a seat (`seat` is its id) or, without one, time alone with somebody.

    `covers`: it is all that is missing.
    """

    minutes: int
    covers: bool
    sentence: str
    seat: int | str | None = None


@dataclass(frozen=True, slots=True)
class Guarded:
    """One person's day in minutes; `short` is what neither attendance nor booking covers of `needed`."""

    stands: DayStands
    needed: int
    attended: int
    booked: int
    short: int
    ways: tuple[Way, ...] = ()

    @property
    def mendable(self) -> bool:
        return self.stands is DayStands.SHORT


@dataclass(frozen=True, kw_only=True)
class GuardRule:
    """Numbers of data/guard.json."""

    stay_within: timedelta
    ways_most: int
    alone_least: int
    alone_most: int


@cache
def load_guard() -> GuardRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.billing").joinpath("data/guard.json").read_text("utf-8"))
    return GuardRule(
        stay_within=timedelta(minutes=raw["stay_within"]),
        ways_most=raw["ways_most"],
        alone_least=raw["alone_least"],
        alone_most=raw["alone_most"],
    )


def guard(
    sessions: Iterable[DaySession],
    rule: PayerRule | None,
    at: datetime,
    zone: ZoneInfo,
    *,
    seats: Iterable[SeatToday] = (),
    closes: datetime,
) -> Guarded:
    """One person's day as it stands at `at` under the payer's rule for the day; None: nobody counts days.

    Only sessions of the kinds that the rule takes count. `closes` is when the program's day ends: a day that lacks
    more minutes than are left until then is lost. A seat must begin after `at`, be over nothing the person has, and
    be of a kind that counts.
    """
    mine = sorted(sessions, key=lambda s: (s.starts, str(s.id)))
    counted = [s for s in mine if rule is not None and s.kind in rule.sessions]
    if rule is None or rule.unit is not Unit.PER_DIEM or not counted:
        return Guarded(DayStands.UNCOUNTED, 0, 0, 0, 0)
    attended = sum(s.minutes for s in counted if s.done)
    booked = sum(s.minutes for s in counted if not s.done)
    needed = rule.minimum_minutes
    short = max(0, needed - attended - booked)
    if attended >= needed:
        stands = DayStands.REACHED
    elif not short:
        stands = DayStands.ON_COURSE
    elif _minutes(at, closes) < short:
        stands = DayStands.LOST
    else:
        ways = _ways(mine, rule, at, zone, short, tuple(seats), closes)
        return Guarded(DayStands.SHORT, needed, attended, booked, short, ways)
    return Guarded(stands, needed, attended, booked, short)


def guarded_sentence(days: Sequence[Guarded]) -> str:
    """'Two people are 20 minutes short of 3 hours today.' of those that can still be mended; "" for nobody."""
    short = [day for day in days if day.mendable]
    if not short:
        return ""
    people = f"{_count(len(short))} {'person is' if len(short) == 1 else 'people are'}"
    lacks = sorted({day.short for day in short})
    needs = {day.needed for day in short}
    by = f"{lacks[0]} minutes" if len(lacks) == 1 else f"{lacks[0]} to {lacks[-1]} minutes"
    of = _hours(needs.pop()) if len(needs) == 1 else "a billable day"
    return f"{people} {by} short of {of} today."


def _ways(
    mine: Sequence[DaySession],
    rule: PayerRule,
    at: datetime,
    zone: ZoneInfo,
    short: int,
    seats: Sequence[SeatToday],
    closes: datetime,
) -> tuple[Way, ...]:
    own = load_guard()
    ends = [s.ends for s in mine if not s.done or s.minutes > 0]
    found: list[tuple[tuple[bool, int, datetime], Way]] = []
    for seat in seats:
        if seat.kind not in rule.sessions or seat.starts <= at:
            continue
        if any(seat.starts < s.ends and s.starts < seat.ends for s in mine if not s.done):
            continue
        minutes = _minutes(seat.starts, seat.ends)
        covers = minutes >= short
        stays = any(timedelta(0) <= seat.starts - end <= own.stay_within for end in ends)
        word = "Stay for" if stays else "A seat in"
        gives = "" if covers else f", {minutes} of {short} min"
        way = Way(minutes, covers, f"{word} {seat.title} at {clock(seat.starts, zone)}{gives}", seat.id)
        found.append(((not covers, minutes if covers else -minutes, seat.starts), way))
    ways = [way for _, way in sorted(found, key=lambda pair: pair[0])][: own.ways_most]
    last = max([at, *(s.ends for s in mine if not s.done)])
    alone = max(short, own.alone_least)
    fits = "individual" in rule.sessions and alone <= own.alone_most and _minutes(last, closes) >= alone
    if fits and not any(way.covers for way in ways):
        ways.append(Way(alone, True, f"{alone} min alone with somebody after {clock(last, zone)}"))
    return tuple(ways)


def _minutes(first: datetime, last: datetime) -> int:
    """Whole minutes; 0 when last is not after first."""
    return max(0, int((last.astimezone(UTC) - first.astimezone(UTC)).total_seconds() // 60))


_NUMBERS = ("Nobody", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _hours(minutes: int) -> str:
    if minutes % 60:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hour{'' if hours == 1 else 's'}"
