"""Charges, payments, balances and statements of a patient."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.billing import rules
from stepwell.clinic.billing.models import Charge, PayerRule, Payment, PaymentSource, Statement
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.coverage.rules import Money
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.rules import offered_levels
from stepwell.clinic.saying import date_words

_DOLLARS: Any = DecimalField(max_digits=12, decimal_places=2)
_OWN = (PaymentSource.PATIENT, PaymentSource.ADJUSTMENT)


@dataclass(frozen=True)
class Account:
    """All of one patient's money, newest first. `balance`: what the patient owes; below zero is a credit.

    `open_shares`: charges whose share the plan has not told; they are in no balance yet.
    `payers_owe`: what payers are still expected to pay.
    """

    charges: list[Charge]
    payments: list[Payment]
    statements: list[Statement]
    balance: Money
    payers_owe: Money
    open_shares: int


def account_of(by: Actor, patient: Patient) -> Account:
    """The account of the patient, in three queries."""
    seen = patients_for(by, _read(by))
    charges = list(
        Charge.objects.filter(patient=patient, patient__in=seen)
        .select_related("policy__payer", "authorization", "voided_by")
        .order_by("-day", "-pk")
    )
    payments = list(
        Payment.objects.filter(patient=patient, patient__in=seen)
        .select_related("by", "charge")
        .order_by("-at", "-pk")
    )
    standing = [charge for charge in charges if charge.voided_at is None]
    owed = sum((charge.patient_share or Decimal(0) for charge in standing), start=Decimal(0))
    paid = sum((p.amount for p in payments if p.source in _OWN), start=Decimal(0))
    expected = sum(
        (
            (c.amount if c.allowed is None else c.allowed) - (c.patient_share or Decimal(0))
            for c in standing
            if c.policy_id is not None
        ),
        start=Decimal(0),
    )
    by_payers = sum((p.amount for p in payments if p.source == PaymentSource.PAYER), start=Decimal(0))
    return Account(
        charges=charges,
        payments=payments,
        statements=statements_of(by, patient),
        balance=Money.of(owed - paid),
        payers_owe=Money.of(expected - by_payers),
        open_shares=sum(charge.patient_share is None for charge in standing),
    )


def balances(by: Actor) -> list[Any]:
    """Patients who owe something or have a credit, the highest first, with `.owes`. One query."""
    shares = (
        Charge.objects.filter(patient=OuterRef("pk"), voided_at__isnull=True)
        .order_by()
        .values("patient")
        .annotate(sum=Sum("patient_share"))
        .values("sum")
    )
    paid = (
        Payment.objects.filter(patient=OuterRef("pk"), source__in=_OWN)
        .order_by()
        .values("patient")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    return list(
        patients_for(by, Permission.BILLING_READ)
        .annotate(owes=_or_zero(shares) - _or_zero(paid))
        .exclude(owes=0)
        .order_by("-owes", "family_name", "pk")
    )


def recent_charges(by: Actor, *, most: int = 30) -> list[Charge]:
    """The charges made last."""
    rows = Charge.objects.filter(patient__in=patients_for(by, Permission.BILLING_READ))
    return list(rows.select_related("patient", "policy__payer").order_by("-made_at", "-pk")[:most])


def charge(by: Actor, number: int) -> Charge:
    """One charge. Raises `Charge.DoesNotExist` for a stranger's."""
    rows = Charge.objects.filter(patient__in=patients_for(by, Permission.BILLING_READ))
    return rows.select_related("patient__site", "policy__payer").get(pk=number)


def statements_of(by: Actor, patient: Patient) -> list[Statement]:
    """Statements as they were printed, newest first; the patient sees their own."""
    seen = patients_for(by, _read(by))
    return list(Statement.objects.filter(patient=patient, patient__in=seen).order_by("-at", "-pk"))


def statement(by: Actor, number: str) -> Statement:
    """One statement by its number. Raises `Statement.DoesNotExist` for a stranger's."""
    rows = Statement.objects.filter(patient__in=patients_for(by, _read(by)))
    return rows.select_related("patient__site", "by").get(number=number)


def payer_rules() -> QuerySet[PayerRule]:
    """Which rule each payer follows, payers by name; tells nothing of a patient."""
    return PayerRule.objects.select_related("payer").order_by("payer__name", "starts_on", "pk")


def followed_on(on: date) -> dict[int, list[rules.PayerRule]]:
    """Payer id -> the rules that the payer follows on a day, in the order in which they were set. One query."""
    found: dict[int, list[rules.PayerRule]] = {}
    held = PayerRule.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    for row in held.order_by("starts_on", "pk"):
        with suppress(LookupError):
            found.setdefault(row.payer_id, []).append(rules.rule_on(row.rule, on))
    return found


def day_code(payer_id: int, level: str, on: date) -> str:
    """The code of a whole day at a level of care by the payer's rules of a day; '' without one."""
    whole = (
        r for r in followed_on(on).get(payer_id, []) if r.unit is rules.Unit.PER_DIEM and level in r.levels
    )
    return next((rule.code for rule in whole), "")


def levels_without_rule(on: date) -> dict[int, list[str]]:
    """Payer id -> codes of the levels the program offers for which the payer follows no rule on a day."""
    followed = followed_on(on)
    offered = [level.value for level in sorted(offered_levels(on))]
    return {
        payer: [code for code in offered if not any(code in rule.levels for rule in followed.get(payer, []))]
        for payer in Payer.objects.values_list("pk", flat=True)
    }


def entries(charges: Iterable[Charge], payments: Iterable[Payment], zone: str) -> list[rules.Entry]:
    """The patient's side of the account: shares of charges, taken back when voided, and what was set against them.

    The words tell no diagnosis and no program: a statement may be opened by somebody else.
    """
    where = ZoneInfo(zone)
    found = []
    for row in charges:
        if row.patient_share is None:
            continue
        share = Money.of(row.patient_share)
        told = f"Day of care of {date_words(row.day)}, {row.code}; charge {Money.of(row.amount)}"
        made = row.made_at.astimezone(where).date()
        kind = rules.EntryKind.CHARGE
        found.append(rules.Entry(on=made, kind=kind, amount=share, label=told, id=f"charge {row.pk}"))
        if row.voided_at is not None:
            back = f"Taken back: day of care of {date_words(row.day)}"
            on = row.voided_at.astimezone(where).date()
            found.append(rules.Entry(on=on, kind=kind, amount=-share, label=back, id=f"void {row.pk}"))
    kinds = {
        PaymentSource.PATIENT: (rules.EntryKind.PATIENT, "Your payment"),
        PaymentSource.ADJUSTMENT: (rules.EntryKind.ADJUSTMENT, "Adjustment"),
    }
    for payment in payments:
        if payment.source in kinds:
            kind, label = kinds[PaymentSource(payment.source)]
            on = payment.at.astimezone(where).date()
            found.append(
                rules.Entry(
                    on=on, kind=kind, amount=Money.of(payment.amount), label=label, id=f"payment {payment.pk}"
                )
            )
    return found


def _or_zero(rows: Any) -> Any:
    return Coalesce(Subquery(rows, output_field=_DOLLARS), Value(Decimal(0)), output_field=_DOLLARS)


def _read(by: Actor) -> Permission:
    return Permission.BILLING_READ if by.is_staff else Permission.OWN_RECORD
