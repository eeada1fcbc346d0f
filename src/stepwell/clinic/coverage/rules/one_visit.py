"""What one plan pays of one visit, and what is left of its yearly amounts afterwards.

The arithmetic is in whole cents: exact, and quick enough to price thousands of episodes in a second. It is the
only place that knows deductible, copay, coinsurance and maximum; `estimate` and `episode` both ask here.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .benefits import Benefits, Network
from .money import Money

UNLIMITED = 10**15
"""More cents than anybody is charged: stands for an amount that was not told, in the upper bound."""


class Terms(NamedTuple):
    """A plan's terms. `coinsurance` is numerator and denominator of the patient's share; `copay` in cents."""

    covered: bool
    copay: int | None
    copay_first: bool
    coinsurance: tuple[int, int]
    may_bill_more: bool


class Left(NamedTuple):
    """What is left, in cents and days. `day` is the last day that counted, `copaid` what it cost in copay."""

    deductible: int
    pocket: int
    family_deductible: int
    family_pocket: int
    days: int | None
    day: date | None = None
    copaid: int = 0


class Taken(NamedTuple):
    """One visit in cents: charge = patient + plan + written_off + balance; patient = deductible + share."""

    allowed: int
    deductible: int
    share: int
    patient: int
    plan: int
    written_off: int
    balance: int
    capped: bool
    covered: bool


def terms_of(benefits: Benefits) -> Terms:
    """The terms for counting; whatever was not told must have been settled before."""
    share = Fraction(benefits.coinsurance or Decimal(0))
    return Terms(
        covered=benefits.covered is not False,
        copay=None if benefits.copay is None else benefits.copay.cents,
        copay_first=bool(benefits.copay_skips_deductible),
        coinsurance=(share.numerator, share.denominator),
        may_bill_more=benefits.network is Network.OUT and benefits.balance_billed,
    )


def left_of(benefits: Benefits) -> Left:
    """What is left on the first day; what was not told is without limit."""
    return Left(
        cents_or_unlimited(benefits.deductible_remaining),
        cents_or_unlimited(benefits.out_of_pocket_remaining),
        cents_or_unlimited(benefits.family_deductible_remaining),
        cents_or_unlimited(benefits.family_out_of_pocket_remaining),
        benefits.units_left,
    )


def left_in_new_year(benefits: Benefits, left: Left) -> Left:
    """What is left when the next benefit year begins; a limit on days stays as it is unless a new one was told."""
    year = benefits.year
    if year is None:
        return Left(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED, left.days)
    return Left(
        cents_or_unlimited(year.deductible),
        cents_or_unlimited(year.out_of_pocket),
        cents_or_unlimited(year.family_deductible),
        cents_or_unlimited(year.family_out_of_pocket),
        left.days if year.days is None else year.days,
    )


def take(terms: Terms, left: Left, on: date, allowed: int, charge: int) -> tuple[Taken, Left]:
    """One visit. A copay and a limit count once for each day, however many visits it has."""
    same_day = left.day == on
    if not terms.covered or (left.days is not None and left.days <= 0 and not same_day):
        return Taken(0, 0, 0, charge, 0, 0, 0, False, False), left
    allowed = min(allowed, charge)  # a plan never allows more than was charged
    copaid = left.copaid if same_day else 0
    first = (
        0
        if terms.copay is not None and terms.copay_first
        else min(allowed, left.deductible, left.family_deductible)
    )
    rest = allowed - first
    if terms.copay is not None:
        share = min(max(0, terms.copay - copaid), rest)
        copaid += share
    else:
        part, whole = terms.coinsurance
        share = (2 * rest * part + whole) // (2 * whole)  # half up to the cent
    patient = min(first + share, left.pocket, left.family_pocket)
    over = charge - allowed
    taken = Taken(
        allowed,
        min(first, patient),
        patient - min(first, patient),
        patient,
        allowed - patient,
        0 if terms.may_bill_more else over,
        over if terms.may_bill_more else 0,
        patient < first + share,
        True,
    )
    return taken, Left(
        left.deductible - first,
        left.pocket - patient,
        left.family_deductible - first if left.family_deductible < UNLIMITED else UNLIMITED,
        left.family_pocket - patient if left.family_pocket < UNLIMITED else UNLIMITED,
        left.days if left.days is None or same_day else left.days - 1,
        on,
        copaid,
    )


def cents_or_unlimited(amount: Money | None) -> int:
    return UNLIMITED if amount is None else amount.cents
