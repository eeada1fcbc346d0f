"""An authorization projected along the booked week to the session that will exceed it.

Days count once whatever was attended on them; hours count as attended. The review is due on the earlier of two
days: some business days before the end, and the day on which a share of the units is used or will be.
What was asked for the days after calms it: approved it says so, without an answer it says since when it waits.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import day_words


class Unit(StrEnum):
    """What the payer counts."""

    DAY = "day"
    HOUR = "hour"


class Tone(StrEnum):
    """How loud a list shows it."""

    GOOD = "good"
    ASKED = "asked"
    WATCH = "watch"
    ALERT = "alert"


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """What the payer approved: units on days from `starts_on` through `ends_on`, for these codes."""

    number: str
    unit: Unit
    approved: Decimal
    starts_on: date
    ends_on: date
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class FollowOn:
    """What was asked for further days of the same service; `number` is empty until the payer approves it."""

    starts_on: date
    ends_on: date
    asked_on: date
    number: str = ""
    id: int | str | None = None

    @property
    def approved(self) -> bool:
        return bool(self.number)


@dataclass(frozen=True, kw_only=True)
class Use:
    """One session attended or booked: its local day and its minutes."""

    on: date
    minutes: int
    session_id: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewRule:
    """When the review is due, and from how many days before it an authorization is watched."""

    business_days_before_end: int
    share_of_units: Decimal
    watch_days: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All amounts in the authorization's unit; `left` is approved less used, `booked` is still to come.

    `projected_exhaustion_date` is the day of the first session, attended or booked, that exceeds what was
    approved (`exceeding_session_id`); None when the bookings fit. `followed_by` is what covers the day on which
    it is needed next, approved or still asked for; booked sessions that an approved one covers are not uncovered.
    """

    approved: Decimal
    used: Decimal
    booked: Decimal
    left: Decimal
    projected_exhaustion_date: date | None
    exceeding_session_id: int | str | None
    uncovered_booked: Decimal
    review_due: date
    sentence: str
    tone: Tone
    followed_by: FollowOn | None = None


@cache
def load_review_rule() -> ReviewRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.authorization").joinpath("data/review.json").read_text("utf-8"))
    return ReviewRule(
        business_days_before_end=raw["business_days_before_end"],
        share_of_units=Decimal(raw["share_of_units"]),
        watch_days=raw["watch_days"],
    )


def covers(authorization: Authorization, on: date, code: str) -> bool:
    """Is this day and code within what was approved (whatever is left of it)?"""
    within = authorization.starts_on <= on <= authorization.ends_on
    return within and (not authorization.codes or code in authorization.codes)


def standing(
    authorization: Authorization,
    used: Iterable[Use],
    booked: Iterable[Use],
    at: date,
    *,
    rule: ReviewRule,
    holidays: Collection[date] = frozenset(),
    after: Iterable[FollowOn] = (),
) -> Standing:
    """Where it stands on the day `at`. Sessions outside its days count nowhere but in `uncovered_booked`.

    `after`: what was asked for the same service besides, approved or without an answer (never what was denied).
    """
    past = [u for u in used if _within(authorization, u.on)]
    to_come = sorted(booked, key=lambda u: u.on)
    inside = [u for u in to_come if _within(authorization, u.on)]
    used_units = _amount(authorization.unit, past)
    all_units = _amount(authorization.unit, [*past, *inside])
    exceeding = _crossing(authorization, past, inside, authorization.approved, exceed=True)
    review_due = _review_due(authorization, past, inside, rule, holidays)
    left = authorization.approved - used_units
    follow_ons = tuple(after)
    beyond = [u for u in to_come if u.on > authorization.ends_on]
    needed = exceeding.on if exceeding else min((u.on for u in beyond), default=_next(authorization.ends_on))
    followed_by = _follow_on(needed, authorization, follow_ons)
    held = [f for f in follow_ons if f.approved]
    beyond = [u for u in beyond if not any(f.starts_on <= u.on <= f.ends_on for f in held)]
    uncovered = max(Decimal(0), all_units - authorization.approved - max(Decimal(0), -left)) + _amount(
        authorization.unit, beyond
    )
    if followed_by is not None:
        tone, sentence = _said_of_follow_on(authorization, left, followed_by, at)
    else:
        tone, sentence = _said(authorization, left, exceeding, beyond, review_due, at, rule)
    return Standing(
        approved=authorization.approved,
        used=used_units,
        booked=all_units - used_units,
        left=left,
        projected_exhaustion_date=exceeding.on if exceeding else None,
        exceeding_session_id=exceeding.session_id if exceeding else None,
        uncovered_booked=uncovered,
        review_due=review_due,
        sentence=sentence,
        tone=tone,
        followed_by=followed_by,
    )


