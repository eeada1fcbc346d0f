"""Who treats a patient, whom a staff member treats, and who could be put into a care team."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.plan.models import CareTeamMember


def care_team_of(by: Actor, patient: Patient) -> Any:
    """Who treats the patient now, in the order of coming."""
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    return (
        CareTeamMember.objects.filter(
            episode__patient=patient,
            episode__patient__in=seen,
            episode__closed_at__isnull=True,
            ends_at__isnull=True,
        )
        .select_related("staff", "episode")
        .order_by("starts_at", "pk")
    )


def patients_of_staff(by: Actor, staff_id: int) -> Any:
    """Patients in whose care team a staff member is now."""
    return patients_for(by, Permission.PLAN_READ).filter(
        episodes__closed_at__isnull=True,
        episodes__care_team__staff_id=staff_id,
        episodes__care_team__ends_at__isnull=True,
    )


def colleagues(by: Actor, on: date) -> Any:
    """Staff who can be put into a care team at the sites where `by` writes plans, by name."""
    there = Staff.objects.filter(site_id__in=by.sites_with(Permission.PLAN_WRITE), starts_on__lte=on)
    return there.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).order_by("name")
