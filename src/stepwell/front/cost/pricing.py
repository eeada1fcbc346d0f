"""From what was typed to prices side by side: with all help, without insurance, without any help; and plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from stepwell.clinic.coverage import rules
from stepwell.clinic.coverage.queries import SiteRates
from stepwell.clinic.timetable.queries.priced import PricedProgram

_TOLD = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of paying: its key in the words of the page, and what it comes to (`at_most` when it stays open)."""

    key: str
    pays: rules.Money | None
    at_most: rules.Money | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What somebody is shown. `fee_missing`: no poverty guideline is on file for that day."""

    price: rules.EpisodePrice
    weeks: tuple[rules.WeekOfEpisode, ...]
    ways: tuple[Way, ...]
    fee: rules.Determination | None
    fee_missing: bool
    balance: rules.Money | None
    afford: rules.Money | None
    afford_told: bool
    plans: tuple[tuple[rules.PaymentPlan, bool | None], ...]


def work_out(
    told: dict[str, Any],
    program: PricedProgram,
    rates: SiteRates,
    *,
    payer_id: int | None,
    yearly_income: Decimal | None,
    today: date,
    grants: Sequence[rules.Grant] = (),
) -> Outcome:
    """`told` are the cleaned fields of the form; `grants` are what somebody was promised, never a fund that is only open."""
    fee, fee_missing = _fee(told["household"], yearly_income, program, today)
    asked = rules.Episode(
        visits=rules.planned_visits(
            [rules.Ordered(code=program.code, days_a_week=told["days"])],
            told["starts_on"],
            told["weeks"],
            rules.load_planning(),
        ),
        charges=rates.of(program.site.pk),
        first=_plan(told, rates.of(program.site.pk, payer_id) if payer_id else ())
        if told["paying"] == "insured"
        else None,
        eap=rules.Eap(visits=told["eap_visits"]) if told["eap_visits"] else None,
        sliding_fee=fee,
        grants=grants,
    )
    price = rules.price(asked)
    balance = price.parts.patient if price.parts else price.at_most
    limits = rules.load_plan_rules()
    afford, afford_told = _afford(told["monthly"], yearly_income, limits)
    return Outcome(
        price=price,
        weeks=rules.by_weeks(price.lines, program.site.week_starts_on),
        ways=_ways(asked, price),
        fee=fee,
        fee_missing=fee_missing,
        balance=balance,
        afford=afford,
        afford_told=afford_told,
        plans=rules.plans_side_by_side(balance, first_due=told["starts_on"], rules=limits, afford=afford)
        if balance
        else (),
    )


def _plan(told: dict[str, Any], allowed: Sequence[rules.DatedRate]) -> rules.Plan:
    """What the person knows; an empty field is not told."""
    network = {"yes": rules.Network.IN, "no": rules.Network.OUT}.get(told["network"])
    share = told["coinsurance"]
    year = (
        rules.YearAmounts(
            deductible=_money(told["year_deductible"]),
            out_of_pocket=_money(told["year_maximum"]),
            # Nobody is asked for the family's amounts of a year to come: without them nothing gets cheaper.
            family_deductible=_money(told["year_deductible"]),
            family_out_of_pocket=_money(told["year_maximum"]),
        )
        if told["year_on"]
        else None
    )
    benefits = rules.Benefits(
        covered=_TOLD.get(told["covered"]),
        network=network,
        balance_billed=network is rules.Network.OUT,
        deductible_remaining=_money(told["deductible_left"]),
        out_of_pocket_remaining=_money(told["maximum_left"]),
        copay=_money(told["copay"]),
        coinsurance=None if share is None else Decimal(share) / 100,
        copay_skips_deductible=_TOLD.get(told["copay_first"]),
        units_left=told["days_left"],
        family_deductible_remaining=_money(told["family_deductible_left"]),
        family_out_of_pocket_remaining=_money(told["family_maximum_left"]),
        resets_on=told["year_on"],
        year=year,
    )
    return rules.Plan(benefits=benefits, allowed=allowed)


def _ways(asked: rules.Episode, price: rules.EpisodePrice) -> tuple[Way, ...]:
    """The same episode with all that was told, without insurance, and without any help."""
    found = [("all", price)]
    alone = replace(asked, first=None)
    if asked.first is not None:
        found.append(("without_insurance", rules.price(alone)))
    if asked.eap or asked.sliding_fee or asked.grants:
        found.append(("no_help", rules.price(replace(alone, eap=None, sliding_fee=None, grants=()))))
    return tuple(
        Way(key=key, pays=one.parts.patient if one.parts else None, at_most=one.at_most) for key, one in found
    )


def _fee(
    household: int | None, yearly_income: Decimal | None, program: PricedProgram, today: date
) -> tuple[rules.Determination | None, bool]:
    if household is None or yearly_income is None:
        return None, False
    try:
        guideline = rules.guideline_on(today, rules.region_of(program.site.state))
    except LookupError:
        return None, True
    return (
        rules.determine(rules.Money.of(yearly_income), household, guideline, rules.load_schedule(), today),
        False,
    )


def _afford(
    monthly: Decimal | None, yearly_income: Decimal | None, limits: rules.PlanRules
) -> tuple[rules.Money | None, bool]:
    """What was said, or else the share of the income that a plan may ask for; None when neither is known."""
    if monthly is not None:
        return rules.Money.of(monthly), True
    if yearly_income is None:
        return None, False
    income = rules.Money.of(yearly_income / 12)
    return rules.affordable(income, rules.ZERO, limits).monthly, False


def _money(amount: Decimal | None) -> rules.Money | None:
    return None if amount is None else rules.Money.of(amount)
