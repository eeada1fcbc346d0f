"""Giving doses, and doses to take home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from stepwell.accounts.actor import Actor
from stepwell.clinic.medication import policies, queries, rules
from stepwell.clinic.medication.actions.orders import PassedOver, _all_passed, _keep_checks
from stepwell.clinic.medication.actions.trace import _day, _sent_before, _write
from stepwell.clinic.medication.models import Dose, MedicationOrder, TakeHome
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


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
    observed: bool = False,
    lot: str = "",
    injection_site: str = "",
    passed_over: Mapping[str, PassedOver] | None = None,
) -> Dose:
    """A dose given, refused or held. The same `once_key` twice is one dose: the second call returns the first row.

    `passed_over`: code of a check of the first dose -> why; only a prescriber passes over one.
    Raises `Refused` when the order is not in force, all doses of the day are given or one is at home, it does not
    say why not, an injection has no site or lot, a check of the first dose is not met, or withdrawal says hold.
    """
    staff_id = policies.may_give(by, order.patient)
    locked = (
        MedicationOrder.objects.select_for_update(of=("self",))
        .select_related("patient__site")
        .get(pk=order.pk)
    )
    earlier: Dose | None = _sent_before(Dose, once_key, order_id=locked.pk)
    if earlier is not None:
        return earlier
    zone = ZoneInfo(locked.patient.site.zone)
    given = outcome == rules.DoseOutcome.GIVEN
    dose = rules.Dose(at.astimezone(zone).date(), _outcome(outcome), amount if given else None, note.strip())
    recorded = queries.doses_as_rule(locked.doses.all())
    warnings = rules.may_record_dose(queries.as_rule(locked, zone), dose, recorded)
    if given:
        rules.may_inject(locked.route, injection_site, lot)
        _nothing_at_home(locked, dose.on)
        _no_hold(locked.patient)
        _begin(by, at, locked, passed_over or {}, staff_id)
    try:
        with transaction.atomic():
            row = Dose.objects.create(
                order=locked,
                outcome=outcome,
                amount=dose.amount,
                note=dose.note[:300],
                on=dose.on,
                place=1 + sum(d.on == dose.on and d.outcome is rules.DoseOutcome.GIVEN for d in recorded),
                observed=given and observed,
                lot=lot.strip()[:60] if given else "",
                injection_site=injection_site if given else "",
                at=at,
                by_id=staff_id,
                once_key=once_key,
            )
    except IntegrityError as twice:  # dose_given_once, should another way of writing ever race this one
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
def send_home(
    *,
    by: Actor,
    at: datetime,
    order: MedicationOrder,
    doses: int,
    first_day: date,
    once_key: str,
    lot: str = "",
) -> TakeHome:
    """Doses given to be taken at home, one a day from `first_day` on. The same form twice gives them once.

    Raises `Refused` for more than the rule allows on that day of treatment, days on which the order is not in
    force or doses are at home already, an order that is not one dose a day, and before the first dose was given.
    """
    staff_id = policies.may_give(by, order.patient)
    locked = (
        MedicationOrder.objects.select_for_update(of=("self",))
        .select_related("patient__site")
        .get(pk=order.pk)
    )
    earlier: TakeHome | None = _sent_before(TakeHome, once_key, order_id=locked.pk)
    if earlier is not None:
        return earlier
    zone, today = ZoneInfo(locked.patient.site.zone), _day(at, locked.patient)
    begun = queries.days_given(locked)
    if not begun:
        raise Refused("Give the first dose here before doses go home.")
    _no_hold(locked.patient)
    day = (today - min(begun)).days + 1
    last = rules.may_take_home(
        queries.as_rule(locked, zone), doses=doses, first_day=first_day, today=today, treatment_day=day
    )
    if first_day == today and today in begun:
        raise Refused("The dose of today was given here; doses at home begin tomorrow.")
    try:
        with transaction.atomic():
            row = TakeHome.objects.create(
                order=locked,
                doses=doses,
                during=DateRange(first_day, last + timedelta(days=1), "[)"),
                lot=lot.strip()[:60],
                treatment_day=day,
                at=at,
                by_id=staff_id,
                once_key=once_key,
            )
    except IntegrityError as twice:  # take_home_days_once
        raise Refused("Doses for one of these days are at home already; choose a later first day.") from twice
    _write(by, at, "medication.take_home", row, locked.patient_id, order=locked.pk, doses=doses)
    return row


def _begin(
    by: Actor,
    at: datetime,
    order: MedicationOrder,
    passed: Mapping[str, PassedOver],
    staff_id: int,
) -> None:
    """The checks of a first dose: met, passed over as the order was signed, or passed over now by a prescriber."""
    found = queries.checks_before_dose(order, at=at)
    if rules.unmet(found) and passed:
        policies.may_order(by, order.patient)
    _all_passed(found, passed, ask_start=True)
    _keep_checks(order, found, passed, at, staff_id, later=False)


def _no_hold(patient: Patient) -> None:
    """Nothing is given while a withdrawal reading says hold and nobody has said what was done about it."""
    said = queries.hold_in_force(patient)
    if said:
        raise Refused(f"{said} Acknowledge this alert with what was done before a dose is given.")


def _nothing_at_home(order: MedicationOrder, day: date) -> None:
    if TakeHome.objects.filter(order=order, during__contains=day).exists():
        raise Refused("The dose of today was given to take home; nothing was recorded.")


def _outcome(word: str) -> rules.DoseOutcome:
    try:
        return rules.DoseOutcome(word)
    except ValueError as unknown:
        raise Refused("Say whether the dose was given, refused or held.") from unknown
