"""Who helps to pay an episode, in the order in which they are asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .benefits import Benefits
from .money import Money
from .sliding_fee import Determination


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One unit of one service on one day."""

    on: date
    code: str


@dataclass(frozen=True, kw_only=True)
class DatedRate:
    """An amount for one unit of a service from `starts_on` to `ends_on`, that day included; None is open."""

    code: str
    amount: Money
    starts_on: date
    ends_on: date | None = None


def rate_for(rates: Iterable[DatedRate], code: str, on: date) -> Money | None:
    """The amount in force on a day, the newest first; None when there is none: no rate is carried over."""
    newest: DatedRate | None = None
    for rate in rates:
        if rate.code != code or rate.starts_on > on or (rate.ends_on is not None and rate.ends_on < on):
            continue
        if newest is None or rate.starts_on > newest.starts_on:
            newest = rate
    return None if newest is None else newest.amount


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan: what it said, and what it allows for each service, dated."""

    benefits: Benefits
    allowed: Sequence[DatedRate]


class Coordination(StrEnum):
    """How a second plan counts what the first one paid (NAIC model regulation 120; the contract says which)."""

    STANDARD = "standard"
    """It pays what it would pay alone, but never more than is left."""
    CARVE_OUT = "carve_out"
    """It pays what it would pay alone less what the first one paid, and never more than is left."""


@dataclass(frozen=True, kw_only=True)
class SecondPlan:
    """The plan that is asked after the first; `coordination` None means not told."""

    plan: Plan
    coordination: Coordination | None


class EapOrder(StrEnum):
    """What an employee assistance program pays on its visits, which are the first ones of the episode."""

    ALONE = "alone"
    """All of the visit; no plan is asked and nothing counts toward a deductible."""
    AFTER_PLAN = "after_plan"
    """What the plans leave of it."""


@dataclass(frozen=True, kw_only=True)
class Eap:
    """So many days that an employer's assistance program has authorized."""

    visits: int
    order: EapOrder = EapOrder.ALONE


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A scholarship or grant: it pays `share` of what is left of each visit, first visits first.

    It ends when the award or the fund's balance is used up, whichever comes first; None is no limit of its own.
    """

    name: str
    balance: Money
    award: Money | None = None
    share: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Episode:
    """All that the price of a planned episode follows from."""

    visits: Sequence[Visit]
    charges: Sequence[DatedRate]
    first: Plan | None = None
    second: SecondPlan | None = None
    eap: Eap | None = None
    sliding_fee: Determination | None = None
    grants: Sequence[Grant] = ()
