"""What every day is judged by: policies, rules, rates, approvals, credentials, and what is charged already."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.clinic.authorization.queries import approvals_of
from stepwell.clinic.billing import rules
from stepwell.clinic.billing.models import Charge, PayerRule
from stepwell.clinic.coverage.models import Benefits, FeeDetermination, Policy, ServiceRate
from stepwell.clinic.coverage.queries import as_rule, determination_as_rule
from stepwell.clinic.coverage.rules import Money, charge_after
from stepwell.clinic.people.models import Credential, Patient
from stepwell.clinic.people.rules import Credential as HeldCredential
from stepwell.clinic.people.rules import credential_valid
from stepwell.clinic.placement.models import Placement


@dataclass
class Terms:
    """Read once for all days. `charged` and what is left of approvals and benefits move on with every `take`."""

    policies: Mapping[int, list[Policy]]
    benefits: Mapping[int, Benefits]
    payer_rules: Mapping[int, list[PayerRule]]
    rates: list[ServiceRate]
    fees: Mapping[int, list[FeeDetermination]]
    approvals: Mapping[int, list[Any]]
    credentials: Mapping[int, list[Credential]]
    charged: dict[tuple[int, date], set[str]]
    used: dict[int, Decimal]
    priced: dict[int, list[rules.Priced]]
    placements: Mapping[int, list[Placement]]
    shares: dict[int, Iterator[Money | None]] = field(default_factory=dict)

    def level_on(self, patient_id: int, first: datetime, on: date, zone: ZoneInfo) -> str:
        """The clinical level of a day: in force when its first session began, or else placed later that day.

        '' when none was: before admission and after discharge.
        """
        rows = self.placements.get(patient_id, [])
        before = [row.level for row in rows if row.starts_at <= first]
        if before and before[-1]:
            return before[-1]
        return next(
            (row.level for row in rows if row.level and row.starts_at.astimezone(zone).date() == on), ""
        )

    def policy_on(self, patient_id: int, on: date) -> Policy | None:
        """The one that pays first that day; None means self-pay."""
        for policy in self.policies.get(patient_id, []):
            if policy.starts_on <= on and (policy.ends_on is None or policy.ends_on >= on):
                return policy
        return None

    def rules_on(self, policy: Policy | None, on: date) -> list[rules.PayerRule]:
        """The payer's rules of that day, for every level of care; without authorization where the plan wants none."""
        if policy is None:
            keys = list(rules.load_filing_limits().self_pay_rules)
        else:
            keys = [
                row.rule
                for row in self.payer_rules.get(policy.payer_id, [])
                if row.starts_on <= on and (row.ends_on is None or row.ends_on >= on)
            ]
        found = []
        for key in keys:
            try:
                found.append(rules.rule_on(key, on))
            except LookupError:
                continue
        if policy is not None and self._waives_authorization(policy):
            return [replace(rule, needs_authorization=False) for rule in found]
        return found

    def _waives_authorization(self, policy: Policy) -> bool:
        heard = self.benefits.get(policy.pk)
        return heard is not None and heard.authorization_required is False

    def rate(self, site_id: int, code: str, on: date, payer_id: int | None = None) -> Money | None:
        """The site's charge, or with a payer what that payer allows, for one unit on a day."""
        held = [
            rate
            for rate in self.rates
            if (rate.site_id, rate.code, rate.payer_id) == (site_id, code, payer_id)
            and rate.starts_on <= on
            and (rate.ends_on is None or rate.ends_on >= on)
        ]
        return Money.of(max(held, key=lambda rate: rate.starts_on).amount) if held else None

    def cover(
        self, patient_id: int, policy: Policy | None, code: str, on: date
    ) -> rules.AuthorizationCover | None:
        """The approval of that day: one with something left if there is one, else the nearest thing to it."""
        mine = [a for a in self.approvals.get(patient_id, []) if policy and a.policy_id == policy.pk]

        def closeness(row: Any) -> tuple[bool, bool, bool]:
            within = row.from_day <= on <= row.to_day
            return (not within, row.service_code != code, self._left(row) <= 0)

        if not mine:
            return None
        row = min(mine, key=closeness)  # the first of equals: the one that ends first
        return rules.AuthorizationCover(
            id=row.pk,
            number=row.number,
            starts_on=row.from_day,
            ends_on=row.to_day,
            unit=row.unit,
            left=self._left(row),
            codes=frozenset({row.service_code}),
        )

    def credential(self, staff_id: int | None, signed_with: str, on: date) -> tuple[str, bool]:
        """The credential a session counts under, and whether it was valid that day."""
        held = self.credentials.get(staff_id or 0, [])
        valid = [row.kind for row in held if credential_valid(_held(row), on).valid]
        if signed_with:
            return signed_with, signed_with in valid
        return (valid[0], True) if valid else (held[0].kind if held else "", False)

    def take(self, charge: rules.Charge) -> None:
        """From now on this charge stands."""
        patient_id = int(charge.patient_id)
        self.charged[patient_id, charge.on].add(charge.code)
        if charge.authorization_id is None:
            return
        row = next(a for a in self.approvals[patient_id] if a.pk == charge.authorization_id)
        self.used[row.pk] += _units(row.unit, charge.units, charge.minutes)

    def share(
        self, patient: Patient, policy: Policy | None, charge: rules.Charge
    ) -> tuple[Money | None, Money | None]:
        """What the payer allows and what the patient owes of a charge; None where nobody has told."""
        if policy is None:
            fee = next(
                (f for f in self.fees.get(patient.pk, []) if f.valid_from <= charge.on < f.valid_until), None
            )
            if fee is None:
                return None, charge.amount
            decided = determination_as_rule(fee, ZoneInfo(patient.site.zone))
            return None, charge_after(decided, charge.amount)
        one = self.rate(patient.site_id, charge.code, charge.on, policy.payer_id)
        allowed = None if one is None else min(one * charge.units, charge.amount)
        before = self.priced[policy.pk]
        before.append(rules.Priced(on=charge.on, charge=charge.amount, allowed=allowed))
        if policy.pk not in self.shares:
            # It goes on with `before` as that grows: each charge asks for its own share, not for all again.
            self.shares[policy.pk] = rules.shares(before, self._told(policy, patient))
            deque(islice(self.shares[policy.pk], len(before) - 1), maxlen=0)
        return allowed, next(self.shares[policy.pk])

    def _told(self, policy: Policy, patient: Patient) -> rules.Told | None:
        heard = self.benefits.get(policy.pk)
        if heard is None:
            return None
        return rules.Told(
            benefits=as_rule(heard, ZoneInfo(patient.site.zone)),
            heard_on=heard.verified_at.astimezone(ZoneInfo(patient.site.zone)).date(),
            deductible=None if heard.deductible is None else Money.of(heard.deductible),
            out_of_pocket_max=None if heard.out_of_pocket_max is None else Money.of(heard.out_of_pocket_max),
        )

    def _left(self, row: Any) -> Decimal:
        return Decimal(row.units_approved) - self.used[row.pk]


