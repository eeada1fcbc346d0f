"""Ratings of the dimensions, newest first."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def ratings_of(by: Actor, patient: Patient) -> Any:
    """Dimensional ratings, newest first; the first one holds."""
    return (
        DimensionalRating.objects.filter(
            patient__in=patients_for(by, Permission.PLACEMENT_READ), patient=patient
        )
        .select_related("by")
        .order_by("-at", "-pk")
    )


def ratings_as_rules(row: DimensionalRating) -> rules.Ratings:
    """The row as the rules read it."""
    rated = {
        n: (getattr(row, f"d{n}"), row.reasons[f"d{n}"])
        for n in range(1, 7)
        if getattr(row, f"d{n}") is not None
    }
    return rules.rate(rated, rules.Edition(row.edition))


def ratings_as_fourth(row: DimensionalRating) -> rules.FourthRatings:
    """A row of the fourth edition as the rules read it."""
    parts = {key: (part["least"], part["because"]) for key, part in row.parts.items()}
    return rules.rate_fourth(parts, row.reasons.get("d6", ""))
