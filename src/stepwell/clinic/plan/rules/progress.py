"""How far a measure has come: first, last, target, met or not, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stepwell.clinic.saying import date_words


class Way(StrEnum):
    """Which side of the target is good."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"

    @property
    def label(self) -> str:
        """'at most'."""
        return self.value.replace("_", " ")


@dataclass(frozen=True)
class Target:
    """The score that meets the objective."""

    way: Way
    score: int

    def met_by(self, score: int) -> bool:
        """Whether a score meets it."""
        return score <= self.score if self.way is Way.AT_MOST else score >= self.score

    def __str__(self) -> str:
        return f"{self.way.label} {self.score}"


@dataclass(frozen=True)
class Reading:
    """One score on one day."""

    on: date
    score: int


@dataclass(frozen=True)
class Progress:
    """`met`: whether the last score meets the target, None without a score or a target."""

    first: Reading | None
    last: Reading | None
    target: Target | None
    met: bool | None
    sentence: str


def progress(readings: Sequence[Reading], target: Target | None) -> Progress:
    """What the scores say, oldest first. One score is where the person began, not yet a change."""
    if not readings:
        said = f"No score yet; the target is {target}." if target else "No score yet."
        return Progress(None, None, target, None, said)
    first, last = readings[0], readings[-1]
    met = target.met_by(last.score) if target else None
    if len(readings) == 1:
        said = f"One score so far: {last.score} on {date_words(last.on)}."
    else:
        said = f"From {first.score} on {date_words(first.on)} to {last.score} on {date_words(last.on)}."
    if target is not None:
        said += f" The target of {target} is {'met' if met else 'not met yet'}."
    if target is not None and not met and len(readings) > 1:
        said += _direction(first.score, last.score, target)
    return Progress(first, last, target, met, said)


def _direction(first: int, last: int, target: Target) -> str:
    if first == last:
        return " It has not moved."
    toward = (last < first) == (target.way is Way.AT_MOST)
    left = abs(last - target.score)
    points = f"{left} point{'' if left == 1 else 's'}"
    return f" It moves toward it, {points} to go." if toward else f" It moves away, {points} to go."
