"""The federal poverty guideline as dated data: any household size, 48 states and DC, Alaska, Hawaii."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import date_words

from .money import Money


class Region(StrEnum):
    """Where the household lives; HHS publishes three tables."""

    CONTIGUOUS = "contiguous"
    ALASKA = "alaska"
    HAWAII = "hawaii"


_STATES = {"AK": Region.ALASKA, "HI": Region.HAWAII}


def region_of(state: str) -> Region:
    """The region whose table holds in a state, by its two letters; the contiguous states' for any other."""
    return _STATES.get(state.strip().upper(), Region.CONTIGUOUS)


@dataclass(frozen=True, kw_only=True)
class PovertyGuideline:
    """One published table: dollars per year for the first person and for each additional one."""

    edition: str
    region: Region
    effective: date
    first_person: Money
    each_additional: Money
    source: str

    def for_household(self, size: int) -> Money:
        """The guideline for a household of `size` people. Raises ValueError below one."""
        if size < 1:
            raise ValueError("A household has at least one person.")
        return self.first_person + self.each_additional * (size - 1)


@cache
def load_guidelines() -> tuple[PovertyGuideline, ...]:
    """Every table that ships with this version."""
    path = files("stepwell.clinic.coverage").joinpath("data/poverty-guidelines.json")
    return tuple(
        PovertyGuideline(
            edition=row["edition"],
            region=Region(row["region"]),
            effective=date.fromisoformat(row["effective"]),
            first_person=Money.of(row["first_person"]),
            each_additional=Money.of(row["each_additional"]),
            source=row["source"],
        )
        for row in json.loads(path.read_text("utf-8"))["guidelines"]
    )


def guideline_on(
    on: date, region: Region, guidelines: Iterable[PovertyGuideline] | None = None
) -> PovertyGuideline:
    """The newest table in effect on a day. Raises LookupError when none is on file for that day."""
    in_effect = [
        table
        for table in (load_guidelines() if guidelines is None else guidelines)
        if table.region is region and table.effective <= on
    ]
    if not in_effect:
        raise LookupError(f"No poverty guideline is on file for {date_words(on)}; load that year's table.")
    return max(in_effect, key=lambda table: table.effective)


def percent_of_poverty(annual_income: Money, household: int, guideline: PovertyGuideline) -> Fraction:
    """Yearly income as an exact percentage of the guideline; never rounded, so 100.001 is above 100."""
    if annual_income.amount < 0:
        raise ValueError("An income below zero is entered as zero.")
    return Fraction(annual_income.cents, guideline.for_household(household).cents) * 100


def percent_text(percent: Fraction) -> str:
    """A percentage for people, one decimal, rounded so that it never hides on which side of a class it lies."""
    tenths = percent * 10
    shown = Decimal(-(-tenths.numerator // tenths.denominator)) / 10
    return f"{shown:.1f} %"
