"""The authorized level in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.chart.queries.authorized import authorized_on
from stepwell.clinic.placement.queries import level_words
from stepwell.ui.filters import date_full


@dataclass(frozen=True)
class Authorized:
    """The level, in words, and one line about the approval."""

    level: str
    words: str
    line: str


def authorized_level(by: Actor, patient: Any, today: date) -> Authorized | None:
    """What the payer approved for today, or None."""
    row = authorized_on(by, patient, today)
    if row is None:
        return None
    level = row.level or row.authorization.level
    unit = row.authorization.get_unit_display()
    return Authorized(level, level_words(level), f"{row.units} {unit}, until {date_full(row.ends_on)}")
