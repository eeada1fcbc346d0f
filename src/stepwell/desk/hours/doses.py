"""Dose by kind of treatment as a small table with the well: in the chart's first page and in the plan's review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries import delivered_by_kind, orders_from
from stepwell.clinic.hours.rules import KindDose, Week, doses_sentence, doses_since, kind_words


@dataclass(frozen=True)
class DoseLine:
    """A kind by its name, and its minutes."""

    name: str
    dose: KindDose


def dose_lines(
    patient: Any, delivered: Mapping[str, int], first: date, today: date, week: Week | None = None
) -> list[DoseLine]:
    """The lines since `first`, of a patient that carries `hours.queries.with_orders`."""
    orders = orders_from(patient.orders_of, ZoneInfo(patient.site.zone))
    return [DoseLine(_named(dose.kind), dose) for dose in doses_since(orders, delivered, first, today, week)]


def lines_since(by: Actor, patient: Any, first: date, today: date, *, at: datetime) -> list[DoseLine]:
    """As `dose_lines`, with what was delivered since `first` read in one statement."""
    return dose_lines(patient, delivered_by_kind(by, patient, first=first, at=at), first, today)


def said(lines: Sequence[DoseLine]) -> str:
    """One sentence of facts for a review."""
    return doses_sentence(
        [line.dose for line in lines], {line.dose.kind: kind_words(line.dose.kind) for line in lines}
    )


def _named(kind: str) -> str:
    words = kind_words(kind)
    return f"{words[:1].upper()}{words[1:]}"
