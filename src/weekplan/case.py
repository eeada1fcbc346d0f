"""The case: everything that a week is computed from, as the optimiser knows it.

All values are immutable. Times are minutes of wall time in the site's zone, counted from the week's first
day at 00:00 (`day * 1440 + minute of the day`); lengths are minutes. The JSON that people and programs write
is described in `docs/algorithms/week.md` and in `schema/case-1.json`; `reading.py` turns it into this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DAY: Final = 1440
"""Minutes of a day of wall time."""


class Mode(StrEnum):
    """How a session is held, the same for all who sit in it."""

    ON_SITE = "on_site"
    VIDEO = "video"


class Fixed(StrEnum):
    """What may still be done with a session that is already on the calendar."""

    NO = "no"  # published: may be moved, refilled or dropped, at a cost
    LOCKED = "locked"  # stays with its time, room, leaders and people; others may still join
    DELIVERED = "delivered"  # has been held: nothing about it changes


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`, in minutes of the week."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        return self.end - self.start

    @property
    def day(self) -> int:
        return self.start // DAY

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Window:
    """A time at which a patient can come. `preferred` costs nothing, merely possible a little."""

    span: Span
    preferred: bool = True
    modes: frozenset[Mode] = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class Room:
    id: str
    capacity: int  # patients, without those who lead
    features: frozenset[str]
    hours: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Facilitator:
    id: str
    leads: frozenset[str]  # kinds of treatment
    coleads: frozenset[str]  # kinds, beside one who leads
    credentials: frozenset[str]
    available: tuple[Span, ...]
    day_most: int  # minutes of sessions
    week_most: int
    week_usual: int  # above it is overtime
    rest: int  # minutes between two sessions
    travel: int  # minutes between a session on site and one by video, instead of `rest` if longer


@dataclass(frozen=True, slots=True)
class Offer:
    """A group or class that the site can hold, as often as `times` says."""

    id: str
    kind: str
    minutes: int
    least: int  # people without whom it is not held
    good: int  # fewer than this is thin, and costs
    most: int
    modes: frozenset[Mode]
    times: tuple[int, int]  # least and most sessions in this week
    each: int  # at most so often for one patient in this week
    starts: tuple[int, ...]  # minutes of the week at which a session may begin
    leaders: int  # 1, or 2: one leads, one co-leads
    needs: frozenset[str] = frozenset()  # tags that a patient must have: population, language, trauma track
    tracks: frozenset[str] = frozenset()  # empty: any
    members: frozenset[str] | None = None  # a closed series: only these
    topic: str | None = None  # curriculum position: who has had it does not sit in it again
    credentials: frozenset[str] = frozenset()  # the leader holds all of them
    features: frozenset[str] = frozenset()  # of the room


@dataclass(frozen=True, slots=True)
class Owed:
    """An individual or family session that a patient is owed in this week."""

    id: str
    kind: str
    minutes: int
    leaders: tuple[str, ...]  # any one of these facilitators
    modes: frozenset[Mode]
    starts: tuple[int, ...]
    room: frozenset[str] | None = None  # features of the room it needs; None: the leader's own


@dataclass(frozen=True, slots=True)
class Patient:
    id: str
    ordered: int  # minutes in this week
    most: int  # minutes in this week that may not be passed
    days: tuple[int, int]  # least (a wish) and most (a rule)
    day_least: int  # minutes of a day worth the way: a wish
    day_most: int  # a rule
    countable: int  # minutes that make a day count for the payer; 0: no such rule
    windows: tuple[Window, ...]
    doses: tuple[tuple[str, int], ...]  # kind, minutes ordered in this week
    video_most: int  # minutes by video at most
    owed: tuple[Owed, ...] = ()
    apart: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    track: str | None = None
    had: frozenset[str] = frozenset()  # topics
    used_to: tuple[tuple[str, int], ...] = ()  # (offer, start) of last week's sessions


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that is on the calendar of this week already."""

    id: str
    offer: str | None  # None: an individual or family session
    owed: str | None
    span: Span
    mode: Mode
    room: str | None
    leaders: tuple[str, ...]
    people: tuple[str, ...]
    fixed: Fixed = Fixed.NO
    others: int = 0  # seats taken by people who are not in this case


@dataclass(frozen=True, slots=True)
class Weights:
    """What each unmet wish costs, in points. Per minute where the name says so."""

    short_per_minute: int = 40  # of the ordered minutes
    dose_short_per_minute: int = 20  # of a kind of treatment
    owed_missing: int = 2000  # an individual or family session that is owed
    countable_day_missing: int = 1500  # of `days` least, if the payer counts days
    day_missing: int = 600  # of `days` least, otherwise
    thin_day: int = 120  # a day with fewer minutes than worth the way
    offer_missing: int = 400  # each session that an offer should be held (`times` least) and is not
    session: int = 60  # each group session held
    thin_group_per_seat: int = 20  # each seat below the good size
    overtime_per_minute: int = 4
    idle_per_minute: int = 1  # of a wait between two sessions of a day, above `idle_free`
    trip: int = 60  # each day on which a patient comes to the house
    possible_time: int = 30  # each seat at a time that is possible, not preferred
    unaccustomed: int = 20  # each session of last week that a patient does not keep
    moved: int = 80  # each seat of the published week that is taken away
    changed_session: int = 40  # each published session that is dropped, or has another room or leader
    idle_free: int = 30  # minutes between two sessions that are no wait


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    zone: str
    starts_on: str  # ISO date of day 0
    grid: int
    closed: frozenset[int]  # days of the week that are holidays
    now: int  # nothing begins before this minute
    rooms: tuple[Room, ...]
    facilitators: tuple[Facilitator, ...]
    offers: tuple[Offer, ...]
    patients: tuple[Patient, ...]
    standing: tuple[Standing, ...] = ()
    weights: Weights = field(default_factory=Weights)
