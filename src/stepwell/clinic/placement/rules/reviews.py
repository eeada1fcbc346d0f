"""Reviews: when the team looks again, and the signs that point up or down."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.placement.rules.levels import Level, offered_levels
from stepwell.clinic.placement.rules.nearest import Direction
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Cadence:
    """A review after so many days or so many hours of treatment, whichever comes first."""

    every_days: int
    every_treatment_hours: Decimal


@dataclass(frozen=True)
class ReviewDue:
    """``on``: the last day by which to review. ``due``: whether it is due today, and why."""

    on: date
    due: bool
    because: str


class Way(StrEnum):
    """Where a review leads."""

    CONTINUE = "continue"
    STEP_DOWN = "step_down"
    STEP_UP = "step_up"
    DISCHARGE = "discharge"


@dataclass(frozen=True)
class ReviewOutcome:
    """What a review ended in, and where that leads."""

    code: str
    way: Way
    label: str

    @property
    def stays(self) -> bool:
        """Whether the level stays as it is."""
        return self.way is Way.CONTINUE


@dataclass(frozen=True)
class Suggestion:
    """What a review is prepared with. ``level``: where it leads; None is discharge. ``because``: in sentences."""

    outcome: str
    way: Way
    level: Level | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """What is known of the last weeks; None while unknown. Shares are 0 to 1. Changes are now minus before."""

    weeks_at_level: int | None = None
    attendance_four_weeks: float | None = None
    days_without_use: int | None = None
    bam_use: int | None = None
    bam_risk: int | None = None
    bam_risk_change: int | None = None
    phq9: int | None = None
    phq9_change: int | None = None
    goals_met: float | None = None
    positive_or_refused_tests_14_days: int | None = None
    craving_rising: bool | None = None
    missed_sessions_14_days_without_contact: int | None = None
    cssrs: str | None = None
    ciwa: int | None = None
    cows: int | None = None
    housing_lost: bool | None = None
    overdose: bool | None = None


@dataclass(frozen=True)
class Criterion:
    """One condition of stepping down: met, not met, or None when nobody knows."""

    code: str
    met: bool | None
    sentence: str


@dataclass(frozen=True)
class Signal:
    """A sign that another level may be right. ``urgent``: act today."""

    direction: Direction
    code: str
    sentence: str
    urgent: bool


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.placement").joinpath("data", "reviews.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def default_cadence() -> Cadence:
    """The cadence of the data file."""
    cadence = _data()["cadence"]
    return Cadence(cadence["every_days"], Decimal(cadence["every_treatment_hours"]))


def review_outcomes() -> tuple[ReviewOutcome, ...]:
    """The ways a review can end: three that continue, five that move on."""
    return tuple(ReviewOutcome(row["code"], Way(row["way"]), row["label"]) for row in _data()["outcomes"])


def review_outcome(code: str) -> ReviewOutcome:
    """One of them. Refused for another code."""
    for known in review_outcomes():
        if known.code == code:
            return known
    raise Refused("Choose from the list how the review ends.")


def review_fits(outcome: ReviewOutcome, now: Level, aim: Level | None, summary: str) -> None:
    """Whether outcome, level and summary go together. Refused otherwise, with what to choose."""
    if outcome.way is Way.DISCHARGE:
        if aim is not None:
            raise Refused("A review that ends in discharge recommends no level; leave the level empty.")
    elif aim is None:
        raise Refused("Choose the level that you recommend.")
    elif outcome.way is Way.CONTINUE and aim is not now:
        raise Refused(f"Going on means level {now}; choose it, or an outcome that moves.")
    elif outcome.way is Way.STEP_DOWN and aim >= now:
        raise Refused(f"Level {aim} is not less care than level {now}; choose a lower level.")
    elif outcome.way is Way.STEP_UP and aim <= now:
        raise Refused(f"Level {aim} is not more care than level {now}; choose a higher level.")
    if not outcome.stays and not summary.strip():
        raise Refused("A move needs its reason in a sentence; the next person and the payer will read it.")


def may_look_next(due: date, today: date) -> None:
    """Refused for a next review that is not ahead, or further away than any payer allows."""
    most = _data()["cadence"]["most_days"]
    if not today < due <= today + timedelta(days=most):
        raise Refused(f"The next review lies 1 to {most} days ahead; correct the date.")


def suggest(
    progress: Progress, level: Level, indicated: Level | None, offered: Collection[Level] | None = None
) -> Suggestion:
    """Where the signs point: more care, less care, the end, or on as before. Only a proposal; the team decides.

    ``indicated``: what the rule table says of the newest ratings. A sign for more care weighs more than any for
    less; less care is proposed only when every condition is known and met.
    """
    here = sorted(offered_levels() if offered is None else offered)
    higher = [one for one in here if one > level]
    lower = [one for one in here if one < level]
    found = signals(progress)
    up = tuple(sign.sentence for sign in found if sign.direction is Direction.UP)
    if indicated is not None and indicated > level:
        up = (*up, f"The newest ratings point to level {indicated}.")
    if up:
        aim = indicated if indicated is not None and indicated > level else (higher[0] if higher else None)
        return Suggestion("move-worse", Way.STEP_UP, aim or Level.INPATIENT_MONITORED, up)
    if any(sign.direction is Direction.DOWN for sign in found):
        if not lower:
            return Suggestion(
                "discharge-goals-met",
                Way.DISCHARGE,
                None,
                ("Every condition of less care is met at the lowest level here.",),
            )
        return Suggestion("move-goals-met", Way.STEP_DOWN, lower[-1], (found[0].sentence,))
    why = _not_yet(progress)
    code = "continue-progress" if _better(progress) else "continue-working"
    return Suggestion(code, Way.CONTINUE, level, why)


def _not_yet(progress: Progress) -> tuple[str, ...]:
    conditions = step_down_criteria(progress)
    met = sum(one.met is True for one in conditions)
    open_ones = [one.sentence.rstrip(".") for one in conditions if one.met is None]
    said = [f"{met} of {len(conditions)} conditions of less care are met, and nothing asks for more."]
    if open_ones:
        said.append(f"Not known: {'; '.join(open_ones)}.")
    return tuple(said)


def _better(progress: Progress) -> bool:
    """Something moved the right way: fewer points, goals reached, or a month without use."""
    changes = (progress.bam_risk_change, progress.phq9_change)
    return (
        any(change is not None and change < 0 for change in changes)
        or (progress.goals_met or 0) > 0
        or (progress.days_without_use or 0) >= 14
    )


def as_findings(progress: Progress, suggestion: Suggestion) -> dict[str, Any]:
    """What a review is kept with: the proposal, its sentences, each condition and sign as it was shown."""
    return {
        "suggested": suggestion.outcome,
        "level": suggestion.level.value if suggestion.level else None,
        "because": list(suggestion.because),
        "criteria": [
            {"code": one.code, "met": one.met, "sentence": one.sentence}
            for one in step_down_criteria(progress)
        ],
        "signals": [
            {"code": one.code, "way": one.direction.value, "urgent": one.urgent, "sentence": one.sentence}
            for one in signals(progress)
        ],
        "facts": {name: value for name, value in vars(progress).items() if value is not None},
    }


def review_due(
    *, last: date, treatment_hours_since: Decimal, today: date, cadence: Cadence | None = None
) -> ReviewDue:
    """When the next level-of-care review is due. ``last``: the day of the last review, or of admission."""
    cadence = cadence or default_cadence()
    on = last + timedelta(days=cadence.every_days)
    if treatment_hours_since >= cadence.every_treatment_hours:
        because = f"{treatment_hours_since.quantize(Decimal(1))} hours of treatment since the last review."
        return ReviewDue(min(on, today), True, because)
    if today >= on:
        return ReviewDue(on, True, f"{(today - last).days} days since the last review.")
    return ReviewDue(on, False, f"Next review by {on:%-d %b %Y}.")


def step_down_criteria(progress: Progress) -> tuple[Criterion, ...]:
    """Every condition of stepping down, each met, not met or unknown."""
    return tuple(
        Criterion(row["code"], _all_hold(row["when"], progress), row["sentence"])
        for row in _data()["step_down"]
    )


def signals(progress: Progress) -> tuple[Signal, ...]:
    """The signs at hand, urgent ones first; stepping down only when every condition is known and met.

    An unknown fact never makes a signal.
    """
    found = [
        Signal(Direction.UP, row["code"], row["sentence"], row["urgent"])
        for row in _data()["step_up"]
        if _all_hold(row["when"], progress)
    ]
    if not found and all(criterion.met for criterion in step_down_criteria(progress)):
        sentence = "Every condition of stepping down is met; talk it over with the team and the patient."
        found.append(Signal(Direction.DOWN, "ready-to-step-down", sentence, urgent=False))
    return tuple(sorted(found, key=lambda signal: not signal.urgent))


def _all_hold(conditions: list[dict[str, Any]], progress: Progress) -> bool | None:
    held = [_holds(condition, getattr(progress, condition["field"])) for condition in conditions]
    if False in held:
        return False
    return None if None in held else True


def _holds(condition: dict[str, Any], value: Any) -> bool | None:
    if value is None:
        return None
    match condition:
        case {"at_least": least}:
            return bool(value >= least)
        case {"at_most": most}:
            return bool(value <= most)
        case {"one_of": values}:
            return value in values
    raise ValueError(f"no comparison in {condition}")
