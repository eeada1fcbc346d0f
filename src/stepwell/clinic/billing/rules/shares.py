"""What the patient owes of each charge, as earlier charges use up the deductible and the maximum."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from stepwell.clinic.coverage.rules import Benefits, Money, estimate


@dataclass(frozen=True, kw_only=True)
class Told:
    """Benefits as heard on a day, with the whole yearly amounts that begin anew each calendar year."""

    benefits: Benefits
    heard_on: date
    deductible: Money | None
    out_of_pocket_max: Money | None


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One charge to be shared: its day, the program's charge and what the plan allows for it (None: not known)."""

    on: date
    charge: Money
    allowed: Money | None


@dataclass(frozen=True, kw_only=True)
class FilingLimits:
    """Days back that are looked at, and the keys of the rules for people who pay themselves."""

    look_back_days: int
    self_pay_rules: tuple[str, ...]


@cache
def load_filing_limits() -> FilingLimits:
    """The limits that ship with this version."""
    raw = json.loads(files("stepwell.clinic.billing").joinpath("data/limits.json").read_text("utf-8"))
    return FilingLimits(look_back_days=raw["look_back_days"], self_pay_rules=tuple(raw["self_pay_rules"]))


def shares(charges: Iterable[Priced], told: Told | None) -> Iterator[Money | None]:
    """The patient's part of each, in the order in which they were made; None while the plan has not told enough.

    `charges` are those made since the benefits were heard: what was heard counts the earlier ones in.
    """
    left: dict[int, Benefits] = {}
    for one in charges:
        if told is None:
            yield None
            continue
        now = left.get(one.on.year) or _beginning(told, one.on.year)
        priced = estimate([one.on], one.allowed, now, charge=one.charge)
        if not priced.lines:
            yield None
            continue
        (line,) = priced.lines
        left[one.on.year] = replace(
            now,
            deductible_remaining=_less(now.deductible_remaining, line.deductible),
            out_of_pocket_remaining=_less(
                now.out_of_pocket_remaining, line.patient_pays if line.covered else line.deductible
            ),
            units_left=None if now.units_left is None else max(0, now.units_left - 1),
        )
        yield line.patient_pays


def _beginning(told: Told, year: int) -> Benefits:
    """What is left when the charges of a calendar year begin."""
    if year == told.heard_on.year:
        return told.benefits
    return replace(
        told.benefits,
        deductible_remaining=told.deductible,
        out_of_pocket_remaining=told.out_of_pocket_max,
    )


def _less(left: Money | None, used: Money) -> Money | None:
    return None if left is None else left - min(left, used)
