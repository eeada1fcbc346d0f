"""What can be rated in each edition: its dimensions, and the ratings from least need to most."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Edition


@dataclass(frozen=True)
class Scale:
    """``dimensions``: number -> short name. ``steps``: the ratings by need, each with its spellings, the usual one
    first. ``open_words``: ratings that say that somebody must still look; they count as not rated."""

    edition: Edition
    dimensions: dict[int, str]
    steps: tuple[tuple[str, ...], ...]
    open_words: tuple[str, ...]

    @property
    def most(self) -> int:
        """The rank of the highest rating; the lowest is 0."""
        return len(self.steps) - 1

    @property
    def words(self) -> tuple[str, ...]:
        """Every rating that can be written, for the sentence of a refusal."""
        return (*(word for step in self.steps for word in step), *self.open_words)

    def rank(self, word: str) -> int | None:
        """The place of a rating on the scale; None for a word that is none."""
        return next((place for place, step in enumerate(self.steps) if word in step), None)

    def shown(self, rank: int) -> int | str:
        """The rating as it is written: a number in the third edition, a level in the fourth."""
        word = self.steps[rank][0]
        return int(word) if self.edition is Edition.THIRD else word


@cache
def scale_of(edition: Edition) -> Scale:
    """The scale of an edition, from the data file."""
    path = files("stepwell.clinic.placement").joinpath("data", "editions.json")
    row: dict[str, Any] = json.loads(path.read_text("utf-8"))["editions"][edition.value]
    return Scale(
        edition,
        {one["number"]: one["label"] for one in row["dimensions"]},
        tuple(tuple(step) for step in row["scale"]),
        tuple(row["open"]),
    )
