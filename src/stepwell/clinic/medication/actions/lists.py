"""Writing the list of medicines and allergies, and going through it line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.inquiry.models import HandoffItem
from stepwell.clinic.medication import policies, queries, rules
from stepwell.clinic.medication.actions.orders import _stop
from stepwell.clinic.medication.actions.trace import _day, _sent_before, _write
from stepwell.clinic.medication.models import (
    Allergy,
    Medication,
    MedicationOrder,
    NoKnownAllergies,
    Reconciliation,
    ReconciliationLine,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def record_medication(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    name: str,
    dose: str = "",
    rxnorm: str = "",
    source: str = "reported",
    starts_on: date | None = None,
    part2: bool = False,
    handoff_item: HandoffItem | None = None,
) -> Medication:
    """Something the person takes that is not ordered here. Raises `Refused` when it has no name or stands already."""
    staff_id = policies.may_record(by, patient)
    name, dose = name.strip()[:160], dose.strip()[:120]
    if not name:
        raise Refused("Write the name of the medicine; nothing was saved.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    standing = Medication.objects.filter(patient=patient, name__iexact=name, ended_on__isnull=True)
    if standing.filter(dose__iexact=dose).exists():
        raise Refused(f"{name} is on the list already; end it first if it has changed.")
    row = Medication.objects.create(
        patient=patient,
        name=name,
        dose=dose,
        rxnorm=rxnorm,
        source=source,
        starts_on=starts_on,
        part2=part2,
        handoff_item=handoff_item,
        recorded_at=at,
        recorded_by_id=staff_id,
    )
    _write(by, at, "medication.record", row, patient.pk, source=source)
    return row


@transaction.atomic
def end_medication(
    *, by: Actor, at: datetime, medication: Medication, ended_on: date, because: str = ""
) -> Medication:
    """The person no longer takes it. Raises `Refused` the second time, or for a day before it began or ahead."""
    policies.may_record(by, medication.patient)
    locked = Medication.objects.select_for_update().select_related("patient__site").get(pk=medication.pk)
    if locked.ended_on is not None:
        raise Refused(f"{locked.name} was ended already; nothing was changed.")
    if locked.starts_on is not None and ended_on < locked.starts_on:
        raise Refused(f"{locked.name} cannot end before it began; choose a later day.")
    if ended_on > _day(at, locked.patient):
        raise Refused("The last day lies ahead; enter it when it has come.")
    locked.ended_on, locked.ended_because = ended_on, because.strip()[:200]
    locked.save(update_fields=["ended_on", "ended_because"])
    _write(by, at, "medication.end", locked, locked.patient_id)
    return locked


@transaction.atomic
def record_allergy(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    substance: str,
    reaction: str = "",
    severity: str = "",
    source: str = "reported",
) -> Allergy:
    """What the person does not tolerate. Raises `Refused` when unnamed or on file already."""
    policies.may_record(by, patient)
    substance = substance.strip()
    if not substance:
        raise Refused("Write what the person is allergic to; nothing was saved.")
    if severity not in ("", "mild", "moderate", "severe"):
        raise Refused("Say how bad the reaction was: mild, moderate or severe.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    if Allergy.objects.filter(patient=patient, substance__iexact=substance, ended_at__isnull=True).exists():
        raise Refused(f"An allergy to {substance} is on file already.")
    row = Allergy.objects.create(
        patient=patient,
        substance=substance[:160],
        reaction=reaction.strip()[:160],
        severity=severity,
        source=source,
        recorded_at=at,
    )
    _write(by, at, "medication.record_allergy", row, patient.pk, source=source)
    return row


@transaction.atomic
def end_allergy(*, by: Actor, at: datetime, allergy: Allergy) -> Allergy:
    """It turned out not to be one. Raises `Refused` the second time."""
    policies.may_record(by, allergy.patient)
    locked = Allergy.objects.select_for_update().get(pk=allergy.pk)
    if locked.ended_at is not None:
        raise Refused("This allergy was taken off the list already.")
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    _write(by, at, "medication.end_allergy", locked, locked.patient_id)
    return locked


@transaction.atomic
def say_no_known_allergies(*, by: Actor, at: datetime, patient: Patient) -> NoKnownAllergies:
    """Asked, and there are none. Raises `Refused` while one stands on file."""
    staff_id = policies.may_record(by, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    if Allergy.objects.filter(patient=patient, ended_at__isnull=True).exists():
        raise Refused("An allergy is on file; take it off the list first if it is none.")
    row = NoKnownAllergies.objects.create(patient=patient, at=at, by_id=staff_id)
    _write(by, at, "medication.no_known_allergies", row, patient.pk)
    return row


@dataclass(frozen=True)
class Decided:
    """One line of the list and what becomes of it. `key`: of `queries.lines_to_reconcile`."""

    key: str
    decision: str
    to: str = ""
    because: str = ""


@transaction.atomic
def reconcile(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    occasion: str,
    decided: Sequence[Decided],
    once_key: str,
    nothing_taken: bool = False,
) -> Reconciliation:
    """Sign the list, gone through line by line. Every line that stands now needs its decision.

    Facts of a hand-off go onto the list, entries are changed or ended, and the prescriber hears of an order that
    is not taken. An order itself is stopped here only by a prescriber. The same form twice is one reconciliation.
    Raises `Refused` for a line without decision or reason, one that has changed since, or an empty list unasked.
    """
    staff_id = policies.may_record(by, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    earlier: Reconciliation | None = _sent_before(Reconciliation, once_key, patient_id=patient.pk)
    if earlier is not None:
        return earlier
    if occasion not in dict(rules.occasions()):
        raise Refused("Say on which occasion the list is gone through.")
    standing = queries.lines_to_reconcile(by, patient, at=at)
    asked = {one.key: one for one in decided}
    if set(asked) != {line.key for line in standing}:
        raise Refused("The list has changed since you opened it; look at it again, nothing was saved.")
    if not standing and not nothing_taken:
        raise Refused("Nothing is on the list; ask, and tick that the person takes nothing.")
    row = Reconciliation.objects.create(
        patient=patient,
        occasion=occasion,
        nothing_taken=not standing,
        at=at,
        by_id=staff_id,
        once_key=once_key,
    )
    for line in standing:
        _settle(by, at, patient, row, line, asked[line.key], staff_id)
    _write(by, at, "medication.reconcile", row, patient.pk, occasion=occasion, lines=len(standing))
    return row


def _settle(
    by: Actor,
    at: datetime,
    patient: Patient,
    row: Reconciliation,
    line: queries.Line,
    one: Decided,
    staff_id: int,
) -> None:
    try:
        decision = rules.LineDecision(one.decision)
    except ValueError as unknown:
        raise Refused(f"{line.name}: say whether it goes on, is changed, stopped or not taken.") from unknown
    to, because = one.to.strip()[:120], one.because.strip()[:200]
    rules.may_decide(line.kind, decision, name=line.name, to=to, because=because)
    listed, today = line.medication, _day(at, patient)
    if line.kind is rules.LineKind.HANDED and decision in (
        rules.LineDecision.CONTINUE,
        rules.LineDecision.CHANGE,
    ):
        listed = _listed(by, at, patient, line, to or line.dose)
    elif line.kind is rules.LineKind.ALLERGY and decision is rules.LineDecision.CONTINUE:
        known = Allergy.objects.filter(patient=patient, substance__iexact=line.name, ended_at__isnull=True)
        if not known.exists():
            record_allergy(
                by=by, at=at, patient=patient, substance=line.name, reaction=line.dose, source="handoff"
            )
    elif listed is not None and decision is not rules.LineDecision.CONTINUE:
        end_medication(by=by, at=at, medication=listed, ended_on=today, because=because)
        if decision is rules.LineDecision.CHANGE:
            record_medication(
                by=by, at=at, patient=patient, name=listed.name, dose=to, rxnorm=listed.rxnorm,
                source=listed.source, starts_on=today, part2=listed.part2,
            )  # fmt: skip
    elif line.order is not None:
        _order_not_taken(by, at, patient, line.order, decision, because, staff_id)
    ReconciliationLine.objects.create(
        reconciliation=row,
        medication=listed,
        order=line.order,
        handoff_item=line.item,
        name=line.name[:300],
        dose=line.dose[:200],
        decision=decision.value,
        to=to,
        because=because,
    )


def _listed(by: Actor, at: datetime, patient: Patient, line: queries.Line, dose: str) -> Medication:
    item = line.item
    rxnorm = item.code if item is not None and "rxnorm" in item.system.lower() else ""
    return record_medication(
        by=by, at=at, patient=patient, name=line.name, dose=dose, rxnorm=rxnorm[:12], source="handoff",
        part2=bool(item and item.part2), handoff_item=item,
    )  # fmt: skip


def _order_not_taken(
    by: Actor,
    at: datetime,
    patient: Patient,
    order: MedicationOrder,
    decision: rules.LineDecision,
    because: str,
    staff_id: int,
) -> None:
    if decision is rules.LineDecision.STOP:
        if not by.may(Permission.MEDICATION_ORDER, patient.site_id):
            raise Refused(f"{order.name} is ordered here: only the prescriber stops it. Choose “not taken”.")
        _stop(MedicationOrder.objects.select_for_update().get(pk=order.pk), at, staff_id, because)
    elif decision is rules.LineDecision.NOT_TAKING:
        raise_alert(
            by=by, at=at, patient=patient, kind="order_not_taken", urgent=False,
            sentence=f"{order.name} is ordered and not taken: {because}"[:300],
            subject=f"MedicationOrder {order.pk}",
        )  # fmt: skip