def terms_of(by: Actor, days: Collection[tuple[int, date]]) -> Terms:
    """The terms of these (patient, day) pairs, in a fixed number of queries."""
    patients = sorted({patient for patient, _ in days})
    policies: dict[int, list[Policy]] = defaultdict(list)
    for policy in (
        Policy.objects.filter(patient__in=patients)
        .select_related("payer")
        .order_by("priority", "-starts_on", "pk")
    ):
        policies[policy.patient_id].append(policy)
    held = [policy for found in policies.values() for policy in found]
    benefits = {
        row.policy_id: row for row in Benefits.objects.filter(policy__in=held).order_by("verified_at", "pk")
    }
    payer_rules: dict[int, list[PayerRule]] = defaultdict(list)
    for rule in PayerRule.objects.filter(payer__in={p.payer_id for p in held}).order_by("pk"):
        payer_rules[rule.payer_id].append(rule)
    fees: dict[int, list[FeeDetermination]] = defaultdict(list)
    for fee in FeeDetermination.objects.filter(patient__in=patients).order_by("-decided_at", "-pk"):
        fees[fee.patient_id].append(fee)
    approvals = approvals_of(by, patients)
    units = {row.pk: row.unit for rows in approvals.values() for row in rows}
    charged: dict[tuple[int, date], set[str]] = defaultdict(set)
    used: dict[int, Decimal] = defaultdict(Decimal)
    priced: dict[int, list[rules.Priced]] = defaultdict(list)
    for charge in Charge.objects.filter(patient__in=patients, voided_at__isnull=True).order_by(
        "made_at", "day", "pk"
    ):
        charged[charge.patient_id, charge.day].add(charge.code)
        if charge.authorization_id is not None and charge.authorization_id in units:
            used[charge.authorization_id] += _units(
                units[charge.authorization_id], charge.units, charge.minutes
            )
        heard = benefits.get(charge.policy_id or 0)
        if charge.policy_id is not None and (heard is None or charge.made_at >= heard.verified_at):
            allowed = None if charge.allowed is None else Money.of(charge.allowed)
            priced[charge.policy_id].append(
                rules.Priced(on=charge.day, charge=Money.of(charge.amount), allowed=allowed)
            )
    sites = Patient.objects.filter(pk__in=patients).values("site_id")
    payers = {policy.payer_id for policy in held}
    rates = ServiceRate.objects.filter(Q(payer__isnull=True) | Q(payer__in=payers), site__in=sites)
    credentials: dict[int, list[Credential]] = defaultdict(list)
    for credential in Credential.objects.filter(staff__site__in=sites).order_by("issued_on", "pk"):
        credentials[credential.staff_id].append(credential)
    placements: dict[int, list[Placement]] = defaultdict(list)
    moves = Placement.objects.filter(episode__patient__in=patients).select_related("episode")
    for move in moves.order_by("starts_at", "number"):
        placements[move.episode.patient_id].append(move)
    return Terms(
        policies, benefits, payer_rules, list(rates), fees, approvals, credentials, charged, used, priced,
        placements,
    )  # fmt: skip


def _units(unit: str, units: int, minutes: int) -> Decimal:
    return Decimal(minutes) / 60 if unit == "hour" else Decimal(units)


def _held(row: Credential) -> HeldCredential:
    return HeldCredential(kind=row.kind, issued_on=row.issued_on, expires_on=row.expires_on)
