"""Benefits and price side by side on the call screen: what is on file, else what the caller just told.

It is the same price that the public's page and the chart's estimate count: `coverage.rules.price`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.clinic.coverage import queries, rules
from stepwell.clinic.coverage.assistance.queries import grants_of
from stepwell.clinic.coverage.eligibility.queries import benefits_of_inquiry
from stepwell.clinic.site_days import site_day
from stepwell.clinic.timetable.queries.priced import PricedProgram, priced_programs


@dataclass(frozen=True)
class Price:
    """The planned episode paid in one way: what the person pays (None while it is open), at most, and why.

    `balance` is what a plan out of network may leave to be billed besides.
    """

    name: str
    pays: rules.Money | None
    at_most: rules.Money | None
    week: rules.Money | None
    balance: rules.Money | None
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class SideBySide:
    """What is known of benefits, and the price in each way that comes into question.

    `answered` is a payer that answered electronically before there is a record, with what it said; `program` is
    empty where the site has published none.
    """

    policies: list[queries.PolicyOnFile]
    answered: tuple[Any, rules.Benefits] | None
    prices: list[Price]
    program: str
    starts_on: date
    weeks: int
    days_a_week: int
    charged: bool


def side_by_side(by: Actor, row: Any, at: Any, asked: Mapping[str, Any] | None = None) -> SideBySide:
    """For the inquiry's patient the policies on file; before there is a record, a payer that `asked` names.

    `asked`: program (a `PricedProgram` or None), payer (a `Payer` or None), household and annual_income as they
    were told on the call; nothing of it is kept. Nothing is guessed: what a plan has not told leaves its price open.
    """
    site, patient, told = row.site, row.patient, asked or {}
    today, planning = site_day(site, at), rules.load_planning()
    starts_on = _begins(today)
    program: PricedProgram | None = told.get("program")
    code, weeks, days = (
        (program.code, program.weeks, program.days)
        if program is not None
        else (planning.code, planning.weeks, planning.days_a_week)
    )
    visits = rules.planned_visits([rules.Ordered(code=code, days_a_week=days)], starts_on, weeks, planning)
    rates = queries.rates_of_sites([site.pk], starts_on)
    policies = queries.policies_of(by, patient, on=today) if patient else []
    answered = None if patient else benefits_of_inquiry(by, row)
    charged = rules.rate_for(rates.of(site.pk), code, starts_on) is not None
    prices = []
    if charged:
        fee = _sliding(row, today, told)
        alone = rules.Episode(visits=visits, charges=rates.of(site.pk))
        helped = replace(alone, sliding_fee=fee, grants=grants_of(patient) if patient else ())
        for name, first, second in _plans(row, policies, answered, told.get("payer"), rates):
            name = f"{name}, then the sliding fee" if fee else name
            prices.append(_price(name, replace(helped, first=first, second=second), site))
        prices.append(_price("Without insurance", alone, site))
        if fee is not None:
            prices.append(_price("With the sliding fee", replace(alone, sliding_fee=fee), site))
    name = program.name if program is not None else ""
    return SideBySide(policies, answered, prices, name, starts_on, weeks, days, charged)


def programs_of(site_id: int) -> list[PricedProgram]:
    """The site's published programs, as the public's page prices them."""
    return [one for one in priced_programs() if one.site.pk == site_id]


def _plans(
    row: Any,
    policies: list[queries.PolicyOnFile],
    answered: tuple[Any, rules.Benefits] | None,
    payer: Any,
    rates: queries.SiteRates,
) -> list[tuple[str, rules.Plan, rules.SecondPlan | None]]:
    """The plans that may pay: those on file by priority, one that answered, one that the caller named."""
    zone, site_id = ZoneInfo(row.site.zone), row.site_id

    def plan(payer_id: int, benefits: rules.Benefits) -> rules.Plan:
        return rules.Plan(benefits=benefits, allowed=rates.of(site_id, payer_id))

    on_file = [
        plan(p.row.payer_id, queries.as_rule(p.benefits, zone) if p.benefits else _NOTHING_HEARD)
        for p in policies[:2]
    ]
    found: list[tuple[str, rules.Plan, rules.SecondPlan | None]] = []
    if on_file:
        found.append((policies[0].row.payer.name, on_file[0], None))
    if len(on_file) > 1:
        heard = policies[1].benefits
        how = rules.Coordination(heard.coordination) if heard and heard.coordination else None
        second = rules.SecondPlan(plan=on_file[1], coordination=how)
        found.append((f"{policies[0].row.payer.name}, then {policies[1].row.payer.name}", on_file[0], second))
    if answered is not None:
        found.append((f"{answered[0].name}, as it answered", plan(answered[0].pk, answered[1]), None))
    known = {p.row.payer_id for p in policies} | ({answered[0].pk} if answered else set())
    if payer is not None and payer.pk not in known:
        found.append((payer.name, plan(payer.pk, _NOTHING_HEARD), None))
    return found


def _price(name: str, asked: rules.Episode, site: Any) -> Price:
    found = rules.price(asked)
    weeks = rules.by_weeks(found.lines, site.week_starts_on)
    parts = found.parts
    return Price(
        name=name,
        pays=parts.patient if parts else None,
        at_most=found.at_most,
        week=max((week.parts.patient for week in weeks), default=None),
        balance=parts.possible_balance if parts and parts.possible_balance else None,
        reasons=tuple(rules.in_english(said) for said in found.reasons),
        unknown=tuple(rules.in_english(said) for said in found.unknown),
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
        guideline = rules.guideline_on(today, rules.region_of(row.site.state))
    except LookupError:
        return None
    income = rules.Money.of(told["annual_income"])
    return rules.determine(income, told["household"], guideline, rules.load_schedule(), today)


def _begins(today: date) -> date:
    """The Monday of next week: an episode that is planned today."""
    return today + timedelta(days=7 - today.weekday())


_NOTHING_HEARD = rules.Benefits(
    covered=None, network=None, deductible_remaining=None, out_of_pocket_remaining=None
)
