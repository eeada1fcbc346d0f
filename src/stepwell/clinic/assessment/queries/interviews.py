"""The intake interview: the version that holds, and those before it."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import IntakeInterview
from stepwell.clinic.assessment.queries.screenings import read_permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared

_USE = ("substance", "named", "route", "amount", "frequency", "last_used_on", "first_age", "note")


def versions_of(by: Actor, patient: Patient) -> Any:
    """Every version of the interview, the newest first; it holds, signed or not."""
    return (
        IntakeInterview.objects.filter(patient__in=patients_for(by, read_permission(by)), patient=patient)
        .select_related("by", "begun_by")
        .order_by("-number")
    )


def interview_of(by: Actor, patient: Patient) -> IntakeInterview | None:
    """The version that holds: the newest."""
    found: IntakeInterview | None = versions_of(by, patient).first()
    return found


def interview_version(by: Actor, patient: Patient, number: int) -> IntakeInterview:
    """One version. Raises `IntakeInterview.DoesNotExist` for another patient's."""
    found: IntakeInterview = versions_of(by, patient).get(number=number)
    return found


def newest_interview(patient: Patient) -> IntakeInterview | None:
    """For the step's own actions, which have asked leave already."""
    return next(iter(_NEWEST.rows(patient_id=patient.pk)), None)


_NEWEST = Prepared(
    lambda *, patient_id: (
        IntakeInterview.objects.filter(patient_id=patient_id).select_related("by").order_by("-number")[:1]
    )
)


def uses_of(interview: IntakeInterview | None) -> tuple[rules.Use, ...]:
    """The rows of substance use as the rules read them. One statement."""
    if interview is None or interview.pk is None:
        return ()
    return tuple(rules.Use(**{name: getattr(row, name) for name in _USE}) for row in interview.uses.all())
