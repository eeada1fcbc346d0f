"""Charges from signed days, their voiding, and the rule a payer follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.billing import policies, queries, rules
from stepwell.clinic.billing.models import Charge, PayerRule, PaymentSource
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Batch:
    """The charges made, and the days that wait, each with every reason."""

    charges: tuple[Charge, ...]
    waiting: tuple[queries.Waiting, ...]


@transaction.atomic
def make_charges(*, by: Actor, at: datetime, through: date) -> Batch:
    """Charge every day up to `through` that is ready: signed, under a valid credential, covered, long enough.

    Pressed twice or by two billers at once, each day is charged once: the second one waits for the first and
    finds nothing left.
    """
    policies.may_work(by)
    found = queries.patients_with_unbilled(by, at=at, through=through)
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=found).order_by("pk"))
    # Judged after the lock: whoever was quicker has committed by now.
    days = queries.judged(by, at=at, through=through, patient_ids=found)
    rows = [_row(one, by, at) for one in days.ready]
    try:
        with transaction.atomic():
            Charge.objects.bulk_create(rows)
    except IntegrityError as twice:  # charged_once_a_day
        raise Refused(
            "One of these days was charged a moment ago; nothing was charged twice. Load the page again."
        ) from twice
    trail.record_each(
        by=by,
        at=at,
        action="billing.charge",
        of=[
            (
                row.patient_id,
                f"Charge {row.pk}",
                {
                    "day": row.day,
                    "code": row.code,
                    "units": row.units,
                    "amount": row.amount,
                    "notes": row.notes,
                },
            )
            for row in rows
        ],
    )
    return Batch(tuple(rows), days.waiting)


@transaction.atomic
def void_charge(*, by: Actor, at: datetime, charge: Charge, because: str) -> Charge:
    """Take a charge back; the row stays, and its day can be charged again.

    Raises `Refused` without a reason, the second time, and while a payer's money stands against it.
    """
    staff_id = policies.may_work(by, charge.patient.site_id)
    locked = Charge.objects.select_for_update().get(pk=charge.pk)
    if locked.voided_at is not None:
        raise Refused("This charge was voided already; nothing was changed.")
    if not because.strip():
        raise Refused("Write in a few words why the charge is taken back.")
    received = sum(p.amount for p in locked.payments.filter(source=PaymentSource.PAYER))
    if received:
        raise Refused("The payer's money stands against this charge; post its return first.")
    locked.voided_at, locked.voided_by_id, locked.voided_because = at, staff_id, because.strip()[:200]
    locked.save(update_fields=["voided_at", "voided_by", "voided_because"])
    trail.record(
        by=by,
        at=at,
        action="billing.void",
        subject=f"Charge {locked.pk}",
        patient_id=locked.patient_id,
        detail={"day": locked.day, "code": locked.code, "amount": locked.amount},
    )
    return locked


@transaction.atomic
def follow_rule(*, by: Actor, at: datetime, payer: Payer, rule: str, starts_on: date) -> PayerRule:
    """From a day on this payer pays by this rule (a key of coverage/data/payer-rules.json).

    Raises `Refused` for a rule that is not on file or not in effect that day, and for one that is followed already.
    """
    policies.may_work(by)
    try:
        rules.rule_on(rule, starts_on)
    except LookupError as unknown:
        raise Refused(
            "This rule is not on file for that day. Choose another rule or a later day."
        ) from unknown
    Payer.objects.select_for_update().get(pk=payer.pk)
    if PayerRule.objects.filter(payer=payer, rule=rule, ends_on__isnull=True).exists():
        raise Refused(f"{payer.name} follows this rule already.")
    try:
        with transaction.atomic():
            row = PayerRule.objects.create(payer=payer, rule=rule, starts_on=starts_on)
    except IntegrityError as twice:  # payer_rule_once_a_day
        raise Refused(f"{payer.name} followed this rule from that day before; choose another day.") from twice
    trail.record(
        by=by,
        at=at,
        action="billing.follow_rule",
        subject=f"PayerRule {row.pk}",
        detail={"payer": payer.pk, "rule": rule, "from": starts_on},
    )
    return row


@transaction.atomic
def stop_rule(*, by: Actor, at: datetime, payer_rule: PayerRule, ends_on: date) -> PayerRule:
    """The last day on which the payer follows the rule. Raises `Refused` for a day before its first."""
    policies.may_work(by)
    locked = PayerRule.objects.select_for_update().get(pk=payer_rule.pk)
    if ends_on < locked.starts_on:
        raise Refused("The last day lies before the first. Check the date; nothing was saved.")
    locked.ends_on = ends_on
    locked.save(update_fields=["ends_on"])
    trail.record(
        by=by,
        at=at,
        action="billing.stop_rule",
        subject=f"PayerRule {locked.pk}",
        detail={"rule": locked.rule, "through": ends_on},
    )
    return locked


def _row(one: queries.Ready, by: Actor, at: datetime) -> Charge:
    charge = one.charge
    return Charge(
        patient=one.patient,
        policy=one.policy,
        authorization_id=charge.authorization_id,
        day=charge.on,
        code=charge.code,
        units=charge.units,
        minutes=charge.minutes,
        amount=charge.amount.amount,
        allowed=None if one.allowed is None else one.allowed.amount,
        patient_share=None if one.share is None else one.share.amount,
        rule=charge.rule_key,
        rule_edition=charge.rule_edition,
        notes=list(charge.note_ids),
        made_at=at,
        made_by=by.name,
    )
