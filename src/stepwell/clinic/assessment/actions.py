"""Every write of assessment: questionnaires, alerts, the interview, diagnoses, ratings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import (
    Alert,
    AlertAcknowledgement,
    AlertSeverity,
    Diagnosis,
    DimensionalRating,
    IntakeInterview,
    Screening,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused

_ICD = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")


@transaction.atomic
def record_screening(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, int | None],
    taken_at: datetime | None = None,
) -> Screening:
    """Keep a filled questionnaire with its score; an incomplete one is kept without a score.

    `answers`: link id -> value of the option chosen, None or absent for unanswered. The patient may fill it
    in too. Every safety answer raises an urgent alert in the same transaction, whatever the total.
    Raises `Refused` for an unknown questionnaire, an answer it does not offer, nothing answered, or a time
    ahead of `at`.
    """
    staff_id = policies.may_fill(by, patient)
    asked = rules.load_instrument(instrument)
    score = rules.score(asked, answers)
    given = {link: value for link, value in answers.items() if value is not None}
    if not given:
        raise Refused(f"No question of {asked.title} is answered; answer at least one, or leave the page.")
    taken = taken_at or at
    if taken > at:
        raise Refused("The questionnaire cannot have been filled in later than now; check the date and time.")
    screening = Screening.objects.create(
        patient=patient,
        instrument=asked.slug,
        version=score.version,
        answers=given,
        complete=score.complete,
        total=score.total,
        subscales={s.code: s.points for s in score.subscales},
        band=score.band.label if score.band else "",
        flags=[{"code": f.code, "text": f.text, "group": f.group} for f in score.flags],
        missing=list(score.missing),
        taken_at=taken,
        recorded_at=at,
        recorded_by_id=staff_id,
    )
    raised = Alert.objects.bulk_create(
        Alert(
            patient=patient,
            kind=alert.code,
            severity=AlertSeverity.URGENT,
            sentence=f"{asked.title}, question {alert.item}: {alert.text}",
            subject=f"Screening {screening.pk}",
            raised_at=at,
        )
        for alert in score.alerts
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.record_screening",
        subject=f"Screening {screening.pk}",
        patient_id=patient.pk,
        detail={"instrument": asked.slug, "complete": score.complete, "alerts": [a.pk for a in raised]},
    )
    return screening


@transaction.atomic
def mark_in_error(*, by: Actor, at: datetime, screening: Screening, because: str) -> Screening:
    """The questionnaire stays, but counts no more. Raises `Refused` without a reason or the second time."""
    policies.may_record(by, screening.patient)
    if not because.strip():
        raise Refused("Say why the questionnaire was entered in error.")
    locked = Screening.objects.select_for_update().get(pk=screening.pk)
    if locked.entered_in_error_at is not None:
        raise Refused("This questionnaire is already marked as entered in error.")
    locked.entered_in_error_at, locked.entered_in_error_because = at, because.strip()[:200]
    locked.save(update_fields=["entered_in_error_at", "entered_in_error_because"])
    trail.record(
        by=by,
        at=at,
        action="assessment.mark_in_error",
        subject=f"Screening {locked.pk}",
        patient_id=locked.patient_id,
    )
    return locked


@transaction.atomic
def raise_alert(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    sentence: str,
    subject: str,
    urgent: bool = True,
) -> Alert:
    """Something that somebody must look at now. `subject`: the row it came from, such as 'CheckIn 12'."""
    policies.may_raise_alert(by, patient)
    alert = Alert.objects.create(
        patient=patient,
        kind=kind,
        severity=AlertSeverity.URGENT if urgent else AlertSeverity.SOON,
        sentence=sentence,
        subject=subject,
        raised_at=at,
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.raise_alert",
        subject=f"Alert {alert.pk}",
        patient_id=patient.pk,
        detail={"kind": kind, "from": subject},
    )
    return alert


@transaction.atomic
def acknowledge_alert(*, by: Actor, at: datetime, alert: Alert, done: str) -> AlertAcknowledgement:
    """Somebody has looked, and says what was done. Raises `Refused` when blank or done by another already."""
    staff_id = policies.may_acknowledge(by, alert.patient)
    if not done.strip():
        raise Refused("Write what was done about the alert; that is what the next person needs.")
    locked = Alert.objects.select_for_update().get(pk=alert.pk)
    earlier = AlertAcknowledgement.objects.filter(alert=locked).select_related("by").first()
    if earlier is not None:
        raise Refused(f"{earlier.by.name} has acknowledged this alert already; nothing was changed.")
    row = AlertAcknowledgement.objects.create(alert=locked, by_id=staff_id, at=at, done=done.strip())
    trail.record(
        by=by,
        at=at,
        action="assessment.acknowledge_alert",
        subject=f"Alert {locked.pk}",
        patient_id=locked.patient_id,
        detail={"kind": locked.kind},
    )
    return row


@transaction.atomic
def save_interview(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    sections: Mapping[str, str],
    substances: Sequence[Mapping[str, Any]] = (),
    gates: Mapping[str, bool | None] | None = None,
) -> IntakeInterview:
    """Keep the intake interview as it stands, whole or not; a new row each time, the newest holds.

    `sections`: key of `rules.intake_sections` -> text. `gates`: key of `rules.safety_questions` -> yes, no or
    None for not known. Raises `Refused` for a section or question that is not asked, and when all is blank.
    """
    staff_id = policies.may_record(by, patient)
    known = {section.key for section in rules.intake_sections()}
    for key in sections:
        if key not in known:
            raise Refused(f"The interview has no section {key}.")
    written = {key: text.strip() for key, text in sections.items() if text.strip()}
    answers = rules.safety_answers(gates or {})
    if not written and not substances and all(answer is None for answer in answers.values()):
        raise Refused("Nothing is written yet; fill in at least one section.")
    interview = IntakeInterview.objects.create(
        patient=patient,
        sections=written,
        substances=[dict(row) for row in substances],
        gates=answers,
        at=at,
        by_id=staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.save_interview",
        subject=f"IntakeInterview {interview.pk}",
        patient_id=patient.pk,
        detail={"sections": sorted(written), "blank": len(rules.blank_sections(written))},
    )
    return interview


@transaction.atomic
def record_diagnosis(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    code: str,
    text: str,
    primary: bool = False,
    onset: date | None = None,
) -> Diagnosis:
    """Add a diagnosis. A new primary one makes the earlier primary one secondary.

    Raises `Refused` for a code without the shape of ICD-10-CM, a blank text, or one that stands already.
    """
    staff_id = policies.may_record(by, patient)
    code = code.strip().upper()
    if not _ICD.fullmatch(code):
        raise Refused(f"{code or 'The code'} is not an ICD-10-CM code; write it like F10.20.")
    if not text.strip():
        raise Refused("Write the diagnosis in words beside its code.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    standing = Diagnosis.objects.filter(patient=patient, ended_at__isnull=True)
    if standing.filter(code=code).exists():
        raise Refused(f"{code} is recorded already; end it first if it has changed.")
    if primary:
        standing.filter(primary=True).update(primary=False)
    try:
        with transaction.atomic():
            diagnosis = Diagnosis.objects.create(
                patient=patient,
                code=code,
                text=text.strip()[:200],
                primary=primary,
                onset=onset,
                recorded_at=at,
                recorded_by_id=staff_id,
            )
    except IntegrityError as twice:  # one_primary_diagnosis, should another way of writing ever race this one
        raise Refused("Another primary diagnosis was recorded just now; look at it first.") from twice
    trail.record(
        by=by,
        at=at,
        action="assessment.record_diagnosis",
        subject=f"Diagnosis {diagnosis.pk}",
        patient_id=patient.pk,
        detail={"code": code, "primary": primary},
    )
    return diagnosis


@transaction.atomic
def end_diagnosis(*, by: Actor, at: datetime, diagnosis: Diagnosis) -> Diagnosis:
    """It no longer holds from now on. Raises `Refused` the second time."""
    policies.may_record(by, diagnosis.patient)
    locked = Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
    if locked.ended_at is not None:
        raise Refused("This diagnosis was ended already.")
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    trail.record(
        by=by,
        at=at,
        action="assessment.end_diagnosis",
        subject=f"Diagnosis {locked.pk}",
        patient_id=locked.patient_id,
        detail={"code": locked.code},
    )
    return locked


@transaction.atomic
def rate_dimensions(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    ratings: Mapping[int, tuple[int, str]],
    gates: Mapping[str, bool | None] | None = None,
) -> DimensionalRating:
    """Keep ratings of the six dimensions, each with its reason; partial ones are kept as such.

    `ratings`: dimension number 1 to 6 -> (0 to 4, reason). `gates`: the safety answers on which the rating
    stands; those of the newest interview when None. Raises `Refused` for a bad number, a blank reason, or
    nothing rated.
    """
    staff_id = policies.may_record(by, patient)
    rated = rules.rate(ratings)
    if not rated.rated:
        raise Refused("No dimension is rated yet; rate at least one, with a reason.")
    if gates is None:
        interview = queries.newest_interview(patient)
        gates = interview.gates if interview else {}
    row = DimensionalRating.objects.create(
        patient=patient,
        edition=rated.edition.value,
        reasons={f"d{r.dimension.value}": r.because.strip() for r in rated.rated},
        gates=rules.safety_answers(gates),
        at=at,
        by_id=staff_id,
        **{f"d{r.dimension.value}": r.value for r in rated.rated},
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.rate_dimensions",
        subject=f"DimensionalRating {row.pk}",
        patient_id=patient.pk,
        detail={"rated": len(rated.rated)},
    )
    return row
