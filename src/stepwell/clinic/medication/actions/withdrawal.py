"""Watching withdrawal: a reading scored, judged, told of and kept in one transaction; the end of a watch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment.actions import raise_alert, record_screening
from stepwell.clinic.medication import policies, rules
from stepwell.clinic.medication.actions.trace import _sent_before, _write
from stepwell.clinic.medication.models import WithdrawalReading, WithdrawalWatch
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def record_reading(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, int | None],
    vitals: Mapping[str, Decimal | None],
    once_key: str,
    note: str = "",
) -> WithdrawalReading:
    """One line of the flow sheet; the first one begins the watch. `instrument`: ciwa-ar or cows.

    The answers are kept and scored as a questionnaire of assessment, so that placement sees the newest score.
    A threshold that is reached raises an urgent alert; somebody acknowledges it with what was done. The same form
    twice is one reading. Raises `Refused` for an incomplete scale or a vital sign that cannot be.
    """
    staff_id = policies.may_watch(by, patient)
    rules.scale(instrument)
    Patient.objects.select_for_update().get(pk=patient.pk)
    earlier: WithdrawalReading | None = _sent_before(WithdrawalReading, once_key)
    if earlier is not None:
        if earlier.watch.patient_id != patient.pk:
            raise Refused("This form was sent for somebody else; open the sheet again.")
        return earlier
    measured = rules.plausible(vitals)
    screening = record_screening(by=by, at=at, patient=patient, instrument=instrument, answers=answers)
    if not screening.complete or screening.total is None:
        raise Refused("Rate every line of the scale; a scale with a gap has no score.")
    watch, _ = WithdrawalWatch.objects.get_or_create(
        patient=patient, instrument=instrument, ended_at=None, defaults={"started_at": at}
    )
    past = [rules.Past(r.total, r.at) for r in watch.readings.all() if r.total is not None]
    judged = rules.judge(instrument, int(screening.total), measured, at=at, earlier=past)
    alert = None
    if judged.action is not rules.Escalation.NONE:
        label = rules.action_label(judged.action)
        alert = raise_alert(
            by=by,
            at=at,
            patient=patient,
            kind=f"withdrawal_{judged.action.value}",
            sentence=f"{label}. {' '.join(judged.sentences)}"[:300],
            subject=f"Screening {screening.pk}",
        )
    row = WithdrawalReading.objects.create(
        watch=watch,
        screening=screening,
        total=int(screening.total),
        action=judged.action.value,
        sentences=list(judged.sentences),
        alert=alert,
        next_at=judged.next_at,
        note=note.strip()[:300],
        at=at,
        by_id=staff_id,
        once_key=once_key,
        **measured,
    )
    watch.next_at = judged.next_at
    watch.save(update_fields=["next_at"])
    _write(by, at, "medication.reading", row, patient.pk, instrument=instrument, asked=judged.action.value)
    return row


@transaction.atomic
def end_watch(*, by: Actor, at: datetime, watch: WithdrawalWatch, because: str) -> WithdrawalWatch:
    """No more readings. Raises `Refused` without a reason or the second time."""
    staff_id = policies.may_watch(by, watch.patient)
    locked = WithdrawalWatch.objects.select_for_update().get(pk=watch.pk)
    if locked.ended_at is not None:
        raise Refused("This watch was ended already; nothing was changed.")
    if not because.strip():
        raise Refused("Say why withdrawal is watched no more.")
    locked.ended_at, locked.ended_by_id, locked.ended_because = at, staff_id, because.strip()[:200]
    locked.next_at = None
    locked.save(update_fields=["ended_at", "ended_by", "ended_because", "next_at"])
    _write(by, at, "medication.end_watch", locked, locked.patient_id)
    return locked
