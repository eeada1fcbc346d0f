"""Makes assessments for tests, by the real actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import DimensionalRating, Screening
from stepwell.clinic.assessment.rules import load_instrument, safety_questions
from stepwell.clinic.people.models import Patient
from tests.making import NOW

SAFE = {question.key: False for question in safety_questions()}


def answers(instrument: str, *values: int | None) -> dict[str, int | None]:
    """Values in the order of the items; the last one given is repeated for the rest."""
    items = [item.link_id for item in load_instrument(instrument).items]
    filled = [*values, *[values[-1]] * (len(items) - len(values))]
    return dict(zip(items, filled, strict=True))


def make_screening(
    by: Actor,
    patient: Patient,
    instrument: str = "phq-9",
    values: tuple[int | None, ...] = (1, 1, 0),
    at: datetime = NOW,
) -> Screening:
    return actions.record_screening(
        by=by, at=at, patient=patient, instrument=instrument, answers=answers(instrument, *values)
    )


def make_rating(
    by: Actor,
    patient: Patient,
    values: tuple[int | None, ...] = (0, 0, 1, 2, 3, 1),
    at: datetime = NOW,
    **gates: Any,
) -> DimensionalRating:
    """Six values in order, None for one that is not rated; every gate open unless told otherwise."""
    rated = {n: (v, f"Reason {n}.") for n, v in enumerate(values, start=1) if v is not None}
    return actions.rate_dimensions(by=by, at=at, patient=patient, ratings=rated, gates={**SAFE, **gates})
