"""New use or old? A positive read against the tests before it and the time for which the class can be seen.

Windows are approximate and differ between people: every sentence says why, and none says more than the data do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from stepwell.clinic.drug_tests.rules.panels import data, drug_class
from stepwell.clinic.drug_tests.rules.reading import Result


class Use(StrEnum):
    """What a positive says of when it was used."""

    NEW = "new use"
    MAYBE_OLD = "may be from before"
    FIRST = "no test to compare"


@dataclass(frozen=True)
class Tested:
    """One class on one day. `amount` in ng/mL and `creatinine` in mg/dL where the laboratory told them.

    `readable` is False for a specimen that proves nothing when negative: dilute, tampered with, invalid.
    """

    __test__ = False  # not a pytest class

    on: date
    result: Result
    amount: Decimal | None = None
    creatinine: Decimal | None = None
    readable: bool = True


@dataclass(frozen=True)
class UseReading:
    """The word and its reason in a sentence."""

    use: Use
    sentence: str


def read_use(code: str, now: Tested, before: Sequence[Tested]) -> UseReading:
    """A positive `now` against the earlier tests of the same class, in any order. Refused for an unknown class."""
    known = drug_class(code)
    earlier = sorted((one for one in before if one.on < now.on), key=lambda one: one.on)
    last = next((one for one in reversed(earlier) if one.result is Result.POSITIVE), None)
    clean = next((one for one in reversed(earlier) if one.result is Result.NEGATIVE and one.readable), None)
    longest = max((window.to_hours for window in known.windows), default=0)
    if clean is not None and (last is None or clean.on > last.on):
        return UseReading(Use.NEW, f"Negative on {clean.on:%-d %B}, positive now: used since then.")
    if last is None:
        return UseReading(
            Use.FIRST, f"No earlier test of it. It can be seen for up to {_days(longest)} after use."
        )
    passed = (now.on - last.on).days
    if passed * 24 > longest:
        return UseReading(
            Use.NEW,
            f"The last positive was {passed} days ago, and it is seen for up to {_days(longest)}: used since.",
        )
    ratio = normalized_ratio(now, last) if code == "thc" else None
    if ratio is not None:
        limit = Decimal(data()["new_use"]["thc_ratio_above"])
        said = f"THC to creatinine is {ratio:.2f} times that of {last.on:%-d %B}"
        if ratio > limit:
            return UseReading(Use.NEW, f"{said}, more than {limit}: it suggests new use.")
        return UseReading(
            Use.MAYBE_OLD, f"{said}, not more than {limit}: it may be what is left from before."
        )
    return UseReading(
        Use.MAYBE_OLD,
        f"Positive {passed} days ago too, and it is seen for up to {_days(longest)}: it may be from before.",
    )


def per_creatinine(one: Tested) -> Decimal | None:
    """Nanograms of drug for each milligram of creatinine; None where one of the two is not known."""
    if one.amount is None or one.creatinine is None or one.creatinine <= 0:
        return None
    # ng/mL over mg/dL: a deciliter has a hundred milliliters
    return one.amount * 100 / one.creatinine


def normalized_ratio(now: Tested, before: Tested) -> Decimal | None:
    """How many times as much, for the same creatinine; None when it cannot be said."""
    later, first = per_creatinine(now), per_creatinine(before)
    return None if later is None or not first else later / first


def _days(hours: int) -> str:
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
