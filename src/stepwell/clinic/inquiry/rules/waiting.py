"""How old an inquiry is and by when it should be answered, counted in the minutes in which the site is open."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class AnswerRule:
    """Open minutes until an answer is due, usual and urgent, and from which share of them it is watched."""

    usual_minutes: int
    urgent_minutes: int
    watch_share: Decimal


@dataclass(frozen=True, kw_only=True)
class AnswerTimes:
    """What a site's director set: minutes usual and urgent, from a day on."""

    usual_minutes: int
    urgent_minutes: int
    starts_on: date
    set_at: datetime


@dataclass(frozen=True, kw_only=True)
class OpenHours:
    """One stretch of one weekday (Monday is 0) in wall time [opens, closes)."""

    weekday: int
    opens: time
    closes: time


class Tone(StrEnum):
    """How loud the queue shows it."""

    GOOD = "good"
    WATCH = "watch"
    ALERT = "alert"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Age in minutes by the clock, when the answer is due, whether it is overdue, and the sentence."""

    minutes: int
    due_at: datetime
    overdue: bool
    tone: Tone
    sentence: str


@cache
def load_answer_rule() -> AnswerRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/answering.json").read_text("utf-8"))
    return AnswerRule(
        usual_minutes=raw["usual_minutes"],
        urgent_minutes=raw["urgent_minutes"],
        watch_share=Decimal(raw["watch_share"]),
    )


def answer_rule_on(day: date, times: Sequence[AnswerTimes], usual: AnswerRule | None = None) -> AnswerRule:
    """The rule in force on a day of the site: what was set last of what has begun, else the usual one."""
    rule = load_answer_rule() if usual is None else usual
    begun = [t for t in times if t.starts_on <= day]
    if not begun:
        return rule
    newest = max(begun, key=lambda t: (t.starts_on, t.set_at))
    return replace(rule, usual_minutes=newest.usual_minutes, urgent_minutes=newest.urgent_minutes)


def answer_times_fault(usual_minutes: int, urgent_minutes: int, starts_on: date, today: date) -> str:
    """Why these times cannot be set, in a sentence; empty when they can."""
    if not 5 <= usual_minutes <= 7 * 24 * 60:
        return "The usual time to answer is between 5 minutes and 7 days. Nothing was saved."
    if not 5 <= urgent_minutes <= 240:
        return "The time to answer when there is danger is between 5 minutes and 4 hours. Nothing was saved."
    if urgent_minutes > usual_minutes:
        return "Danger cannot wait longer than everything else. Check the two times; nothing was saved."
    if starts_on < today:
        return "That day is over, and what was promised then stays. Choose today or later; nothing was saved."
    return ""


def waiting(
    received_at: datetime,
    now: datetime,
    zone: ZoneInfo,
    rule: AnswerRule,
    *,
    urgent: bool = False,
    open_hours: Sequence[OpenHours] = (),
) -> Waiting:
    """Where a waiting inquiry stands. Without open hours every minute counts; an urgent one never waits for them."""
    allowed = rule.urgent_minutes if urgent else rule.usual_minutes
    hours = () if urgent else open_hours
    due_at = _after_open_minutes(received_at, allowed, zone, hours)
    minutes = max(0, int((now - received_at).total_seconds() // 60))
    overdue = now >= due_at
    watch_at = _after_open_minutes(received_at, int(allowed * rule.watch_share), zone, hours)
    local = due_at.astimezone(zone)
    if overdue:
        tone, sentence = Tone.ALERT, f"Waiting for {_age(minutes)}; an answer was due {_when(local)}."
    else:
        tone = Tone.WATCH if now >= watch_at or urgent else Tone.GOOD
        sentence = f"Waiting for {_age(minutes)}; answer by {_when(local)}."
    return Waiting(minutes=minutes, due_at=due_at, overdue=overdue, tone=tone, sentence=sentence)


def _after_open_minutes(
    start: datetime, minutes: int, zone: ZoneInfo, open_hours: Sequence[OpenHours]
) -> datetime:
    """The instant after so many open minutes from `start`; by the clock when the site has no open minute."""
    if not any(h.opens < h.closes for h in open_hours):
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = start.astimezone(zone).date()
    while True:
        for hours in sorted((h for h in open_hours if h.weekday == day.weekday()), key=lambda h: h.opens):
            opens = datetime.combine(day, hours.opens, zone).astimezone(UTC)
            closes = datetime.combine(day, hours.closes, zone).astimezone(UTC)
            begins = max(start, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(timedelta(0), closes - begins)
        day += timedelta(days=1)


def _age(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def _when(local: datetime) -> str:
    return f"{local:%A} {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
