"""Diagnoses: recorded with a code valid that day, made primary, ended; each step is a row of its history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, rules
from stepwell.clinic.assessment.models import Diagnosis, DiagnosisEvent, DiagnosisEventKind
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day

_K = DiagnosisEventKind


@transaction.atomic
def record_diagnosis(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    code: str,
    text: str = "",
    primary: bool = False,
    onset: date | None = None,
    counted: rules.Counted | None = None,
    controlled_environment: bool = False,
) -> Diagnosis:
    """Add a diagnosis. A new primary one makes the earlier primary one secondary. `text`: the list's when blank.

    `counted`: what `rules.count_criteria` came to, kept beside the code. Raises `Refused` for a code that is not one of
    ICD-10-CM or not valid on that day, an onset that cannot be, and one that stands already.
    """
    staff_id = policies.may_record(by, patient)
    today = site_day(patient.site, at)
    known = rules.icd_on(code, today)
    if onset is not None and not patient.birth_date <= onset <= today:
        raise Refused(
            f"It cannot have begun on {onset}; give a day between birth and today, or leave it out."
        )
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient.pk)
    standing = Diagnosis.objects.filter(patient=patient, ended_at__isnull=True)
    if standing.filter(code=known.code).exists():
        raise Refused(f"{known.code} is recorded already; end it first if it has changed.")
    if primary:
        _demote(standing, staff_id, at)
    facts: dict[str, Any] = {}
    if counted is not None:
        facts = {
            "criteria": list(counted.criteria),
            "criteria_met": counted.met,
            "severity": counted.severity,
            "remission": counted.remission,
            "controlled_environment": controlled_environment,
        }
    try:
        with transaction.atomic():
            diagnosis = Diagnosis.objects.create(
                patient=patient,
                code=known.code,
                text=text.strip()[:200] or known.text[:200],
                primary=primary,
                onset=onset,
                recorded_at=at,
                recorded_by_id=staff_id,
                **facts,
            )
    except IntegrityError as twice:  # one_primary_diagnosis, should another way of writing ever race this one
        raise Refused("Another primary diagnosis was recorded just now; look at it first.") from twice
    _note(diagnosis, _K.RECORDED, staff_id, at, "as the primary one" if primary else "")
    trail.record(
        by=by,
        at=at,
        action="assessment.record_diagnosis",
        subject=f"Diagnosis {diagnosis.pk}",
        patient_id=patient.pk,
        detail={"code": known.code, "primary": primary, "criteria": facts.get("criteria_met")},
    )
    return diagnosis


@transaction.atomic
def make_primary(*, by: Actor, at: datetime, diagnosis: Diagnosis) -> Diagnosis:
    """This is the primary diagnosis from now on. Raises `Refused` when it is already, or was ended."""
    staff_id = policies.may_record(by, diagnosis.patient)
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=diagnosis.patient_id)
    locked = Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
    if locked.ended_at is not None:
        raise Refused("This diagnosis was ended; record it anew to make it the primary one.")
    if locked.primary:
        raise Refused("This is the primary diagnosis already.")
    standing = Diagnosis.objects.filter(patient_id=locked.patient_id, ended_at__isnull=True)
    _demote(standing, staff_id, at)
    locked.primary = True
    locked.save(update_fields=["primary"])
    _note(locked, _K.PRIMARY, staff_id, at)
    trail.record(
        by=by,
        at=at,
        action="assessment.make_primary",
        subject=f"Diagnosis {locked.pk}",
        patient_id=locked.patient_id,
        detail={"code": locked.code},
    )
    return locked


@transaction.atomic
def end_diagnosis(*, by: Actor, at: datetime, diagnosis: Diagnosis, because: str = "") -> Diagnosis:
    """It no longer holds from now on. Raises `Refused` the second time."""
    staff_id = policies.may_record(by, diagnosis.patient)
    locked = Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
    if locked.ended_at is not None:
        raise Refused("This diagnosis was ended already.")
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    _note(locked, _K.ENDED, staff_id, at, because)
    trail.record(
        by=by,
        at=at,
        action="assessment.end_diagnosis",
        subject=f"Diagnosis {locked.pk}",
        patient_id=locked.patient_id,
        detail={"code": locked.code},
    )
    return locked


def _demote(standing: Any, staff_id: int, at: datetime) -> None:
    for former in standing.filter(primary=True):
        former.primary = False
        former.save(update_fields=["primary"])
        _note(former, _K.SECONDARY, staff_id, at)


def _note(diagnosis: Diagnosis, kind: str, staff_id: int, at: datetime, because: str = "") -> None:
    DiagnosisEvent.objects.create(
        diagnosis=diagnosis, kind=kind, at=at, by_id=staff_id, because=because.strip()[:200]
    )
