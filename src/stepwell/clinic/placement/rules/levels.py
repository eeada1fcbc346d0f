"""Levels of care in their order, with the weekly hours each asks for, in both editions."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, total_ordering
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Edition


@total_ordering
class Level(Enum):
    """A level of care, ordered from least to most intensive. The value is its code as text.

    The codes of both editions stand in one order; `levels_of` gives those of one.
    """

    EARLY = "0.5"
    REMISSION_MONITORING = "1.0"
    OUTPATIENT = "1"
    OUTPATIENT_THERAPY = "1.5"
    OUTPATIENT_MEDICAL = "1.7"
    INTENSIVE_OUTPATIENT = "2.1"
    PARTIAL_HOSPITALIZATION = "2.5"
    INTENSIVE_MEDICAL = "2.7"
    RESIDENTIAL_LOW = "3.1"
    RESIDENTIAL_HIGH = "3.5"
    INPATIENT_MONITORED = "3.7"
    INPATIENT_MANAGED = "4"

    @property
    def rank(self) -> int:
        """0 for the least intensive level."""
        return list(Level).index(self)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Level):
            return NotImplemented
        return self.rank < other.rank

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class HoursBand:
    """Hours of treatment a week: at least ``hours_from``, under ``hours_below``; None means no bound."""

    hours_from: Decimal | None
    hours_below: Decimal | None

    def holds(self, hours: Decimal) -> bool:
        """Whether so many hours a week fit the level."""
        if self.hours_from is not None and hours < self.hours_from:
            return False
        return self.hours_below is None or hours < self.hours_below

    def __str__(self) -> str:
        match (self.hours_from, self.hours_below):
            case (None, None):
                return "no set hours"
            case (None, below):
                return f"under {below} hours a week"
            case (least, None):
                return f"{least} hours a week or more"
            case (least, below):
                return f"{least} or more and under {below} hours a week"


@cache
def _versions(edition: Edition) -> tuple[dict[str, Any], ...]:
    text = files("stepwell.clinic.placement").joinpath("data", "levels.json").read_text("utf-8")
    found = [one for one in json.loads(text)["versions"] if one["edition"] == edition.value]
    return tuple(sorted(found, key=lambda version: str(version["from"])))


@cache
def _rows(edition: Edition, on: date | None) -> dict[str, dict[str, Any]]:
    every = _versions(edition)
    known = [v for v in every if on is None or date.fromisoformat(v["from"]) <= on] or [every[0]]
    return {str(row["code"]): row for row in known[-1]["levels"]}


def _facts(level: Level, on: date | None, edition: Edition) -> dict[str, Any]:
    """Of the edition; a level that it does not have, of the other one."""
    for each in (edition, *Edition):
        if level.value in _rows(each, on):
            return _rows(each, on)[level.value]
    raise AssertionError("every level stands in an edition")


def levels_of(edition: Edition = Edition.THIRD) -> tuple[Level, ...]:
    """The levels of one edition, the least intensive first."""
    return tuple(sorted(Level(code) for code in _rows(edition, None)))


def level_name(level: Level, on: date | None = None, edition: Edition = Edition.THIRD) -> str:
    """The level's name in words, as of a day (latest when None)."""
    return str(_facts(level, on, edition)["name"])


def hours_band(
    level: Level, *, adolescent: bool = False, on: date | None = None, edition: Edition = Edition.THIRD
) -> HoursBand:
    """Weekly hours of the level as of a day (latest when None)."""
    row, kind = _facts(level, on, edition), "adolescent" if adolescent else "hours"
    low, high = row[f"{kind}_from"], row[f"{kind}_below"]
    return HoursBand(None if low is None else Decimal(low), None if high is None else Decimal(high))


def offered_levels(on: date | None = None, edition: Edition = Edition.THIRD) -> frozenset[Level]:
    """The levels an outpatient program can admit to, unless the site says otherwise."""
    return frozenset(level for level in levels_of(edition) if _facts(level, on, edition)["offered"])
