"""Reviews: when the team looks again, and the signs that point up or down."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.placement.rules.recommend import Direction


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


@dataclass(frozen=True)
class ReviewOutcome:
    """What a review ended in. ``stays``: at the same level."""

    code: str
    stays: bool
    label: str


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
    """The ways a review can end: three that continue, four that move on."""
    return tuple(ReviewOutcome(**row) for row in _data()["outcomes"])


def review_due(
    *, last: date, treatment_hours_since: Decimal, today: date, cadence: Cadence | None = None
) -> ReviewDue:
    """When the next level-of-care review is due. ``last``: the day of the last review, or of admission."""
    cadence = cadence or default_cadence()
    on = last + timedelta(days=cadence.every_days)
    if treatment_hours_since >= cadence.every_treatment_hours:
        because = f"{treatment_hours_since} hours of treatment since the last review."
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
