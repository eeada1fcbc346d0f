"""Makes recommendations and episodes for tests, by the real actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import actions
from stepwell.clinic.placement.models import Episode, Recommendation
from tests.clinic.assessment.making import make_rating
from tests.making import NOW


def make_recommendation(
    by: Actor,
    patient: Patient,
    values: tuple[int | None, ...] = (0, 0, 1, 2, 3, 1),
    at: datetime = NOW,
    **gates: Any,
) -> Recommendation:
    rating = make_rating(by, patient, values, at, **gates)
    return actions.recommend(by=by, at=at, patient=patient, rating=rating)


def make_episode(by: Actor, patient: Patient, at: datetime = NOW, **facts: Any) -> Episode:
    """Admitted to level 2.1, as recommended."""
    recommendation = make_recommendation(by, patient, at=at)
    asked = {"level": "2.1", "because": "Relapse is likely without close support.", **facts}
    return actions.admit(by=by, at=at, patient=patient, recommendation=recommendation, **asked).episode
