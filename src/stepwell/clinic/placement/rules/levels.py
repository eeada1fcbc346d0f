"""Levels of care in their order, with the weekly hours each asks for."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, total_ordering
from importlib.resources import files
from typing import Any


@total_ordering
class Level(Enum):
    """A level of care, ordered from least to most intensive. The value is its code as text."""

    EARLY = "0.5"
    OUTPATIENT = "1"
    INTENSIVE_OUTPATIENT = "2.1"
    PARTIAL_HOSPITALIZATION = "2.5"
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
def _versions() -> tuple[dict[str, Any], ...]:
    text = files("stepwell.clinic.placement").joinpath("data", "levels.json").read_text("utf-8")
    return tuple(sorted(json.loads(text)["versions"], key=lambda version: str(version["from"])))


def _facts(level: Level, on: date | None) -> dict[str, Any]:
    versions = [v for v in _versions() if on is None or date.fromisoformat(v["from"]) <= on] or [
        _versions()[0]
    ]
    facts: dict[str, Any] = next(row for row in versions[-1]["levels"] if row["code"] == level.value)
    return facts


def level_name(level: Level, on: date | None = None) -> str:
    """The level's name in words, as of a day (latest when None)."""
    return str(_facts(level, on)["name"])


def hours_band(level: Level, *, adolescent: bool = False, on: date | None = None) -> HoursBand:
    """Weekly hours of the level as of a day (latest when None)."""
    row, kind = _facts(level, on), "adolescent" if adolescent else "hours"
    low, high = row[f"{kind}_from"], row[f"{kind}_below"]
    return HoursBand(None if low is None else Decimal(low), None if high is None else Decimal(high))


def offered_levels(on: date | None = None) -> frozenset[Level]:
    """The levels an outpatient program can admit to, unless the site says otherwise."""
    return frozenset(level for level in Level if _facts(level, on)["offered"])
