"""Every write about coverage: a policy, benefits as heard, the sliding fee, an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.coverage import queries, rules
from stepwell.clinic.coverage.models import (
    Benefits,
    Estimate,
    FeeDetermination,
    Payer,
    Policy,
    ServiceRate,
)
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Refused


@transaction.atomic
def record_policy(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    payer: Payer,
    member_id: str,
    starts_on: date,
    facts: Mapping[str, Any],
) -> Policy:
    """Keep what the card says. `facts` are further columns of `Policy`."""
    need(by, Permission.COVERAGE_RECORD, site_id=patient.site_id)
    ends_on = facts.get("ends_on")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The coverage ends before it starts. Check the two dates; nothing was saved.")
    try:
        with transaction.atomic():
            row = Policy.objects.create(
                patient=patient,
                payer=payer,
                member_id=member_id.strip(),
                starts_on=starts_on,
                recorded_at=at,
                **facts,
            )
    except IntegrityError as twice:
        raise Refused("This policy is already on file with the same member number and first day.") from twice
    trail.record(
        by=by,
        at=at,
        action="coverage.policy",
        subject=f"Policy {row.pk}",
        patient_id=patient.pk,
        detail={"payer": payer.pk},
    )
    return row


@transaction.atomic
def record_benefits(*, by: Actor, at: datetime, policy: Policy, facts: Mapping[str, Any]) -> Benefits:
    """Keep benefits as heard by phone, read in a portal or on the card; a blank stays unknown."""
    need(by, Permission.COVERAGE_RECORD, site_id=policy.patient.site_id)
    for whole, met in (("deductible", "deductible_met"), ("out_of_pocket_max", "out_of_pocket_met")):
        if facts.get(whole) is not None and facts.get(met) is not None and facts[met] > facts[whole]:
            name = whole.replace("_", " ")
            raise Refused(
                f"More of the {name} is met than there is. Check the two amounts; nothing was saved."
            )
    row = Benefits.objects.create(policy=policy, verified_at=at, verified_by_id=by.staff_id, **facts)
    trail.record(
        by=by,
        at=at,
        action="coverage.benefits",
        subject=f"Benefits {row.pk}",
        patient_id=policy.patient_id,
        detail={"policy": policy.pk, "channel": row.channel},
    )
    return row


@transaction.atomic
def determine_fee(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    household: int,
    annual_income: Decimal,
    region: str = "contiguous",
) -> FeeDetermination:
    """Decide the sliding fee by household and income alone; the edition of the guideline is kept with it."""
    need(by, Permission.COVERAGE_RECORD, site_id=patient.site_id)
    today = _day(at, patient.site)
    try:
        guideline = rules.guideline_on(today, rules.Region(region))
        decided = rules.determine(
            rules.Money.of(annual_income), household, guideline, rules.load_schedule(), today
        )
    except (LookupError, ValueError) as unknown:
        raise Refused(f"The sliding fee could not be decided: {unknown}") from unknown
    row = FeeDetermination.objects.create(
        patient=patient,
        household=household,
        annual_income=annual_income,
        region=region,
        edition=decided.guideline_edition,
        percent_of_guideline=decided.percent_of_poverty,
        discount=decided.discount_percent / 100,
        nominal=None if decided.nominal_charge is None else decided.nominal_charge.amount,
        valid_from=today,
        valid_until=decided.valid_until,
        decided_at=at,
        decided_by_id=by.staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="coverage.fee",
        subject=f"FeeDetermination {row.pk}",
        patient_id=patient.pk,
        detail={"edition": row.edition},
    )
    return row


@transaction.atomic
def make_estimate(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    weeks: int,
    days_per_week: int,
    starts_on: date,
    code: str = "",
    policy: Policy | None = None,
) -> Estimate:
    """Price the planned episode from what is on file: rates, benefits as heard, the sliding fee in force.

    `policy` None means self-pay; without a `code` the usual one of data/planning.json is priced. Raises `Refused` when the site has no charge for the code on that day.
    """
    need(by, Permission.COVERAGE_RECORD, site_id=patient.site_id)
    if policy is not None and policy.patient_id != patient.pk:
        raise Refused("This policy belongs to somebody else. Choose again; nothing was saved.")
    code = code or rules.load_planning().code
    charge = queries.rate_on(patient.site_id, code, starts_on)
    if charge is None:
        raise Refused(f"The site has no charge for {code} on that day. Add the rate first.")
    allowed = queries.rate_on(patient.site_id, code, starts_on, policy.payer) if policy else None
    heard = Benefits.objects.filter(policy=policy).order_by("verified_at", "pk").last() if policy else None
    fee = queries.fee_determination_on(patient, _day(at, patient.site))
    zone = ZoneInfo(patient.site.zone)
    result = rules.estimate(
        rules.planned_days(starts_on, weeks, days_per_week, rules.load_planning()),
        rules.Money.of(allowed.amount) if allowed else (None if policy else rules.Money.of(charge.amount)),
        None if policy is None else queries.as_rule(heard, zone) if heard else _NOTHING_HEARD,
        charge=rules.Money.of(charge.amount),
        sliding_fee=queries.determination_as_rule(fee, zone) if fee else None,
    )
    row = Estimate.objects.create(
        patient=patient,
        policy=policy,
        weeks=weeks,
        days_per_week=days_per_week,
        starts_on=starts_on,
        inputs={
            "code": code,
            "charge": str(charge.amount),
            "allowed": str(allowed.amount) if allowed else None,
            "benefits": heard.pk if heard else None,
            "fee_determination": fee.pk if fee else None,
        },
        lines=[
            {
                "starts_on": week.starts_on.isoformat(),
                "units": week.units,
                "patient_pays": str(week.patient_pays.amount),
                "payer_pays": str(week.payer_pays.amount),
            }
            for week in rules.by_week(result.lines, patient.site.week_starts_on)
        ],
        words={
            "reasons": list(result.reasons),
            "assumptions": list(result.assumptions),
            "unknown": list(result.unknown),
        },
        total=_amount(rules.total(line.charge for line in result.lines)) if result.lines else None,
        patient_pays=_amount(result.patient_pays),
        payer_pays=_amount(result.payer_pays),
        discount=_amount(rules.total(line.discount for line in result.lines)),
        written_off=_amount(rules.total(line.written_off for line in result.lines)),
        possible_balance=_amount(result.possible_balance),
        at_most=_amount(result.at_most),
        made_at=at,
        made_by_id=by.staff_id,
    )
    trail.record(
        by=by, at=at, action="coverage.estimate", subject=f"Estimate {row.pk}", patient_id=patient.pk
    )
    return row


@transaction.atomic
def set_rate(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    code: str,
    amount: Decimal,
    starts_on: date,
    source: str,
    payer: Payer | None = None,
) -> ServiceRate:
    """The site's charge for a code, or a payer's allowed amount, from a day on; the one before ends the day before."""
    need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    if amount < 0:
        raise Refused("A rate cannot be below zero.")
    before = queries.rate_on(site.pk, code, starts_on, payer)
    if before is not None and before.starts_on == starts_on:
        raise Refused("There is a rate from that day already. Choose a later day.")
    if before is not None:
        before.ends_on = starts_on - timedelta(days=1)
        before.save(update_fields=["ends_on"])
    try:
        with transaction.atomic():
            row = ServiceRate.objects.create(
                site=site, payer=payer, code=code, amount=amount, starts_on=starts_on, source=source
            )
    except IntegrityError as twice:  # rate_once_a_day
        raise Refused("There is a rate from that day already. Choose a later day.") from twice
    trail.record(by=by, at=at, action="coverage.rate", subject=f"ServiceRate {row.pk}", detail={"code": code})
    return row


@transaction.atomic
def record_payer(
    *, by: Actor, at: datetime, name: str, kind: str, payer_code: str = "", phone: str = ""
) -> Payer:
    """Put a payer on the list that all sites share. Raises `Refused` for a name that is on it."""
    need(by, Permission.COVERAGE_RECORD)
    if Payer.objects.filter(name__iexact=name.strip()).exists():
        raise Refused("This payer is on the list already.")
    try:
        with transaction.atomic():
            row = Payer.objects.create(name=name.strip(), kind=kind, payer_code=payer_code, phone=phone)
    except IntegrityError as twice:  # two at the same moment
        raise Refused("This payer is on the list already.") from twice
    trail.record(by=by, at=at, action="coverage.payer", subject=f"Payer {row.pk}")
    return row


_NOTHING_HEARD = rules.Benefits(
    covered=None, network=None, deductible_remaining=None, out_of_pocket_remaining=None
)


def _day(at: datetime, site: Site) -> date:
    return at.astimezone(ZoneInfo(site.zone)).date()


def _amount(value: rules.Money | None) -> Decimal | None:
    return None if value is None else value.amount
