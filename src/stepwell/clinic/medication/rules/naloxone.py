"""Naloxone: who is asked, and when again."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from stepwell.clinic.medication.rules.drugs import data
from stepwell.clinic.refusal import Refused


class NaloxoneOutcome(StrEnum):
    """What came of the offer."""

    GIVEN = "given"
    HAS_ONE = "has_one"
    DECLINED = "declined"


@dataclass(frozen=True)
class Asked:
    """Whom to ask: beginnings of diagnosis codes and names of substances."""

    diagnoses: tuple[str, ...]
    substances: tuple[str, ...]


def _facts() -> dict[str, Any]:
    found: dict[str, Any] = data("watching")["naloxone"]
    return found


def whom_to_ask() -> Asked:
    """Everybody with opioid or stimulant use: in the test strips' time, fentanyl is in all of it."""
    return Asked(tuple(_facts()["diagnoses"]), tuple(_facts()["substances"]))


def declined_because() -> tuple[tuple[str, str], ...]:
    """(code, words) of the reasons for declining."""
    return tuple((code, label) for code, label in _facts()["declined_because"])


def ask_again_on(outcome: NaloxoneOutcome, on: date, kit_expires_on: date | None) -> date:
    """The day on which the person is asked again; an expiring kit is asked about when it expires."""
    again = on + timedelta(days=_facts()["ask_again_after_days"][outcome.value])
    return min(again, kit_expires_on) if kit_expires_on else again


def may_offer(
    outcome: NaloxoneOutcome, *, lot: str, expires_on: date | None, kits: int, because: str, today: date
) -> None:
    """Refused when a given kit has no lot or is out of date, or when nobody says why it was declined."""
    if outcome is NaloxoneOutcome.DECLINED:
        if because not in dict(declined_because()):
            raise Refused("Choose why it was declined; it is asked again later.")
        return
    if outcome is NaloxoneOutcome.HAS_ONE:
        return
    if not lot.strip():
        raise Refused("Write the lot number of the kit.")
    if not 1 <= kits <= 10:
        raise Refused("From 1 to 10 kits can be given at once.")
    if expires_on is not None and expires_on <= today:
        raise Refused("This kit is out of date; give another one.")
