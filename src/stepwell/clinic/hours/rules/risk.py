"""How far a person's own attendance makes uncertain what is booked. One rule with its numbers as dated data."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class RiskRule:
    """`prior_share` of `prior_minutes` counts as missed for everybody; from `threshold` on it matters.

    `weeks` is how far back attendance is looked at. Shares are fractions of 1.
    """

    weeks: int
    prior_share: Fraction
    prior_minutes: int
    threshold: Fraction


@cache
def load_risk() -> RiskRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.hours").joinpath("data/risk.json").read_text("utf-8"))
    return RiskRule(
        weeks=raw["weeks"],
        prior_share=Fraction(raw["prior_percent"], 100),
        prior_minutes=raw["prior_minutes"],
        threshold=Fraction(raw["from_percent"], 100),
    )


def share_missed(missed: int, ordered: int, rule: RiskRule) -> Fraction:
    """The share of ordered minutes that this person misses; a short history is pulled towards the prior.

    `missed` and `ordered` are minutes of the last `rule.weeks` weeks. Never above 1.
    """
    prior = rule.prior_share * rule.prior_minutes
    return min(Fraction(1), (missed + prior) / (ordered + rule.prior_minutes))


def likely_missed(booked: int, missed: int, ordered: int, rule: RiskRule) -> int:
    """Minutes of what is booked that are at risk: the share missed of them, rounded up; none below the threshold."""
    if not missed or not booked:
        return 0
    share = share_missed(missed, ordered, rule)
    if share < rule.threshold:
        return 0
    return -(-booked * share.numerator // share.denominator)
