"""Ordering and stopping, the facts that checks ask for, and what a pharmacy filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.medication import policies, queries, rules
from stepwell.clinic.medication.actions.trace import _day, _sent_before, _write
from stepwell.clinic.medication.models import (
    MedicationOrder,
    SafetyFact,
    StartCheck,
    Supply,
    TitrationStep,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class PassedOver:
    """Why a check is passed over: a code of `rules.override_reasons`, and words."""

    reason: str
    note: str = ""


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
    rxnorm: str = "",
    steps: Sequence[rules.Step] = (),
    passed_over: Mapping[str, PassedOver] | None = None,
) -> MedicationOrder:
    """Sign an order. `drug`: a key of the drug list or a free name. Dose: one dose, in `unit`.

    `steps` titrate it: the dose from a day of the order on. `passed_over`: code of a check -> why; every check of
    the order that is not met needs one. Those of the first dose are asked again as it is given here.

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
    asked = rules.Order(drug, dose, unit, route, frequency, starts_on, ends_on, steps=tuple(steps))
    chosen = _product(rxnorm, drug)
    check = queries.check_new_order(patient, asked, on=_day(at, patient))
    unseen = [warning for warning in check.warnings if warning not in seen_warnings]
    if unseen:
        raise Refused(f"Look at this before you sign: {' '.join(unseen)}")
    known = rules.drug(drug)
    found = queries.check_start(patient, drug, at=at)
    passed = passed_over or {}
    _all_passed(found, passed, ask_start=not given_here)
    row = MedicationOrder.objects.create(
        patient=patient,
        drug=drug[:60],
        name=(known.name if known else drug)[:160],
        rxnorm=chosen,
        dose=dose,
        unit=unit,
        route=route,
        frequency=frequency,
        instructions=instructions.strip()[:300],
        given_here=given_here,
        starts_on=starts_on,
        ends_on=ends_on,
        prescriber_id=staff_id,
        at=at,
        warnings=list(check.warnings),
        replaces=before,
    )
    TitrationStep.objects.bulk_create(
        TitrationStep(order=row, from_day=step.from_day, dose=step.dose) for step in asked.steps
    )
    _keep_checks(row, found, passed, at, staff_id, later=given_here)
    _write(
        by,
        at,
        "medication.order",
        row,
        patient.pk,
        drug=known.key if known else "not in the list",
        warnings=len(check.warnings),
        passed_over=len(passed),
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
def record_fact(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    value: str = "",
    number: Decimal | None = None,
    true_at: datetime | None = None,
    note: str = "",
) -> SafetyFact:
    """Something that a check asks for, true at `true_at` (now when None). A later row holds instead of an earlier.

    Raises `Refused` for an unknown kind, an answer it does not offer, a number that cannot be, or a time ahead.
    """
    staff_id = policies.may_record(by, patient)
    asked = rules.fact_kind(kind)
    rules.may_record_fact(asked, value, number)
    when = true_at or at
    if when > at:
        raise Refused(f"{asked.label}: the time lies ahead; write when it was.")
    row = SafetyFact.objects.create(
        patient=patient, kind=asked.code, value=value, number=number, true_at=when, note=note.strip()[:300],
        at=at, by_id=staff_id,
    )  # fmt: skip
    _write(by, at, "medication.record_fact", row, patient.pk, kind=asked.code)
    return row


@transaction.atomic
def record_supply(
    *,
    by: Actor,
    at: datetime,
    order: MedicationOrder,
    on: date,
    pieces: Decimal,
    strength: Decimal,
    once_key: str,
    refills_left: int = 0,
    pharmacy: str = "",
) -> Supply:
    """What was filled for an order taken at home. `strength`: of one piece, in the order's unit.

    The same form twice is one supply. Raises `Refused` for nothing filled, a day ahead, or a stopped order.
    """
    staff_id = policies.may_record(by, order.patient)
    locked = (
        MedicationOrder.objects.select_for_update(of=("self",))
        .select_related("patient__site")
        .get(pk=order.pk)
    )
    earlier: Supply | None = _sent_before(Supply, once_key, order_id=locked.pk)
    if earlier is not None:
        return earlier
    if locked.stopped_at is not None:
        raise Refused(f"The order for {locked.name} was stopped; nothing is filled for it any more.")
    if not (0 < pieces <= 10_000 and 0 < strength <= 100_000):
        raise Refused("Write how many pieces were filled and the strength of one.")
    if not 0 <= refills_left <= 24:
        raise Refused("From 0 to 24 refills can be left.")
    if on > _day(at, locked.patient):
        raise Refused("The day lies ahead; record the fill when it has happened.")
    row = Supply.objects.create(
        order=locked, on=on, pieces=pieces, strength=strength, refills_left=refills_left,
        pharmacy=pharmacy.strip()[:160], at=at, by_id=staff_id, once_key=once_key,
    )  # fmt: skip
    _write(by, at, "medication.supply", row, locked.patient_id, order=locked.pk)
    return row


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


def _product(rxnorm: str, drug: str) -> str:
    """The code of the product chosen. Refused when it is not in the carried subset or of another drug."""
    if not rxnorm:
        return ""
    found = rules.product(rxnorm)
    if found is None or found.drug != drug:
        raise Refused("This product is not one of the medicine ordered; choose again.")
    return found.rxnorm


def _all_passed(found: Sequence[rules.Finding], passed: Mapping[str, PassedOver], *, ask_start: bool) -> None:
    """Every check that is asked now and not met is passed over with a reason. Refused with the first that is not."""
    for one in rules.unmet(tuple(found)):
        given = passed.get(one.code)
        if given is not None:
            rules.may_pass_over(one, given.reason, given.note)
        elif ask_start or one.phase is rules.Phase.ORDER:
            rules.may_pass_over(one, "", "")


def _keep_checks(
    order: MedicationOrder,
    found: Sequence[rules.Finding],
    passed: Mapping[str, PassedOver],
    at: datetime,
    staff_id: int,
    *,
    later: bool,
) -> None:
    """Rows of what was found. With `later`, an unmet check of the first dose is left for that dose."""
    rows = []
    for one in found:
        why = passed.get(one.code)
        unmet = one.state is not rules.CheckState.OK
        if one.phase is rules.Phase.START and later and why is None:
            continue
        rows.append(
            StartCheck(
                order=order,
                code=one.code,
                phase=one.phase.value,
                state=one.state.value,
                sentence=one.sentence,
                reason=why.reason if why and unmet else "",
                note=why.note.strip() if why and unmet else "",
                at=at,
                by_id=staff_id,
            )
        )
    StartCheck.objects.bulk_create(rows)
