"""Every write of medication: the list, allergies, orders, doses, side effects."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.medication import policies, queries, rules
from stepwell.clinic.medication.models import Allergy, Dose, Medication, MedicationOrder, SideEffect
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
) -> Medication:
    """Something the person takes that is not ordered here. Raises `Refused` when it has no name or stands already."""
    staff_id = policies.may_record(by, patient)
    name = name.strip()
    if not name:
        raise Refused("Write the name of the medicine; nothing was saved.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    standing = Medication.objects.filter(patient=patient, name__iexact=name, ended_on__isnull=True)
    if standing.filter(dose__iexact=dose.strip()).exists():
        raise Refused(f"{name} is on the list already; end it first if it has changed.")
    row = Medication.objects.create(
        patient=patient,
        name=name,
        dose=dose.strip(),
        rxnorm=rxnorm,
        source=source,
        starts_on=starts_on,
        part2=part2,
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
    source: str = "reported",
) -> Allergy:
    """What the person does not tolerate. Raises `Refused` when unnamed or on file already."""
    policies.may_record(by, patient)
    substance = substance.strip()
    if not substance:
        raise Refused("Write what the person is allergic to; nothing was saved.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    if Allergy.objects.filter(patient=patient, substance__iexact=substance, ended_at__isnull=True).exists():
        raise Refused(f"An allergy to {substance} is on file already.")
    row = Allergy.objects.create(
        patient=patient, substance=substance, reaction=reaction.strip(), source=source, recorded_at=at
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
def order_medication(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    drug: str,
    dose: Decimal,
    unit: str,
    route: str,
    frequency: str,
    starts_on: date,
    ends_on: date | None = None,
    instructions: str = "",
    given_here: bool = False,
    replaces: MedicationOrder | None = None,
    seen_warnings: tuple[str, ...] = (),
) -> MedicationOrder:
    """Sign an order. `drug`: a key of the drug list or a free name. Dose: one dose, in `unit`.

    Every warning of the check must be in `seen_warnings`: shown to the prescriber and passed over. They are kept
    on the order. `replaces` is stopped in the same transaction. Raises `Refused` for what the rules forbid
    (methadone outside an opioid treatment program, no dose, an end before the start) and for a warning not seen.
    """
    staff_id = policies.may_order(by, patient)
    drug = drug.strip()
    if not drug:
        raise Refused("Choose a medicine from the list, or write its name.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    before = _stop_replaced(replaces, patient, at, staff_id)
    asked = rules.Order(drug, dose, unit, route, frequency, starts_on, ends_on)
    check = queries.check_new_order(patient, asked, on=_day(at, patient))
    unseen = [warning for warning in check.warnings if warning not in seen_warnings]
    if unseen:
        raise Refused(f"Look at this before you sign: {' '.join(unseen)}")
    known = rules.drug(drug)
    row = MedicationOrder.objects.create(
        patient=patient,
        drug=drug[:60],
        name=(known.name if known else drug)[:160],
        dose=dose,
        unit=unit,
        route=route,
        frequency=frequency,
        instructions=instructions.strip(),
        given_here=given_here,
        starts_on=starts_on,
        ends_on=ends_on,
        prescriber_id=staff_id,
        at=at,
        warnings=list(check.warnings),
        replaces=before,
    )
    _write(
        by,
        at,
        "medication.order",
        row,
        patient.pk,
        drug=known.key if known else "not in the list",
        warnings=len(check.warnings),
        replaces=before.pk if before else None,
    )
    return row


@transaction.atomic
def stop_order(*, by: Actor, at: datetime, order: MedicationOrder, because: str) -> MedicationOrder:
    """No dose from this day on. Raises `Refused` without a reason or the second time."""
    staff_id = policies.may_order(by, order.patient)
    locked = MedicationOrder.objects.select_for_update().get(pk=order.pk)
    _stop(locked, at, staff_id, because)
    _write(by, at, "medication.stop", locked, locked.patient_id)
    return locked


@transaction.atomic
def record_dose(
    *,
    by: Actor,
    at: datetime,
    order: MedicationOrder,
    outcome: str,
    once_key: str,
    amount: Decimal | None = None,
    note: str = "",
) -> Dose:
    """A dose given, refused or held. The same `once_key` twice is one dose: the second call returns the first row.

    Raises `Refused` when the order is not in force, all doses of the day are given, or it does not say why not.
    """
    staff_id = policies.may_give(by, order.patient)
    locked = (
        MedicationOrder.objects.select_for_update(of=("self",))
        .select_related("patient__site")
        .get(pk=order.pk)
    )
    earlier = Dose.objects.filter(once_key=once_key).first()
    if earlier is not None:
        return _same_dose(earlier, locked)
    zone = ZoneInfo(locked.patient.site.zone)
    given = outcome == rules.DoseOutcome.GIVEN
    dose = rules.Dose(at.astimezone(zone).date(), _outcome(outcome), amount if given else None, note.strip())
    warnings = rules.may_record_dose(
        queries.as_rule(locked, zone), dose, queries.doses_as_rule(locked.doses.all(), zone)
    )
    try:
        with transaction.atomic():
            row = Dose.objects.create(
                order=locked,
                outcome=outcome,
                amount=dose.amount,
                note=dose.note,
                at=at,
                by_id=staff_id,
                once_key=once_key,
            )
    except IntegrityError as twice:
        raise Refused("This dose was recorded a moment ago; look at the list again.") from twice
    _write(
        by,
        at,
        "medication.dose",
        row,
        locked.patient_id,
        outcome=outcome,
        order=locked.pk,
        warnings=len(warnings),
    )
    return row


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
        patient=patient,
        order=order,
        effect=effect.strip()[:80],
        severity=severity,
        note=note.strip(),
        at=at,
        by_id=staff_id,
    )
    if advice.urgent:
        raise_alert(
            by=by,
            at=at,
            patient=patient,
            kind="side_effect",
            sentence=f"Side effect, {severity}: {row.effect}. {advice.tell}",
            subject=f"SideEffect {row.pk}",
        )
    _write(by, at, "medication.side_effect", row, patient.pk, severity=severity, alert=advice.urgent)
    return row


@transaction.atomic
def close_side_effect(*, by: Actor, at: datetime, side_effect: SideEffect) -> SideEffect:
    """It is over or dealt with. Raises `Refused` the second time."""
    policies.may_record(by, side_effect.patient)
    locked = SideEffect.objects.select_for_update().get(pk=side_effect.pk)
    if locked.closed_at is not None:
        raise Refused("This side effect was closed already.")
    locked.closed_at = at
    locked.save(update_fields=["closed_at"])
    _write(by, at, "medication.close_side_effect", locked, locked.patient_id)
    return locked


def _stop(locked: MedicationOrder, at: datetime, staff_id: int, because: str) -> None:
    if locked.stopped_at is not None:
        raise Refused(f"The order for {locked.name} was stopped already; nothing was changed.")
    if not because.strip():
        raise Refused("Say why the order is stopped; the next prescriber needs it.")
    locked.stopped_at, locked.stopped_by_id, locked.stopped_because = at, staff_id, because.strip()[:200]
    locked.save(update_fields=["stopped_at", "stopped_by", "stopped_because"])


def _stop_replaced(
    order: MedicationOrder | None, patient: Patient, at: datetime, staff_id: int
) -> MedicationOrder | None:
    if order is None:
        return None
    locked = MedicationOrder.objects.select_for_update().get(pk=order.pk)
    if locked.patient_id != patient.pk:
        raise Refused("The order to be replaced belongs to somebody else; nothing was saved.")
    _stop(locked, at, staff_id, "Replaced by a new order.")
    return locked


def _same_dose(earlier: Dose, order: MedicationOrder) -> Dose:
    if earlier.order_id != order.pk:
        raise Refused("This form was sent for another order; open the list again.")
    return earlier


def _outcome(word: str) -> rules.DoseOutcome:
    try:
        return rules.DoseOutcome(word)
    except ValueError as unknown:
        raise Refused("Say whether the dose was given, refused or held.") from unknown


def _day(at: datetime, patient: Patient) -> date:
    return at.astimezone(ZoneInfo(patient.site.zone)).date()


def _write(
    by: Actor, at: datetime, action: str, row: object, patient_id: int, **detail: str | int | bool | None
) -> None:
    subject = f"{type(row).__name__} {row.pk}"  # type: ignore[attr-defined] # every row here has a key
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id, detail=detail)
