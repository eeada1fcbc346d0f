"""Payment plans: agreed, paid by hand, reminded of by a person, reviewed by a person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.assistance import policies, queries
from stepwell.clinic.coverage.assistance.models import (
    AgreementReview,
    InstalmentPaid,
    InstalmentReminder,
    PaymentAgreement,
    PlanInstalment,
    ReviewOutcome,
)
from stepwell.clinic.coverage.rules import (
    Money,
    PlanPoint,
    can_be_planned,
    load_plan_rules,
    payment_plan,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.rules import Channel
from stepwell.clinic.refusal import Refused


@transaction.atomic
def agree_on_plan(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    balance: Decimal,
    monthly: Decimal,
    first_due: date,
    agreed_by: str,
    disclosed: bool = False,
    charge: Decimal = Decimal(0),
) -> PaymentAgreement:
    """Equal instalments of at most `monthly`, with no interest and no fee, as `rules.payment_plan` counts them.

    Raises `Refused` for a `charge` of any kind, for an amount that does not do, and for more instalments than
    Regulation Z leaves alone while its disclosures were not given.
    """
    policies.may_record(by, patient.site_id)
    limits = load_plan_rules()
    if charge:
        raise Refused(
            "A plan here has no interest and no fee: with a charge the disclosures of Regulation Z (12 CFR 1026) "
            "are needed. Agree on a plan without one; nothing was saved."
        )
    if first_due < _day(at, patient):
        raise Refused("The first payment is due in the past. Check the date; nothing was saved.")
    if not can_be_planned(first_due):
        raise Refused("The first payment is due too far away. Check the year; nothing was saved.")
    decision = payment_plan(Money.of(balance), Money.of(monthly), first_due=first_due, rules=limits)
    plan = decision.plan
    if plan is None:
        why = "lasts too long" if PlanPoint.TOO_LONG in decision.points else "is too little"
        raise Refused(f"This {why}: at least {decision.needed} a month are needed. Nothing was saved.")
    if not plan.instalments:
        raise Refused("Nothing is owed, so there is nothing to agree on.")
    if plan.truth_in_lending and not disclosed:
        raise Refused(
            f"More than {limits.truth_in_lending_above} payments: the disclosures of Regulation Z (12 CFR 1026) "
            "are needed in writing before anybody agrees. Give them, or choose fewer payments; nothing was saved."
        )
    row = PaymentAgreement.objects.create(
        patient=patient,
        balance=balance,
        monthly=plan.monthly.amount,
        months=plan.months,
        agreed_on=_day(at, patient),
        agreed_by=agreed_by.strip(),
        disclosed=disclosed,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    PlanInstalment.objects.bulk_create(
        PlanInstalment(agreement=row, number=one.number, due_on=one.due_on, amount=one.amount.amount)
        for one in plan.instalments
    )
    _entry(by, at, "coverage.plan_agreed", row)
    return row


@transaction.atomic
def record_payment(
    *, by: Actor, at: datetime, agreement: PaymentAgreement, amount: Decimal, paid_on: date, how: str
) -> list[InstalmentPaid]:
    """A payment was received; it goes to the oldest instalments first. Raises `Refused` for more than is owed."""
    policies.may_record(by, agreement.patient.site_id)
    if paid_on > _day(at, agreement.patient):
        raise Refused("The day of the payment is in the future. Check the date; nothing was saved.")
    if amount <= 0:
        raise Refused("The amount must be above zero. Check it; nothing was saved.")
    rows = list(
        PlanInstalment.objects.select_for_update().filter(agreement=agreement).order_by("due_on", "number")
    )
    owed = sum((one.amount - one.paid for one in rows), Decimal(0))
    if amount > owed:
        raise Refused(f"This is more than is owed on the plan: {Money.of(owed)}. Nothing was saved.")
    paid, rest = [], amount
    for one in rows:
        part = min(rest, one.amount - one.paid)
        if part <= 0:
            continue
        one.paid += part
        one.save(update_fields=["paid"])
        paid.append(
            InstalmentPaid.objects.create(
                instalment=one, amount=part, paid_on=paid_on, how=how, at=at, by_id=by.staff_id
            )
        )
        rest -= part
    _entry(by, at, "coverage.plan_payment", agreement)
    return paid


@transaction.atomic
def remind(*, by: Actor, at: datetime, instalment: PlanInstalment, channel: str) -> InstalmentReminder:
    """A person reminded in the neutral words, on a channel that is allowed now. Stepwell itself sends nothing."""
    patient = instalment.agreement.patient
    policies.may_record(by, patient.site_id)
    due = queries.reminder_for(instalment, _day(at, patient))
    if due is None:
        raise Refused("No reminder is due for this payment; nobody is reminded twice.")
    allowed = queries.may_reach(patient, Channel(channel), at)
    if not allowed.allowed:
        raise Refused(f"{allowed.reason} Nothing was saved.")
    try:
        with transaction.atomic():
            row = InstalmentReminder.objects.create(
                instalment=instalment, kind=due.value, channel=channel, at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:  # instalment_reminded_once_each
        raise Refused("Somebody else reminded them of this just now; nobody is reminded twice.") from twice
    _entry(by, at, "coverage.plan_reminder", instalment.agreement)
    return row


@transaction.atomic
def review_plan(
    *, by: Actor, at: datetime, agreement: PaymentAgreement, outcome: str, because: str
) -> AgreementReview:
    """A person looked at a plan and decides how it goes on, with a reason. Nothing is collected by itself."""
    policies.may_record(by, agreement.patient.site_id)
    if not because.strip():
        raise Refused("Say why it is decided so; nothing was saved.")
    locked = PaymentAgreement.objects.select_for_update().get(pk=agreement.pk)
    if locked.reviews.exclude(outcome=ReviewOutcome.GOES_ON).exists():
        raise Refused("This plan has ended already; the decision stays as it is.")
    standing = queries.standing_of(agreement, _day(at, agreement.patient))
    row = AgreementReview.objects.create(
        agreement=agreement,
        outcome=outcome,
        missed=len(standing.missed),
        because=because.strip(),
        at=at,
        by_id=by.staff_id,
    )
    _entry(by, at, "coverage.plan_review", agreement)
    return row


def _day(at: datetime, patient: Patient) -> date:
    return at.astimezone(ZoneInfo(patient.site.zone)).date()


def _entry(by: Actor, at: datetime, action: str, agreement: PaymentAgreement) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"PaymentAgreement {agreement.pk}",
        patient_id=agreement.patient_id,
    )
