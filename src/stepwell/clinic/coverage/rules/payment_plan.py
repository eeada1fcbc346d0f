"""A payment plan: what one can afford, equal instalments without interest, and when they are due.

`affordable` proposes, `payment_plan` makes the schedule for an amount a month, `plans_side_by_side` offers several.
A person decides; the rule only says what is possible and why not.
"""

import calendar
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from .money import ZERO, Money, total


@dataclass(frozen=True, kw_only=True)
class PlanRules:
    """The site's limits. `truth_in_lending_above` instalments the disclosures of Regulation Z are needed."""

    most_months: int
    least_instalment: Money
    most_share_of_income: Decimal
    truth_in_lending_above: int
    missed_for_review: int
    offered_months: tuple[int, ...]
    effective: date
    source: str


@cache
def load_plan_rules() -> PlanRules:
    """The limits that ship with this version (data/payment-plans.json)."""
    raw = json.loads(files("stepwell.clinic.coverage").joinpath("data/payment-plans.json").read_text("utf-8"))
    return PlanRules(
        most_months=raw["most_months"],
        least_instalment=Money.of(raw["least_instalment"]),
        most_share_of_income=Decimal(raw["most_share_of_income"]),
        truth_in_lending_above=raw["truth_in_lending_above"],
        missed_for_review=raw["missed_for_review"],
        offered_months=tuple(raw["offered_months"]),
        effective=date.fromisoformat(raw["effective"]),
        source=raw["source"],
    )


class PlanPoint(StrEnum):
    """What there is to say about a plan, as a code."""

    NOTHING_OWED = "nothing_owed"
    AT_ONCE = "at_once"
    EQUAL = "equal"
    LAST_IS_LESS = "last_is_less"
    TRUTH_IN_LENDING = "truth_in_lending"
    TOO_LITTLE = "too_little"
    TOO_LONG = "too_long"
    CAPPED_BY_INCOME = "capped_by_income"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One payment: its number from 1 (0 is the down payment), the day on which it is due, and the amount."""

    number: int
    due_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentPlan:
    """The schedule. Down payment and instalments sum to the balance; no interest and no fee."""

    balance: Money
    instalments: tuple[Instalment, ...]
    monthly: Money
    months: int
    truth_in_lending: bool


@dataclass(frozen=True, kw_only=True)
class PlanDecision:
    """The plan, or None with the least a month that would do in `needed`. `points` say why."""

    plan: PaymentPlan | None
    needed: Money
    points: tuple[PlanPoint, ...]


@dataclass(frozen=True, kw_only=True)
class Affordable:
    """What one can pay a month: what is left after essentials, never above the share of income."""

    monthly: Money
    points: tuple[PlanPoint, ...]


def affordable(monthly_income: Money, essentials: Money, rules: PlanRules) -> Affordable:
    """The most that a plan should ask of somebody a month, rounded down to the cent."""
    left = max(ZERO, monthly_income - essentials)
    cap = _down(monthly_income.amount * rules.most_share_of_income)
    if not left or not cap:
        return Affordable(monthly=ZERO, points=(PlanPoint.NOTHING_LEFT,))
    if left <= cap:
        return Affordable(monthly=left, points=())
    return Affordable(monthly=cap, points=(PlanPoint.CAPPED_BY_INCOME,))


def payment_plan(
    balance: Money,
    monthly: Money,
    *,
    first_due: date,
    rules: PlanRules,
    down: Money = ZERO,
    down_due: date | None = None,
) -> PlanDecision:
    """Equal instalments of at most `monthly`, in as few months as that allows; the last takes what is left.

    An instalment is rounded up to the cent, so that the last one is never more than the others. Raises ValueError
    for amounts below zero and for a down payment above the balance.
    """
    if min(balance, monthly, down) < ZERO or down > balance:
        raise ValueError("A plan is made of amounts above zero, with a down payment of at most the balance.")
    rest = balance - down
    needed = _needed(rest, rules)
    if not rest:
        point = PlanPoint.AT_ONCE if balance else PlanPoint.NOTHING_OWED
        return PlanDecision(
            plan=_plan(balance, down, down_due or first_due, (), rules), needed=ZERO, points=(point,)
        )
    if monthly < min(rest, rules.least_instalment):
        return PlanDecision(plan=None, needed=needed, points=(PlanPoint.TOO_LITTLE,))
    months = -(-rest.cents // min(monthly, rest).cents)
    if months > rules.most_months:
        return PlanDecision(plan=None, needed=needed, points=(PlanPoint.TOO_LONG,))
    plan = _plan(balance, down, down_due or first_due, _instalments(rest, months, first_due), rules)
    points = [PlanPoint.AT_ONCE if months == 1 else PlanPoint.EQUAL]
    if plan.instalments[-1].amount < plan.monthly:
        points.append(PlanPoint.LAST_IS_LESS)
    if plan.truth_in_lending:
        points.append(PlanPoint.TRUTH_IN_LENDING)
    return PlanDecision(plan=plan, needed=needed, points=tuple(points))


def plans_side_by_side(
    balance: Money, *, first_due: date, rules: PlanRules, afford: Money | None = None
) -> tuple[tuple[PaymentPlan, bool | None], ...]:
    """Plans over each offered number of months whose instalments are not below the least, and whether each is
    within `afford` a month (None when nobody said what can be afforded). The same schedule is offered once."""
    found: dict[int, PaymentPlan] = {}
    for months in rules.offered_months:
        if not balance or months > rules.most_months:
            continue
        monthly = max(_up(balance, months), min(balance, rules.least_instalment))
        decision = payment_plan(balance, monthly, first_due=first_due, rules=rules)
        if decision.plan is not None:
            found.setdefault(decision.plan.months, decision.plan)
    return tuple((plan, None if afford is None else plan.monthly <= afford) for plan in found.values())


def _needed(rest: Money, rules: PlanRules) -> Money:
    """The least a month with which the rest is paid in time."""
    return max(_up(rest, rules.most_months), min(rest, rules.least_instalment))


def _instalments(rest: Money, months: int, first_due: date) -> tuple[Instalment, ...]:
    each = _up(rest, months)
    amounts = [each] * (months - 1)
    amounts.append(rest - total(amounts))
    return tuple(
        Instalment(number=number + 1, due_on=_months_later(first_due, number), amount=amount)
        for number, amount in enumerate(amounts)
    )


def _plan(
    balance: Money, down: Money, down_due: date, instalments: Sequence[Instalment], rules: PlanRules
) -> PaymentPlan:
    first = (Instalment(number=0, due_on=down_due, amount=down),) if down else ()
    return PaymentPlan(
        balance=balance,
        instalments=(*first, *instalments),
        monthly=instalments[0].amount if instalments else ZERO,
        months=len(instalments),
        truth_in_lending=len(instalments) > rules.truth_in_lending_above,
    )


def _up(amount: Money, parts: int) -> Money:
    return Money.from_cents(-(-amount.cents // parts))


def _down(amount: Decimal) -> Money:
    return Money(amount.quantize(Decimal("0.01"), rounding=ROUND_FLOOR))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
