"""Calls after discharge: when each is due, when to try again, and when it is settled."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import day_words


@dataclass(frozen=True, kw_only=True)
class FollowUpRule:
    """Days after discharge; so many attempts, spread over so many days, before somebody counts as unreachable."""

    days: tuple[int, ...]
    attempts: int
    over_days: int
    next_appointment_within_days: int


@dataclass(frozen=True, kw_only=True)
class FollowUpDue:
    """One call: how many days after discharge, and its day."""

    day: int
    due_on: date


class AttemptOutcome(StrEnum):
    """How one attempt ended."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    DECEASED = "deceased"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, by its local day."""

    on: date
    outcome: AttemptOutcome


class FollowUpState(StrEnum):
    """Upcoming, due or trying; then settled: reached, refused, unreachable or deceased."""

    UPCOMING = "upcoming"
    DUE = "due"
    TRYING = "trying"
    REACHED = "reached"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DECEASED = "deceased"


@dataclass(frozen=True, kw_only=True)
class FollowUpStanding:
    """The state, on which day somebody should call next (None when settled), and whether that day has passed."""

    state: FollowUpState
    next_try_on: date | None
    overdue: bool
    attempts_left: int
    sentence: str


@cache
def load_follow_up_rule() -> FollowUpRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.aftercare").joinpath("data/follow-up.json").read_text("utf-8"))
    return FollowUpRule(
        days=tuple(raw["days_after_discharge"]),
        attempts=raw["attempts"],
        over_days=raw["over_days"],
        next_appointment_within_days=raw["next_appointment_within_days"],
    )


def follow_ups_due(discharged_on: date, rule: FollowUpRule) -> tuple[FollowUpDue, ...]:
    """Every call of an episode that ended on a day, soonest first."""
    return tuple(
        FollowUpDue(day=day, due_on=discharged_on + timedelta(days=day)) for day in sorted(rule.days)
    )


def follow_up_standing(
    due_on: date, attempts: Iterable[Attempt], on: date, rule: FollowUpRule
) -> FollowUpStanding:
    """Where one call stands on a day.

    Unreachable only after the attempts of the rule on different days, the last at least `over_days` - 1 days
    after the first: three calls in one afternoon are one attempt, and three in two days need one more later.
    """
    tried = sorted(attempts, key=lambda a: a.on)
    settled = {
        AttemptOutcome.DECEASED: (FollowUpState.DECEASED, "The person has died; no more calls."),
        AttemptOutcome.REFUSED: (FollowUpState.REFUSED, "The person does not want calls."),
        AttemptOutcome.REACHED: (FollowUpState.REACHED, "Reached."),
    }
    for outcome, (state, sentence) in settled.items():
        if any(a.outcome is outcome for a in tried):
            return _settled(state, sentence)
    days = sorted({a.on for a in tried})
    left = max(0, rule.attempts - len(days))
    if not days:
        state = FollowUpState.UPCOMING if on < due_on else FollowUpState.DUE
        sentence = (
            f"Call on {day_words(due_on)}." if on <= due_on else f"The call was due on {day_words(due_on)}."
        )
        return FollowUpStanding(
            state=state, next_try_on=due_on, overdue=on > due_on, attempts_left=left, sentence=sentence
        )
    spread_until = days[0] + timedelta(days=rule.over_days - 1)
    if left == 0 and days[-1] >= spread_until:
        return _settled(
            FollowUpState.UNREACHABLE, f"Not reached in {len(days)} attempts; no more calls this time."
        )
    next_try = _next_try(days, spread_until, left)
    times = "once" if len(days) == 1 else f"on {len(days)} days"
    return FollowUpStanding(
        state=FollowUpState.TRYING,
        next_try_on=next_try,
        overdue=on > next_try,
        attempts_left=max(1, left),
        sentence=f"Tried {times}, not reached; try again on {day_words(next_try)}.",
    )


def _next_try(days: list[date], spread_until: date, left: int) -> date:
    """The attempts that are left, spread evenly up to the last day of the span; always after the last one."""
    if left <= 1:
        return max(spread_until, days[-1] + timedelta(days=1))
    gap = (spread_until - days[-1]).days // left
    return days[-1] + timedelta(days=max(1, gap))


def _settled(state: FollowUpState, sentence: str) -> FollowUpStanding:
    return FollowUpStanding(state=state, next_try_on=None, overdue=False, attempts_left=0, sentence=sentence)
