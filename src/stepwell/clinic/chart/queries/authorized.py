"""The level of care that the payer has approved for a day: beside the clinical one, never instead of it."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.authorization.models import AuthorizationDecision
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def authorized_on(by: Actor, patient: Patient, on: date) -> AuthorizationDecision | None:
    """The newest approval that covers the day, with its authorization; None without one."""
    approved = Q(outcome="approved") | Q(outcome="partly")
    return (
        AuthorizationDecision.objects.filter(
            approved,
            authorization__patient=patient,
            authorization__patient__in=patients_for(by, Permission.PLACEMENT_READ),
            starts_on__lte=on,
            ends_on__gte=on,
        )
        .select_related("authorization")
        .order_by("-at", "-pk")
        .first()
    )
