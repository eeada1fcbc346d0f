"""Every write about coverage: a policy, benefits as heard, the sliding fee, an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    for whole, met in (
        ("deductible", "deductible_met"),
        ("out_of_pocket_max", "out_of_pocket_met"),
        ("family_deductible", "family_deductible_met"),
        ("family_out_of_pocket_max", "family_out_of_pocket_met"),
    ):
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
    second: Policy | None = None,
    also: Sequence[rules.Ordered] = (),
    eap: rules.Eap | None = None,
    grants: Sequence[rules.Grant] = (),
) -> Estimate:
    """Price the planned episode from what is on file: dated rates, benefits as heard, the sliding fee in force.

    `policy` None means self-pay; `second` is asked after it. Without a `code` the usual one of data/planning.json
    is priced; `also` are further services. Raises `Refused` when the site has no charge for one of them.
    """
    need(by, Permission.COVERAGE_RECORD, site_id=patient.site_id)
    for one in (policy, second):
        if one is not None and one.patient_id != patient.pk:
            raise Refused("This policy belongs to somebody else. Choose again; nothing was saved.")
    if second is not None and (policy is None or second == policy):
        raise Refused("The second plan is asked after another one. Choose which plan pays first.")
    code = code or rules.load_planning().code
    orders = (rules.Ordered(code=code, days_a_week=days_per_week), *also)
    if not rules.can_be_planned(starts_on):
        raise Refused("The first day is too far away. Check the year; nothing was saved.")
    visits = rules.planned_visits(orders, starts_on, weeks, rules.load_planning())
    last_on = visits[-1].on
    charges = queries.dated_rates(patient.site_id, starts_on, last_on)
    fee = queries.fee_determination_on(patient, _day(at, patient.site))
    zone = ZoneInfo(patient.site.zone)
    heard, first_plan = _plan(policy, patient.site_id, starts_on, last_on, zone)
    heard_second, second_plan = _plan(second, patient.site_id, starts_on, last_on, zone)
    result = rules.price(
        rules.Episode(
            visits=visits,
            charges=charges,
            first=first_plan,
            second=None
            if second_plan is None
            else rules.SecondPlan(
                plan=second_plan,
                coordination=rules.Coordination(heard_second.coordination)
                if heard_second and heard_second.coordination
                else None,
            ),
            eap=eap,
            sliding_fee=queries.determination_as_rule(fee, zone) if fee else None,
            grants=grants,
        )
    )
    lacking = next((said for said in result.unknown if said.point is rules.Point.ASK_CHARGE), None)
    if lacking is not None:
        raise Refused(f"The site has no charge for {lacking.word} on that day. Add the rate first.")
    parts = result.parts
    if result.at_most is not None and max(result.at_most, parts.charge if parts else rules.ZERO) > _MOST:
        raise Refused("This comes to more than 99 million dollars. Check weeks, days and rates.")
    row = Estimate.objects.create(
        patient=patient,
        policy=policy,
        second_policy=second,
        weeks=weeks,
        days_per_week=days_per_week,
        starts_on=starts_on,
        inputs={
            "code": code,
            "also": [[order.code, order.days_a_week, order.weeks] for order in also],
            "charges": _rates_kept(charges),
            "allowed": _rates_kept(first_plan.allowed) if first_plan else [],
            "benefits": heard.pk if heard else None,
            "second_allowed": _rates_kept(second_plan.allowed) if second_plan else [],
            "second_benefits": heard_second.pk if heard_second else None,
            "fee_determination": fee.pk if fee else None,
            "eap": [eap.visits, eap.order] if eap else None,
            "grants": [[grant.name, str(grant.balance.amount)] for grant in grants],
        },
        lines=[_week_kept(week) for week in rules.by_weeks(result.lines, patient.site.week_starts_on)],
        words={
            "reasons": [rules.in_english(said) for said in result.reasons],
            "assumptions": [rules.in_english(said) for said in result.assumptions],
            "unknown": [rules.in_english(said) for said in result.unknown],
        },
        total=parts.charge.amount if parts else None,
        patient_pays=parts.patient.amount if parts else None,
        payer_pays=parts.first_plan.amount if parts else None,
        second_pays=parts.second_plan.amount if parts else 0,
        eap_pays=parts.eap.amount if parts else 0,
        discount=parts.sliding_fee.amount if parts else 0,
        grants_pay=parts.grants.amount if parts else 0,
        written_off=parts.written_off.amount if parts else 0,
        possible_balance=parts.possible_balance.amount if parts else 0,
        at_most=result.at_most.amount if result.at_most is not None else None,
        made_at=at,
        made_by_id=by.staff_id,
    )
    trail.record(
        by=by, at=at, action="coverage.estimate", subject=f"Estimate {row.pk}", patient_id=patient.pk
    )
    return row


def _plan(
    policy: Policy | None, site_id: int, first: date, last: date, zone: ZoneInfo
) -> tuple[Benefits | None, rules.Plan | None]:
    """The benefits last heard of a policy, and the plan as the rule reads it."""
    if policy is None:
        return None, None
    heard = Benefits.objects.filter(policy=policy).order_by("verified_at", "pk").last()
    return heard, rules.Plan(
        benefits=queries.as_rule(heard, zone) if heard else _NOTHING_HEARD,
        allowed=queries.dated_rates(site_id, first, last, policy.payer),
    )


def _rates_kept(rates: Sequence[rules.DatedRate]) -> list[list[str]]:
    return [[rate.code, str(rate.amount.amount), rate.starts_on.isoformat()] for rate in rates]


def _week_kept(week: rules.WeekOfEpisode) -> dict[str, Any]:
    parts = week.parts
    return {
        "starts_on": week.starts_on.isoformat(),
        "units": week.visits,
        "charge": str(parts.charge.amount),
        "patient_pays": str(parts.patient.amount),
        "payer_pays": str(parts.first_plan.amount),
        "second_pays": str(parts.second_plan.amount),
        "eap_pays": str(parts.eap.amount),
        "discount": str(parts.sliding_fee.amount),
        "grants_pay": str(parts.grants.amount),
        "written_off": str(parts.written_off.amount),
        "possible_balance": str(parts.possible_balance.amount),
        "so_far": str(week.patient_so_far.amount),
    }


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


_MOST = rules.Money.of("99999999.99")
_NOTHING_HEARD = rules.Benefits(
    covered=None, network=None, deductible_remaining=None, out_of_pocket_remaining=None
)


def _day(at: datetime, site: Site) -> date:
    return at.astimezone(ZoneInfo(site.zone)).date()
