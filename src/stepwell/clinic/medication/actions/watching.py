"""Side effects and naloxone: told, followed up, closed; offered, given, declined."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.medication import policies, rules
from stepwell.clinic.medication.actions.trace import _day, _sent_before, _write
from stepwell.clinic.medication.models import (
    MedicationOrder,
    NaloxoneOffer,
    SideEffect,
    SideEffectFollowUp,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def report_side_effect(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    effect: str,
    severity: str,
    note: str = "",
    order: MedicationOrder | None = None,
) -> SideEffect:
    """How a medicine is borne, by a clinician or by the patient. Severe ones alert at once. Raises `Refused`."""
    staff_id = policies.may_report(by, patient)
    try:
        advice = rules.side_effect(effect, rules.Severity(severity))
    except ValueError as unknown:
        raise Refused("Say how bad it is: mild, moderate or severe.") from unknown
    if order is not None and order.patient_id != patient.pk:
        raise Refused("This order belongs to somebody else; choose again, nothing was saved.")
    row = SideEffect.objects.create(
        look_again_on=rules.look_again_on(rules.Severity(severity), _day(at, patient)),
        patient=patient,
        order=order,
        effect=effect.strip()[:80],
        severity=severity,
        note=note.strip()[:300],
        at=at,
        by_id=staff_id,
    )
    if advice.urgent:
        raise_alert(
            by=by,
            at=at,
            patient=patient,
            kind="side_effect",
            sentence=f"Side effect, {severity}: {row.effect}. {advice.tell}"[:300],
            subject=f"SideEffect {row.pk}",
        )
    _write(by, at, "medication.side_effect", row, patient.pk, severity=severity, alert=advice.urgent)
    return row


@transaction.atomic
def follow_up_side_effect(
    *, by: Actor, at: datetime, side_effect: SideEffect, said: str, next_on: date | None
) -> SideEffectFollowUp:
    """Somebody asked again. `next_on`: the day to ask next; None closes it.

    Raises `Refused` without words, for a day that is not ahead, and when it was closed already.
    """
    staff_id = policies.may_record(by, side_effect.patient)
    locked = (
        SideEffect.objects.select_for_update(of=("self",))
        .select_related("patient__site")
        .get(pk=side_effect.pk)
    )
    if locked.closed_at is not None:
        raise Refused("This side effect was closed already.")
    if not said.strip():
        raise Refused("Write what was found and done; the next person needs it.")
    if next_on is not None and next_on <= _day(at, locked.patient):
        raise Refused("The day to ask again must lie ahead; or close the side effect.")
    row = SideEffectFollowUp.objects.create(
        side_effect=locked, said=said.strip()[:300], next_on=next_on, at=at, by_id=staff_id
    )
    locked.look_again_on, locked.closed_at = next_on, at if next_on is None else None
    locked.save(update_fields=["look_again_on", "closed_at"])
    _write(by, at, "medication.follow_up_side_effect", row, locked.patient_id, closed=next_on is None)
    return row


@transaction.atomic
def offer_naloxone(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    outcome: str,
    once_key: str,
    kits: int = 0,
    lot: str = "",
    expires_on: date | None = None,
    trained: bool = False,
    because: str = "",
    note: str = "",
) -> NaloxoneOffer:
    """Naloxone offered: given, on hand already, or declined. The same form twice is one offer.

    Raises `Refused` for a kit without its lot or out of date, and for a refusal without its reason.
    """
    staff_id = policies.may_record(by, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    earlier: NaloxoneOffer | None = _sent_before(NaloxoneOffer, once_key, patient_id=patient.pk)
    if earlier is not None:
        return earlier
    try:
        came_of = rules.NaloxoneOutcome(outcome)
    except ValueError as unknown:
        raise Refused("Say whether naloxone was given, is on hand, or was declined.") from unknown
    today = _day(at, patient)
    rules.may_offer(came_of, lot=lot, expires_on=expires_on, kits=kits, because=because, today=today)
    given, declined = came_of is rules.NaloxoneOutcome.GIVEN, came_of is rules.NaloxoneOutcome.DECLINED
    row = NaloxoneOffer.objects.create(
        patient=patient,
        outcome=came_of.value,
        kits=kits if given else 0,
        lot=lot.strip()[:60] if given else "",
        expires_on=None if declined else expires_on,
        trained=trained and not declined,
        because=because if declined else "",
        note=note.strip()[:300],
        ask_again_on=rules.ask_again_on(came_of, today, None if declined else expires_on),
        at=at,
        by_id=staff_id,
        once_key=once_key,
    )
    _write(by, at, "medication.offer_naloxone", row, patient.pk, outcome=came_of.value)
    return row
