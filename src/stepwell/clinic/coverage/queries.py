"""Reading policies, benefits, rates, fee determinations and estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage import rules
from stepwell.clinic.coverage.models import (
    Benefits,
    Estimate,
    FeeDetermination,
    Payer,
    Policy,
    ServiceRate,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared


@dataclass(frozen=True)
class PolicyOnFile:
    """A policy with the benefits last heard (None: nobody asked yet)."""

    row: Policy
    benefits: Benefits | None


def policies_of(by: Actor, patient: Patient, *, on: date | None = None) -> list[PolicyOnFile]:
    """The patient's policies by priority, newest benefits beside each; with `on`, those in force that day."""
    rows = Policy.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    if on is not None:
        rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    found = list(rows.select_related("payer").order_by("priority", "-starts_on", "pk"))
    newest: dict[int, Benefits] = {}
    for heard in Benefits.objects.filter(policy__in=found).order_by("verified_at", "pk"):
        newest[heard.policy_id] = heard
    return [PolicyOnFile(row, newest.get(row.pk)) for row in found]


def policy_for(by: Actor, patient: Patient, policy_id: int) -> PolicyOnFile:
    """One policy of the patient. Raises `Policy.DoesNotExist`."""
    for found in policies_of(by, patient):
        if found.row.pk == policy_id:
            return found
    raise Policy.DoesNotExist


def payers() -> list[Payer]:
    return list(Payer.objects.order_by("name"))


def rate_on(site_id: int, code: str, day: date, payer: Payer | None = None) -> ServiceRate | None:
    """The site's charge, or with `payer` that payer's allowed amount, in force on a day."""
    rows = ServiceRate.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        site_id=site_id,
        code=code,
        payer=payer,
        starts_on__lte=day,
    )
    return rows.order_by("-starts_on").first()


def dated_rates(site_id: int, first: date, last: date, payer: Payer | None = None) -> list[rules.DatedRate]:
    """Every charge of the site, or with `payer` what that payer allows, that holds on some day of a span."""
    whose = {"payer_id": payer.pk} if payer else {}
    return [_dated(row) for row in _DATED.rows(site_id=site_id, first=first, last=last, **whose)]


_DATED = Prepared(
    lambda *, site_id, first, last, payer_id=None: ServiceRate.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=first),
        site_id=site_id,
        payer_id=payer_id,
        starts_on__lte=last,
    ).order_by("code", "starts_on")
)


@dataclass(frozen=True)
class SiteRates:
    """Every dated rate of some sites: the sites' own under None, what payers allow under the payer's id."""

    by_payer: Mapping[tuple[int, int | None], Sequence[rules.DatedRate]]
    payers: Mapping[int, str]

    def of(self, site_id: int, payer_id: int | None = None) -> Sequence[rules.DatedRate]:
        return self.by_payer.get((site_id, payer_id), ())


def rates_of_sites(site_ids: Iterable[int], on: date) -> SiteRates:
    """The rates of sites that hold on a day or later, and the payers that have some. One query."""
    rows = ServiceRate.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), site_id__in=list(site_ids)
    ).select_related("payer")
    by_payer: dict[tuple[int, int | None], list[rules.DatedRate]] = {}
    payers: dict[int, str] = {}
    for row in rows.order_by("payer__name", "code", "starts_on"):
        by_payer.setdefault((row.site_id, row.payer_id), []).append(_dated(row))
        if row.payer is not None:
            payers[row.payer.pk] = row.payer.name
    return SiteRates(by_payer, payers)


def rates_of(by: Actor) -> list[ServiceRate]:
    """Every rate of the sites that `by` sets up, the newest of each code first."""
    rows = ServiceRate.objects.filter(site_id__in=by.sites_with(Permission.STAFF_MANAGE))
    return list(rows.select_related("payer").order_by("code", "payer__name", "-starts_on"))


def fee_determination_on(patient: Patient, day: date) -> FeeDetermination | None:
    """The sliding fee that holds on a day; the newest decision wins."""
    return next(iter(_FEE.rows(patient_id=patient.pk, day=day)), None)


_FEE = Prepared(
    lambda *, patient_id, day: FeeDetermination.objects.filter(
        patient_id=patient_id, valid_from__lte=day, valid_until__gt=day
    ).order_by("-decided_at", "-pk")[:1]
)


def estimates_of(by: Actor, patient: Patient) -> list[Estimate]:
    rows = Estimate.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return list(rows.select_related("policy__payer", "made_by").order_by("-made_at", "-pk"))


def estimate_for(by: Actor, patient: Patient, estimate_id: int) -> Estimate:
    """One estimate of the patient. Raises `Estimate.DoesNotExist`."""
    visible = Estimate.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return visible.select_related("policy__payer", "second_policy__payer", "made_by", "patient__site").get(
        pk=estimate_id
    )


def as_rule(row: Benefits, zone: ZoneInfo) -> rules.Benefits:
    """The row as the estimate reads it: what is left of deductible and maximum; unknown stays unknown. `zone`: the site's."""
    network = None if row.in_network is None else rules.Network.IN if row.in_network else rules.Network.OUT
    return rules.Benefits(
        covered=row.covered,
        network=network,
        deductible_remaining=_left(row.deductible, row.deductible_met),
        out_of_pocket_remaining=_left(row.out_of_pocket_max, row.out_of_pocket_met),
        copay=None if row.copay_per_day is None else rules.Money.of(row.copay_per_day),
        coinsurance=row.coinsurance,
        copay_skips_deductible=row.copay_skips_deductible,
        balance_billed=row.balance_billed,
        units_left=row.day_limit,
        authorization_required=row.authorization_required,
        verified_on=row.verified_at.astimezone(zone).date(),
        family_deductible_remaining=_left(row.family_deductible, row.family_deductible_met),
        family_out_of_pocket_remaining=_left(row.family_out_of_pocket_max, row.family_out_of_pocket_met),
        resets_on=row.next_year_on,
        year=rules.YearAmounts(
            deductible=_money(row.deductible),
            out_of_pocket=_money(row.out_of_pocket_max),
            family_deductible=_money(row.family_deductible),
            family_out_of_pocket=_money(row.family_out_of_pocket_max),
        ),
    )


def determination_as_rule(row: FeeDetermination, zone: ZoneInfo) -> rules.Determination:
    return rules.Determination(
        annual_income=rules.Money.of(row.annual_income),
        household=row.household,
        region=rules.Region(row.region),
        guideline_edition=row.edition,
        guideline_amount=rules.ZERO,
        schedule_key="",
        percent_of_poverty=row.percent_of_guideline,
        class_key=None,
        discount_percent=row.discount * 100,
        nominal_charge=None if row.nominal is None else rules.Money.of(row.nominal),
        decided_on=row.decided_at.astimezone(zone).date(),
        valid_until=row.valid_until,
        reasons=(),
    )


def _dated(row: ServiceRate) -> rules.DatedRate:
    return rules.DatedRate(
        code=row.code, amount=rules.Money.of(row.amount), starts_on=row.starts_on, ends_on=row.ends_on
    )


def _money(amount: Decimal | None) -> rules.Money | None:
    return None if amount is None else rules.Money.of(amount)


def _left(whole: Decimal | None, met: Decimal | None) -> Any:
    if whole is None or met is None:
        return None
    return rules.Money.of(max(Decimal(0), whole - met))
