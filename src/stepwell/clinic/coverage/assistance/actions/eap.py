"""Visits that an employer's assistance program authorized."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.assistance import policies
from stepwell.clinic.coverage.assistance.models import EapReferral
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def record_referral(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    program: str,
    employer: str,
    formal: bool,
    visits: int,
    starts_on: date,
    ends_on: date | None = None,
    reference: str = "",
) -> EapReferral:
    """Write down what was authorized. Nothing is told to the employer by this."""
    policies.may_record(by, patient.site_id)
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The authorization ends before it starts. Check the two dates; nothing was saved.")
    row = EapReferral.objects.create(
        patient=patient,
        program=program.strip(),
        employer=employer.strip(),
        formal=formal,
        reference=reference.strip(),
        visits=visits,
        starts_on=starts_on,
        ends_on=ends_on,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    trail.record(by=by, at=at, action="coverage.eap", subject=f"EapReferral {row.pk}", patient_id=patient.pk)
    return row
