"""Dimensional ratings: six sides of a person's situation, each 0 to 4 with the reason beside the number.

The dimension names are our own short words for the third edition's six. The rating anchors of the criteria are
their owner's text and are not here; a site reads them in its own licensed copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from stepwell.clinic.refusal import Refused


class Edition(StrEnum):
    """Which edition of the criteria a rating belongs to. Numbers are never carried from one to the other."""

    THIRD = "third"
    FOURTH = "fourth"


class Dimension(IntEnum):
    """The six dimensions of the third edition."""

    WITHDRAWAL = 1
    BODY = 2
    MIND = 3
    READINESS = 4
    RELAPSE = 5
    SURROUNDINGS = 6

    @property
    def label(self) -> str:
        """What a clinician reads."""
        return _LABELS[self]


_LABELS = {
    Dimension.WITHDRAWAL: "Intoxication and withdrawal",
    Dimension.BODY: "Physical health",
    Dimension.MIND: "Emotions, behavior and thinking",
    Dimension.READINESS: "Readiness to change",
    Dimension.RELAPSE: "Risk of relapse or continued use",
    Dimension.SURROUNDINGS: "Living situation and support",
}


@dataclass(frozen=True)
class Rating:
    """One dimension: 0 no concern, 1 mild, 2 moderate, 3 serious, 4 utmost, and why."""

    dimension: Dimension
    value: int
    because: str

    def __post_init__(self) -> None:
        if type(self.value) is not int or not 0 <= self.value <= 4:
            raise Refused(
                f"{self.dimension.label} cannot be rated {self.value}; choose a number from 0 to 4."
            )
        if not self.because.strip():
            raise Refused(
                f"{self.dimension.label} is rated {self.value} without a reason; write one sentence."
            )


@dataclass(frozen=True)
class Ratings:
    """The ratings made so far, at most one for each dimension; the rest is still to be rated."""

    edition: Edition
    rated: tuple[Rating, ...]

    def __post_init__(self) -> None:
        if self.edition is not Edition.THIRD and self.rated:
            raise Refused(
                "Ratings of the fourth edition are not numbers from 0 to 4; "
                "use the third edition here, or the tool that your license covers."
            )
        seen: set[Dimension] = set()
        for rating in self.rated:
            if rating.dimension in seen:
                raise Refused(f"{rating.dimension.label} is rated twice; keep one rating.")
            seen.add(rating.dimension)

    def value(self, dimension: Dimension) -> int | None:
        """The number, or None when the dimension is not rated yet."""
        return next((r.value for r in self.rated if r.dimension is dimension), None)

    def because(self, dimension: Dimension) -> str | None:
        """The reason written beside the number, or None."""
        return next((r.because for r in self.rated if r.dimension is dimension), None)

    @property
    def unrated(self) -> tuple[Dimension, ...]:
        """What is still to be rated, in order."""
        return tuple(d for d in Dimension if self.value(d) is None)


def rate(rated: Mapping[int, tuple[int, str]], edition: Edition = Edition.THIRD) -> Ratings:
    """Ratings from ``{dimension number: (value, because)}``. Refused for a bad number or a blank reason."""
    for number in rated:
        if number not in tuple(Dimension):
            raise Refused(f"There is no dimension {number}; they are numbered 1 to 6.")
    return Ratings(edition, tuple(Rating(Dimension(n), v, b) for n, (v, b) in sorted(rated.items())))
