"""Money received, and the statement that tells the patient what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.billing import policies, queries, rules
from stepwell.clinic.billing.models import Charge, Payment, PaymentSource, Statement
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.refusal import Refused

_MOST = Decimal("1000000")


@transaction.atomic
def post_payment(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    source: str,
    amount: Decimal,
    once_key: str,
    reference: str = "",
    charge: Charge | None = None,
) -> Payment:
    """Post what the patient or a payer paid, or an adjustment (above zero it lowers what the patient owes).

    `once_key` comes from the open form: the same one a second time gives the first row back and posts nothing.
    Raises `Refused` for zero, for a negative payment of a patient, a charge of somebody else or a voided one,
    and for a key that posted something else.
    """
    staff_id = policies.may_work(by, patient.site_id)
    if source not in PaymentSource.values:
        raise Refused("Say who paid: the patient, the payer, or that it is an adjustment.")
    if amount == 0 or abs(amount) >= _MOST or amount != amount.quantize(Decimal("0.01")):
        raise Refused("Enter an amount in dollars and cents, not zero.")
    if source == PaymentSource.PATIENT and amount < 0:
        raise Refused("A patient's payment is above zero. Money given back is a negative adjustment.")
    if charge is not None and charge.patient_id != patient.pk:
        raise Refused("This charge belongs to somebody else. Choose again; nothing was posted.")
    if charge is not None and charge.voided_at is not None:
        raise Refused("This charge was voided; post the money to the account or to another charge.")
    try:
        with transaction.atomic():
            row = Payment.objects.create(
                patient=patient,
                charge=charge,
                source=source,
                amount=amount,
                reference=reference.strip(),
                at=at,
                by_id=staff_id,
                once_key=once_key,
            )
    except IntegrityError as twice:  # once_key
        first = Payment.objects.get(once_key=once_key)
        if (first.patient_id, first.source, first.amount) != (patient.pk, source, amount):
            raise Refused("This form has posted another payment already. Load the page again.") from twice
        return first
    trail.record(
        by=by,
        at=at,
        action="billing.post_payment",
        subject=f"Payment {row.pk}",
        patient_id=patient.pk,
        detail={"source": source, "amount": amount, "charge": charge.pk if charge else None},
    )
    return row


@transaction.atomic
def make_statement(*, by: Actor, at: datetime, patient: Patient) -> Statement:
    """What the patient owes, kept as it is printed; numbers run without a gap at each site.

    It begins with the balance of the last statement and lists what was posted since, whenever that was.
    Raises `Refused` when there is nothing to state, and a second time on a day on which nothing came in.
    """
    staff_id = policies.may_work(by, patient.site_id)
    site = Site.objects.select_for_update(no_key=True).get(pk=patient.site_id)
    today = at.astimezone(ZoneInfo(site.zone)).date()
    account = queries.account_of(by, patient)
    entries = queries.entries(account.charges, account.payments, site.zone)
    stated = {held for row in account.statements for held in row.lines[0]["holds"]}
    new = [entry for entry in entries if entry.id not in stated]
    ended = max((row.to_day for row in account.statements), default=None)
    if not new and ended == today:
        raise Refused(
            "The account was stated today already, and nothing came in since. Print that statement."
        )
    if ended is None:
        first_day = min([today, *(entry.on for entry in new)])
    else:
        first_day = min(today, ended + timedelta(days=1))
    told = rules.statement(
        [
            replace(
                entry,
                on=max(entry.on, first_day) if entry.id not in stated else first_day - timedelta(days=1),
            )
            for entry in entries
        ],
        first_day,
        today,
    )
    if not told.lines and not told.opening:
        raise Refused("There is nothing to state: no charge, no payment and no balance.")
    number = Statement.objects.filter(patient__site=site).count() + 1
    opening = _line(first_day, "opening", "Balance before", told.opening.amount, told.opening.amount)
    row = Statement.objects.create(
        patient=patient,
        number=f"{site.pk}-{number:06d}",
        from_day=first_day,
        to_day=today,
        lines=[
            {**opening, "holds": [entry.id for entry in new]},
            *(
                _line(line.on, line.kind.value, line.label, line.amount.amount, line.balance.amount)
                for line in told.lines
            ),
        ],
        balance=told.balance.amount,
        at=at,
        by_id=staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="billing.statement",
        subject=f"Statement {row.pk}",
        patient_id=patient.pk,
        detail={"number": row.number, "balance": row.balance, "lines": len(told.lines)},
    )
    return row


def _line(on: date, kind: str, label: str, amount: Decimal, balance: Decimal) -> dict[str, str]:
    return {
        "on": on.isoformat(),
        "kind": kind,
        "label": label,
        "amount": str(amount),
        "balance": str(balance),
    }
