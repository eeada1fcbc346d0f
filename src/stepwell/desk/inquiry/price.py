"""Benefits and price side by side on the call screen: what is on file, else what the caller just told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.clinic.coverage import queries, rules
from stepwell.clinic.coverage.eligibility.queries import benefits_of_inquiry
from stepwell.clinic.site_days import site_day


@dataclass(frozen=True)
class Price:
    """The planned episode paid in one way: what the person pays (None while it is open), at most, and why."""

    name: str
    pays: rules.Money | None
    at_most: rules.Money | None
    week: rules.Money | None
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class SideBySide:
    """What is known of benefits, and the price in each way that comes into question."""

    policies: list[queries.PolicyOnFile]
    prices: list[Price]
    weeks: int
    days_a_week: int
    charged: bool


def side_by_side(by: Actor, row: Any, at: Any, asked: Mapping[str, Any] | None = None) -> SideBySide:
    """For the inquiry's patient the policies on file; before there is a record, a payer that `asked` names.

    `asked`: payer (a `Payer` or None), household and annual_income as they were told on the call; nothing of it is
    kept. Nothing is guessed: what a plan has not told leaves its price open.
    """
    today, planning, told = site_day(row.site, at), rules.load_planning(), asked or {}
    days = rules.planned_days(_begins(today), planning.weeks, planning.days_a_week, planning)
    charge = queries.rate_on(row.site_id, planning.code, days[0])
    policies = queries.policies_of(by, row.patient, on=today) if row.patient else []
    prices = []
    if charge is not None:
        fee = rules.Money.of(charge.amount)
        for policy in policies[:2]:
            heard = policy.benefits
            known = queries.as_rule(heard, ZoneInfo(row.site.zone)) if heard else _NOTHING_HEARD
            allowed = queries.rate_on(row.site_id, planning.code, days[0], policy.row.payer)
            prices.append(_with_plan(policy.row.payer.name, days, allowed, known, fee))
        answered = None if row.patient else benefits_of_inquiry(by, row)
        if answered is not None:
            allowed = queries.rate_on(row.site_id, planning.code, days[0], answered[0])
            prices.append(_with_plan(f"{answered[0].name}, as it answered", days, allowed, answered[1], fee))
        payer = told.get("payer")
        if payer is not None and not any(p.row.payer_id == payer.pk for p in policies):
            allowed = queries.rate_on(row.site_id, planning.code, days[0], payer)
            prices.append(_with_plan(payer.name, days, allowed, _NOTHING_HEARD, fee))
        prices.append(_price("Without insurance", rules.estimate(days, fee, None, charge=fee)))
        sliding = _sliding(row, today, told)
        if sliding is not None:
            found = rules.estimate(days, fee, None, charge=fee, sliding_fee=sliding)
            prices.append(_price("With the sliding fee", found))
    return SideBySide(policies, prices, planning.weeks, planning.days_a_week, charge is not None)


def _with_plan(name: str, days: list[date], allowed: Any, known: rules.Benefits, fee: rules.Money) -> Price:
    amount = rules.Money.of(allowed.amount) if allowed else None
    return _price(name, rules.estimate(days, amount, known, charge=fee))


def _price(name: str, found: rules.Estimate) -> Price:
    weeks = rules.by_week(found.lines)
    return Price(
        name=name,
        pays=found.patient_pays,
        at_most=found.at_most,
        week=max((week.patient_pays for week in weeks), default=None) if found.patient_pays else None,
        reasons=found.reasons,
        unknown=found.unknown,
    )


def _sliding(row: Any, today: date, told: Mapping[str, Any]) -> rules.Determination | None:
    """The decision on file, else what household and income would give today."""
    if row.patient is not None:
        on_file = queries.fee_determination_on(row.patient, today)
        if on_file is not None:
            return queries.determination_as_rule(on_file, ZoneInfo(row.site.zone))
    if told.get("household") is None or told.get("annual_income") is None:
        return None
    try:
        guideline = rules.guideline_on(today, rules.Region.CONTIGUOUS)
        income = rules.Money.of(told["annual_income"])
        return rules.determine(income, told["household"], guideline, rules.load_schedule(), today)
    except (LookupError, ValueError):
        return None


def _begins(today: date) -> date:
    """The Monday of next week: an episode that is planned today."""
    return today + timedelta(days=7 - today.weekday())


_NOTHING_HEARD = rules.Benefits(
    covered=None, network=None, deductible_remaining=None, out_of_pocket_remaining=None
)
