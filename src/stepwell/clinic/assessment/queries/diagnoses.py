"""Diagnoses that stand, and what happened to all of them."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment.models import Diagnosis, DiagnosisEvent
from stepwell.clinic.assessment.queries.screenings import read_permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def diagnoses_of(by: Actor, patient: Patient) -> Any:
    """Diagnoses that stand, the primary one first."""
    return (
        Diagnosis.objects.filter(
            patient__in=patients_for(by, read_permission(by)), patient=patient, ended_at__isnull=True
        )
        .select_related("recorded_by")
        .order_by("-primary", "code")
    )


def diagnosis(by: Actor, patient: Patient, number: int) -> Diagnosis:
    """One standing diagnosis. Raises `Diagnosis.DoesNotExist` for another patient's."""
    found: Diagnosis = diagnoses_of(by, patient).select_related("patient").get(pk=number)
    return found


def diagnosis_history(by: Actor, patient: Patient) -> Any:
    """What happened to every diagnosis, newest first. One statement."""
    return (
        DiagnosisEvent.objects.filter(
            diagnosis__patient__in=patients_for(by, read_permission(by)), diagnosis__patient=patient
        )
        .select_related("diagnosis", "by")
        .order_by("-at", "-pk")
    )