def _next(on: date) -> date:
    return on + timedelta(days=1)


def _follow_on(needed: date, authorization: Authorization, after: Collection[FollowOn]) -> FollowOn | None:
    """What covers the day on which it is needed next; an approved one before one that only was asked for."""
    fitting = [f for f in after if f.starts_on <= needed <= f.ends_on and f.ends_on > authorization.ends_on]
    return min(fitting, key=lambda f: (not f.approved, f.starts_on, f.ends_on), default=None)


def _said_of_follow_on(
    authorization: Authorization, left: Decimal, next_one: FollowOn, at: date
) -> tuple[Tone, str]:
    ended = at > authorization.ends_on
    now = (
        f"Ended on {day_words(authorization.ends_on)}"
        if ended
        else f"{_units(authorization, max(left, Decimal(0)))} left"
    )
    if next_one.approved:
        until = day_words(next_one.ends_on)
        return (
            Tone.GOOD,
            f"{now}; {next_one.number} covers the days from {day_words(next_one.starts_on)} to {until}.",
        )
    return (
        Tone.ASKED,
        f"{now}; the days from {day_words(next_one.starts_on)} were requested on {day_words(next_one.asked_on)}.",
    )


def _within(authorization: Authorization, on: date) -> bool:
    return authorization.starts_on <= on <= authorization.ends_on


def _amount(unit: Unit, uses: Collection[Use]) -> Decimal:
    """Days: distinct days. Hours: minutes as hours, exact to two decimals in total."""
    if unit is Unit.DAY:
        return Decimal(len({u.on for u in uses if u.minutes > 0}))
    return (Decimal(sum(u.minutes for u in uses)) / 60).quantize(Decimal("0.01"))


def _crossing(
    authorization: Authorization,
    past: Collection[Use],
    inside: Collection[Use],
    limit: Decimal,
    *,
    exceed: bool,
) -> Use | None:
    """The first session, in order of days, with which the units go over (or reach) the limit."""
    so_far: list[Use] = []
    for use in sorted([*past, *inside], key=lambda u: u.on):
        so_far.append(use)
        amount = _amount(authorization.unit, so_far)
        if amount > limit or (not exceed and amount >= limit):
            return use
    return None


def _review_due(
    authorization: Authorization,
    past: Collection[Use],
    inside: Collection[Use],
    rule: ReviewRule,
    holidays: Collection[date],
) -> date:
    by_end = authorization.ends_on
    left = rule.business_days_before_end
    while left:
        by_end -= timedelta(days=1)
        if by_end.weekday() < 5 and by_end not in holidays:
            left -= 1
    by_units = _crossing(
        authorization, past, inside, authorization.approved * rule.share_of_units, exceed=False
    )
    return max(authorization.starts_on, min(by_end, by_units.on) if by_units else by_end)


def _said(
    authorization: Authorization,
    left: Decimal,
    exceeding: Use | None,
    beyond: Collection[Use],
    review_due: date,
    at: date,
    rule: ReviewRule,
) -> tuple[Tone, str]:
    if at > authorization.ends_on:
        return (
            Tone.ALERT,
            f"The authorization ended on {day_words(authorization.ends_on)}; ask the payer for a new one.",
        )
    if exceeding is not None and left < 0:
        return (
            Tone.ALERT,
            f"{_units(authorization, -left)} more than approved are used; ask the payer for more.",
        )
    if exceeding is not None:
        close = (exceeding.on - at).days <= rule.watch_days or review_due <= at
        return (
            Tone.ALERT if close else Tone.WATCH,
            f"{_units(authorization, left)} left; the session of {day_words(exceeding.on)} will exceed them.",
        )
    if review_due <= at:
        return (
            Tone.ALERT,
            f"{_units(authorization, left)} left; the review was due on {day_words(review_due)}.",
        )
    if beyond:
        first = min(u.on for u in beyond)
        return (
            Tone.WATCH,
            f"{_units(authorization, left)} left; the session of {day_words(first)} lies after its end.",
        )
    if (review_due - at).days <= rule.watch_days:
        return (
            Tone.WATCH,
            f"{_units(authorization, left)} left; the review is due on {day_words(review_due)}.",
        )
    return Tone.GOOD, f"{_units(authorization, left)} left until {day_words(authorization.ends_on)}."


def _units(authorization: Authorization, amount: Decimal) -> str:
    shown = f"{amount:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return f"{shown} {authorization.unit.value}{'' if amount == 1 else 's'}"
