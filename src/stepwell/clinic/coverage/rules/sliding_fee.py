"""The sliding fee: a discount by income and household size alone, decided once and kept with its edition."""

import calendar
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from .money import ZERO, Money
from .poverty import PovertyGuideline, Region, percent_of_poverty, percent_text


@dataclass(frozen=True, kw_only=True)
class FeeClass:
    """One pay class: reaches up to and including `up_to_percent` of the guideline."""

    key: str
    up_to_percent: Decimal
    discount_percent: Decimal
    nominal_charge: Money | None


@dataclass(frozen=True, kw_only=True)
class FeeSchedule:
    """The classes of a site, lowest income first; above the last one there is no discount."""

    key: str
    effective: date
    valid_months: int
    classes: tuple[FeeClass, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class Determination:
    """What was decided, and everything it was decided on, so that a later table never changes it.

    `percent_of_poverty` is rounded up to two decimals for the record; the class was chosen on the exact ratio.
    """

    annual_income: Money
    household: int
    region: Region
    guideline_edition: str
    guideline_amount: Money
    schedule_key: str
    percent_of_poverty: Decimal
    class_key: str | None
    discount_percent: Decimal
    nominal_charge: Money | None
    decided_on: date
    valid_until: date
    reasons: tuple[str, ...]


@cache
def load_schedule() -> FeeSchedule:
    """The default schedule that ships with this version."""
    path = files("stepwell.clinic.coverage").joinpath("data/sliding-fee.json")
    raw = json.loads(path.read_text("utf-8"))
    return FeeSchedule(
        key=raw["key"],
        effective=date.fromisoformat(raw["effective"]),
        valid_months=raw["valid_months"],
        classes=tuple(
            FeeClass(
                key=row["key"],
                up_to_percent=Decimal(row["up_to_percent"]),
                discount_percent=Decimal(row["discount_percent"]),
                nominal_charge=Money.of(row["nominal_charge"]) if row["nominal_charge"] else None,
            )
            for row in raw["classes"]
        ),
        source=raw["source"],
    )


def determine(
    annual_income: Money, household: int, guideline: PovertyGuideline, schedule: FeeSchedule, on: date
) -> Determination:
    """The pay class for a yearly income and a household size. `valid_until` is the first day it no longer holds."""
    exact = percent_of_poverty(annual_income, household, guideline)
    # Exact comparison: one cent above the line is the next class.
    pay_class = next((c for c in schedule.classes if exact <= c.up_to_percent), None)
    amount = guideline.for_household(household)
    people = "1 person" if household == 1 else f"{household} people"
    reasons = [
        f"{annual_income} a year is {percent_text(exact)} of the {guideline.edition} poverty guideline "
        f"of {amount} for {people}."
    ]
    if pay_class is None:
        reasons.append(
            f"The sliding fee ends at {schedule.classes[-1].up_to_percent:f} %; there is no discount."
        )
    elif pay_class.nominal_charge is not None:
        reasons.append(f"That is class {pay_class.key}: a nominal {pay_class.nominal_charge} for each visit.")
    else:
        reasons.append(f"That is class {pay_class.key}: {pay_class.discount_percent:f} % off.")
    hundredths = exact * 100
    return Determination(
        annual_income=annual_income,
        household=household,
        region=guideline.region,
        guideline_edition=guideline.edition,
        guideline_amount=amount,
        schedule_key=schedule.key,
        percent_of_poverty=Decimal(-(-hundredths.numerator // hundredths.denominator)) / 100,
        class_key=pay_class.key if pay_class else None,
        discount_percent=pay_class.discount_percent if pay_class else Decimal(0),
        nominal_charge=pay_class.nominal_charge if pay_class else None,
        decided_on=on,
        valid_until=_months_later(on, schedule.valid_months),
        reasons=tuple(reasons),
    )


def charge_after(determination: Determination, charge: Money) -> Money:
    """What the patient owes of one charge under a determination; never more than the charge itself."""
    discounted = charge * ((100 - determination.discount_percent) / 100)
    if determination.nominal_charge is not None:
        return min(charge, max(discounted, determination.nominal_charge))
    return max(ZERO, discounted)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
