"""Which free seats would mend a week, for this person, the best first, each with its reasons."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.rules.windows import Fit, Window, fit, spans_on

from .chances import minutes_of
from .days import CountableDays, makes_count
from .ledger import Opening, Session, Week, hours_text
from .mends import would_fit

Wall = tuple[date, time, time, bool]
"""Day, beginning and end of an opening in wall time, and whether it ends on the same day."""


class Suits(IntEnum):
    """How the time suits the person; a lower one is better. Usual: no windows are known, but she comes then."""

    PREFERRED = 0
    POSSIBLE = 1
    USUAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, kw_only=True)
class DatedWindow:
    """A time of the week at which the person can come, from a day on, to a day (included) or without end."""

    window: Window
    first_on: date
    last_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class MakeUp:
    """One seat: how it suits, what it would mend, and why it stands where it stands, in words."""

    opening: Opening
    minutes: int
    suits: Suits
    dose_short: int
    makes_day: date | None
    covers: bool
    new_topic: bool
    reasons: tuple[str, ...]

    @property
    def asks_first(self) -> bool:
        """Whether nobody knows that the time suits."""
        return self.suits is Suits.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class OfferRule:
    """How long an offer is held and how many there are."""

    held: timedelta
    held_at_once: timedelta
    closes_before: timedelta
    at_once_most: int
    listed_most: int
    choices_most: int


@cache
def load_offers() -> OfferRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.hours").joinpath("data/make_ups.json").read_text("utf-8"))
    return OfferRule(
        held=timedelta(hours=raw["held_hours"]),
        held_at_once=timedelta(minutes=raw["held_at_once_minutes"]),
        closes_before=timedelta(minutes=raw["closes_before_minutes"]),
        at_once_most=raw["at_once_most"],
        listed_most=raw["listed_most"],
        choices_most=raw["choices_most"],
    )


def held_until(at: datetime, starts: datetime, rule: OfferRule, *, at_once: bool = False) -> datetime:
    """Until when a seat offered at `at` is held: for the rule's time, and not past the session's closing.

    Offered when that has passed already, it is held until the session begins.
    """
    until = at + (rule.held_at_once if at_once else rule.held)
    closes = starts - rule.closes_before
    return min(until, closes if closes > at else starts)


def suits(
    opening: Opening, windows: Iterable[DatedWindow], sessions: Iterable[Session], zone: ZoneInfo
) -> Suits | None:
    """How the time suits; None when the person said she cannot come then.

    Without windows the times of her present sessions decide: it begins between the earliest beginning and the
    latest end of any day.
    """
    starts, ends = opening.starts.astimezone(zone), opening.ends.astimezone(zone)
    on = starts.date()
    known = [w.window for w in windows if w.first_on <= on and (w.last_on is None or on <= w.last_on)]
    if known:
        if ends.date() != on:
            return None
        found = fit(known, on.weekday(), starts.time(), ends.time(), opening.mode)
        return {Fit.NO: None, Fit.POSSIBLE: Suits.POSSIBLE, Fit.PREFERRED: Suits.PREFERRED}[found]
    own = [(s.starts.astimezone(zone).time(), s.ends.astimezone(zone).time()) for s in sessions]
    if own and min(a for a, _ in own) <= starts.time() < max(b for _, b in own):
        return Suits.USUAL
    return Suits.UNKNOWN


def can_come(
    openings: Iterable[Opening],
    windows: Iterable[DatedWindow],
    zone: ZoneInfo,
    walls: dict[object, Wall] | None = None,
) -> tuple[Opening, ...]:
    """The openings at which the person can come as far as anybody knows: those for which `suits` is not None.

    `walls` keeps their wall times from one person to the next: hundreds are asked about the same hundred openings.
    """
    said = list(windows)
    if not said:
        return tuple(openings)
    walls = {} if walls is None else walls
    of_day: dict[tuple[date, str], tuple[tuple[time, time], ...] | None] = {}
    found = []
    for one in openings:
        wall = walls.get(one.id)
        if wall is None:
            starts, ends = one.starts.astimezone(zone), one.ends.astimezone(zone)
            wall = walls[one.id] = (starts.date(), starts.time(), ends.time(), starts.date() == ends.date())
        on, begins, stops, same_day = wall
        if (on, one.mode) not in of_day:
            known = [w.window for w in said if w.first_on <= on and (w.last_on is None or on <= w.last_on)]
            of_day[on, one.mode] = spans_on(known, on.weekday(), one.mode) if known else None
        spans = of_day[on, one.mode]
        if spans is None:
            found.append(one)  # nothing is known of that day
        elif same_day and begins < stops:
            for first, last in spans:
                if first <= begins and stops <= last:
                    found.append(one)
                    break
    return tuple(found)


def make_ups(
    week: Week,
    days: CountableDays | None,
    sessions: Collection[Session],
    openings: Iterable[Opening],
    now: datetime,
    zone: ZoneInfo,
    *,
    windows: Sequence[DatedWindow] = (),
    topics_had: Collection[tuple[str, str]] = (),
) -> tuple[MakeUp, ...]:
    """The openings that would help this week and at which the person can come, the best first.

    In this order: a time known to suit before one nobody knows of; the kind of treatment that lacks most; a day
    that it makes count for the payer; all that is missing before a part; a topic (curriculum, topic) not had yet; a
    preferred time; the shorter of two that cover, the longer of two that do not; the earlier. Seats are seen to by
    whoever gives the openings.
    """
    own = [s for s in sessions if not s.cancelled]
    short = {dose.kind: dose.short for dose in week.doses if dose.short}
    found = []
    for opening in openings:
        day = makes_count(days, opening, zone) if days is not None else None
        dose = short.get(opening.kind, 0)
        if not (week.missing or dose or day) or not would_fit(opening, own, now):
            continue
        how = suits(opening, windows, own, zone)
        if how is None:
            continue
        minutes = minutes_of((opening.starts, opening.ends))
        new = bool(opening.topic) and (opening.curriculum, opening.topic) not in topics_had
        covers = 0 < week.missing <= minutes
        found.append(
            MakeUp(
                opening=opening,
                minutes=minutes,
                suits=how,
                dose_short=dose,
                makes_day=day,
                covers=covers,
                new_topic=new,
                reasons=_reasons(week, opening, minutes, how, dose, day, covers, new),
            )
        )
    return tuple(sorted(found, key=_order))


def _order(one: MakeUp) -> tuple[object, ...]:
    return (
        one.suits is Suits.UNKNOWN,
        -one.dose_short,
        one.makes_day is None,
        not one.covers,
        not one.new_topic,
        one.suits,
        one.minutes if one.covers else -one.minutes,
        one.opening.starts,
        str(one.opening.id),
    )


def _reasons(
    week: Week,
    opening: Opening,
    minutes: int,
    how: Suits,
    dose: int,
    day: date | None,
    covers: bool,
    new: bool,
) -> tuple[str, ...]:
    said = []
    if covers:
        said.append("covers all that is missing")
    elif week.missing:
        said.append(f"gives {hours_text(minutes)} of {hours_text(week.missing)}")
    if dose:
        said.append(f"{kind_words(opening.kind)} {hours_text(dose)} short")
    if day:
        said.append(f"makes {day:%A} count for the payer")
    if new:
        said.append(f"new topic: {opening.topic}")
    if how is Suits.PREFERRED:
        said.append("a preferred time")
    elif how is Suits.UNKNOWN:
        said.append("not a usual time, ask first")
    return tuple(said)


def kind_words(kind: str) -> str:
    """A kind of treatment within a sentence: "skills training"."""
    known = Kind(kind).label if kind in set(Kind) else kind.replace("_", " ")
    return known[:1].lower() + known[1:]
