"""The days on which somebody came, and nothing else of the sessions: for counting visits that are authorized."""

from __future__ import annotations

from datetime import date

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.sessions.models import Attendance


def days_attended(by: Actor, patient: Patient, first: date) -> frozenset[date]:
    """Every day since `first` with at least one session at which the patient was present. One query."""
    rows = Attendance.objects.filter(
        patient__in=patients_for(by, Permission.COVERAGE_READ),
        patient_id=patient.pk,
        outcome="present",
        seat__released_at__isnull=True,
        occurrence__cancelled_at__isnull=True,
        occurrence__local_date__gte=first,
    )
    return frozenset(rows.values_list("occurrence__local_date", flat=True))
