"""Questionnaires: filled, corrected by a further row, or marked as entered in error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, rules
from stepwell.clinic.assessment.models import Alert, AlertSeverity, Screening, ScreeningWay
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused

Answers = Mapping[str, int | None]
_GROUPS = {"F": "women", "M": "men"}


@transaction.atomic
def record_screening(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    answers: Answers,
    taken_at: datetime | None = None,
    way: str = "",
    once_key: str = "",
) -> Screening:
    """Keep a filled questionnaire with its score; an incomplete one is kept without a score.

    `answers`: link id -> value of the option chosen, None or absent for unanswered. The patient may fill it
    in too. Every safety answer raises an urgent alert in the same transaction, whatever the total. `once_key` of the
    form: the same one a second time gives the row that is there. `way`: staff, tablet or phone; by who asks when empty.
    Raises `Refused` for an unknown questionnaire, an answer it does not offer, nothing answered, a time ahead of
    `at`, or a key that was sent for somebody or something else.
    """
    staff_id = policies.may_fill(by, patient)
    if once_key:
        Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient.pk)
        there = Screening.objects.filter(once_key=once_key[:64]).first()
        if there is not None:
            if (there.patient_id, there.instrument) != (patient.pk, instrument):
                raise Refused("This form was sent for something else; open the page again.")
            return there
    asked = rules.load_instrument(instrument)
    taken = taken_at or at
    if taken > at:
        raise Refused("The questionnaire cannot have been filled in later than now; check the date and time.")
    if not any(value is not None for value in answers.values()):
        rules.score(asked, answers)  # a question that is not asked is told first
        raise Refused(f"No question of {asked.title} is answered; answer at least one, or leave the page.")
    row = Screening(
        patient=patient,
        way=way or (ScreeningWay.STAFF if staff_id is not None else ScreeningWay.PHONE),
        taken_at=taken,
        recorded_at=at,
        recorded_by_id=staff_id,
        once_key=once_key[:64] or None,
    )
    raised = _keep(row, asked, answers, at)
    trail.record(
        by=by,
        at=at,
        action="assessment.record_screening",
        subject=f"Screening {row.pk}",
        patient_id=patient.pk,
        detail={"instrument": asked.slug, "complete": row.complete, "alerts": raised},
    )
    return row


@transaction.atomic
def correct_screening(
    *, by: Actor, at: datetime, screening: Screening, answers: Answers, because: str
) -> Screening:
    """A further row with the right answers supersedes this one, which stays as it was and counts no more.

    Raises `Refused` without a reason, when nothing differs, and when it was corrected or marked in error already.
    """
    staff_id = policies.may_record(by, screening.patient)
    if not because.strip():
        raise Refused("Say why the answers are corrected; the reason stays with them.")
    former = Screening.objects.select_for_update().get(pk=screening.pk)
    if former.entered_in_error_at is not None:
        raise Refused("This questionnaire is marked as entered in error; fill it in anew.")
    if Screening.objects.filter(supersedes=former).exists():
        raise Refused("These answers were corrected already; correct the newer ones.")
    given = {link: value for link, value in answers.items() if value is not None}
    if given == former.answers:
        raise Refused("Nothing is different; change an answer, or go back.")
    asked = rules.load_instrument(former.instrument)
    if not given:
        raise Refused(f"No question of {asked.title} is answered; mark it as entered in error instead.")
    row = Screening(
        patient=screening.patient,
        way=former.way,
        taken_at=former.taken_at,
        recorded_at=at,
        recorded_by_id=staff_id,
        supersedes=former,
        corrected_because=because.strip()[:200],
    )
    known = Alert.objects.filter(subject=f"Screening {former.pk}").values_list("kind", flat=True)
    raised = _keep(row, asked, answers, at, told=set(known))
    trail.record(
        by=by,
        at=at,
        action="assessment.correct_screening",
        subject=f"Screening {row.pk}",
        patient_id=row.patient_id,
        detail={"of": former.pk, "complete": row.complete, "alerts": raised},
    )
    return row


@transaction.atomic
def mark_in_error(*, by: Actor, at: datetime, screening: Screening, because: str) -> Screening:
    """The questionnaire stays, but counts no more. Raises `Refused` without a reason or the second time."""
    policies.may_record(by, screening.patient)
    if not because.strip():
        raise Refused("Say why the questionnaire was entered in error.")
    locked = Screening.objects.select_for_update().get(pk=screening.pk)
    if locked.entered_in_error_at is not None:
        raise Refused("This questionnaire is already marked as entered in error.")
    if Screening.objects.filter(supersedes=locked).exists():
        raise Refused("These answers were corrected already; mark the newer ones.")
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


def _keep(
    row: Screening, asked: rules.Instrument, answers: Answers, at: datetime, told: Collection[str] = ()
) -> list[int]:
    """Scores and stores the row; numbers of the alerts it raised, those of `told` left out."""
    score = rules.score(asked, answers, group=_GROUPS.get(row.patient.sex_for_screening))
    row.instrument, row.version = asked.slug, score.version
    row.answers = {link: value for link, value in answers.items() if value is not None}
    row.complete, row.total = score.complete, score.total
    row.subscales = {s.code: s.points for s in score.subscales}
    row.band = score.band.label if score.band else ""
    row.flags = [{"code": f.code, "text": f.text, "group": f.group} for f in score.flags]
    row.missing = list(score.missing)
    row.save(force_insert=True)
    raised = Alert.objects.bulk_create(
        Alert(
            patient_id=row.patient_id,
            kind=alert.code,
            severity=AlertSeverity.URGENT,
            sentence=f"{asked.title}, question {alert.item}: {alert.text}"[:300],
            subject=f"Screening {row.pk}",
            raised_at=at,
        )
        for alert in score.alerts
        if alert.code not in told
    )
    return [alert.pk for alert in raised]
