"""What a plan said it pays, and what it has not said yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from stepwell.clinic.saying import date_words

from .money import Money


class Network(StrEnum):
    """Whether the program has a contract with the plan."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True)
class YearAmounts:
    """What a plan asks for in a whole benefit year, which counts again when the next one begins.

    None means not told, except for the family's two amounts and `days`: there it means that none was stated.
    """

    deductible: Money | None
    out_of_pocket: Money | None
    family_deductible: Money | None = None
    family_out_of_pocket: Money | None = None
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Benefits:
    """What the plan said on `verified_on`. None means not told, never zero.

    `coinsurance` is the patient's share from 0 to 1. `copay` is a flat amount for each day; a plan has one or
    the other. `units_left` is a limit on days when the plan has one; None means that none was stated. The
    family's amounts are embedded: the patient is through when either the own or the family's amount is met.
    `resets_on` is the day on which the next benefit year begins, with `year` as its amounts; a later year begins
    on the same day of the calendar.
    """

    covered: bool | None
    network: Network | None
    deductible_remaining: Money | None
    out_of_pocket_remaining: Money | None
    copay: Money | None = None
    coinsurance: Decimal | None = None
    copay_skips_deductible: bool | None = False
    balance_billed: bool = False
    units_left: int | None = None
    authorization_required: bool | None = None
    verified_on: date | None = None
    family_deductible_remaining: Money | None = None
    family_out_of_pocket_remaining: Money | None = None
    resets_on: date | None = None
    year: YearAmounts | None = None


def unknown_benefits(benefits: Benefits, allowed: Money | None) -> tuple[str, ...]:
    """What must still be asked before the price can be told; empty when nothing is."""
    unknown = []
    if benefits.covered is None:
        unknown.append("Whether the plan covers this service.")
    if allowed is None:
        unknown.append("What the plan allows for one day.")
    if benefits.covered is False:
        return tuple(unknown)
    if benefits.network is None:
        unknown.append("Whether the program is in the plan's network.")
    skips = benefits.copay is not None and benefits.copay_skips_deductible
    if benefits.deductible_remaining is None and not skips:
        unknown.append("How much of the deductible is left.")
    if benefits.copay is None and benefits.coinsurance is None:
        unknown.append("The copay or coinsurance.")
    elif benefits.copay is not None and benefits.coinsurance is not None:
        unknown.append("Whether the copay or the coinsurance applies; both are on file.")
    if benefits.out_of_pocket_remaining is None:
        unknown.append("How much of the out-of-pocket maximum is left.")
    return tuple(unknown)


def benefit_assumptions(benefits: Benefits) -> list[str]:
    """What the price takes for granted about the plan."""
    said = []
    if benefits.verified_on is not None:
        said.append(f"Benefits as the plan stated them on {date_words(benefits.verified_on)}.")
    else:
        said.append("Benefits as entered; nobody has checked them with the plan yet.")
    if benefits.units_left is None and benefits.covered is not False:
        said.append("The plan stated no limit on the number of days.")
    if benefits.authorization_required is None:
        said.append("Whether the plan wants an authorization is not known.")
    elif benefits.authorization_required:
        said.append("The plan must authorize the days before they are attended.")
    return said


def upper_bound(
    days: Sequence[date], allowed: Money | None, fee: Money | None, benefits: Benefits
) -> Money | None:
    """The most the patient could pay with what is known; None when even that is open."""
    if fee is None:
        return None
    if benefits.covered is not True or allowed is None or benefits.units_left is not None:
        return fee * len(days)
    whole = min(allowed, fee) * len(days)
    pocket = benefits.out_of_pocket_remaining
    return whole if pocket is None else min(whole, pocket)
