"""The sliding fee by application: what the rule proposes, and until when a decision may hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stepwell.clinic.coverage.rules import (
    Determination,
    FeeSchedule,
    Money,
    PovertyGuideline,
    determine,
    total,
)

from .data import AssistanceRules


@dataclass(frozen=True, kw_only=True)
class Income:
    """One source of income: how much comes each `period` (a key of the rules' periods)."""

    source: str
    amount: Money
    period: str


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the rule proposes. `provisional`: only the person's own word is there, so it holds for the grace."""

    determination: Determination
    provisional: bool
    valid_until: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The class that a person decided on: `key` is empty when there is no discount."""

    key: str
    discount: Decimal
    nominal: Money | None


def yearly_income(incomes: Sequence[Income], rules: AssistanceRules) -> Money:
    """All income of a year. Raises KeyError for a period that is not on the list."""
    return total(one.amount * rules.periods[one.period] for one in incomes)


def propose(
    incomes: Sequence[Income],
    household: int,
    proofs: Collection[str],
    *,
    guideline: PovertyGuideline,
    schedule: FeeSchedule,
    rules: AssistanceRules,
    on: date,
) -> Proposal:
    """The class by household and income alone (no assets), and how long what was seen lets it hold."""
    found = determine(yearly_income(incomes, rules), household, guideline, schedule, on)
    if documented(proofs, rules):
        said = f"Documents were seen, so it holds until {found.valid_until:%B} {found.valid_until.day}, {found.valid_until.year}."
        return Proposal(
            determination=found,
            provisional=False,
            valid_until=found.valid_until,
            reasons=(*found.reasons, said),
        )
    until = on + timedelta(days=rules.grace_days)
    said = f"Only the person's own word is there, so it holds for {rules.grace_days} days."
    return Proposal(determination=found, provisional=True, valid_until=until, reasons=(*found.reasons, said))


def documented(proofs: Collection[str], rules: AssistanceRules) -> bool:
    """Whether something other than the person's own word was seen."""
    return any(not rules.proof(key).declared for key in proofs)


def chosen(key: str, schedule: FeeSchedule) -> Chosen:
    """The class of that key; "" is no discount. Raises LookupError for a key the schedule does not have."""
    if not key:
        return Chosen(key="", discount=Decimal(0), nominal=None)
    for one in schedule.classes:
        if one.key == key:
            return Chosen(key=key, discount=one.discount_percent / 100, nominal=one.nominal_charge)
    raise LookupError(key)
