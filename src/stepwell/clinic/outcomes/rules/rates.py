"""A share of people with its interval, held back when it would point at somebody."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt


@dataclass(frozen=True, kw_only=True)
class SuppressionRule:
    """Counts from 1 to below `smallest_shown` are not shown; `z` is the normal quantile of the interval."""

    smallest_shown: int
    z: float


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`count` of `total` people. share, low and high are from 0 to 1; None when there is nobody or suppressed.

    When suppressed, `count` is None too, so that a surface cannot show it by mistake.
    """

    count: int | None
    total: int | None
    share: float | None
    low: float | None
    high: float | None
    suppressed: bool
    sentence: str


@cache
def load_suppression_rule() -> SuppressionRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.outcomes").joinpath("data/measures.json").read_text("utf-8"))
    return SuppressionRule(smallest_shown=raw["smallest_shown"], z=float(raw["z"]))


def wilson_interval(count: int, total: int, z: float) -> tuple[float, float]:
    """Wilson's score interval for a proportion. Raises ValueError unless 0 <= count <= total and total > 0.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if not 0 <= count <= total or total == 0:
        raise ValueError("A share needs a total above zero and a count within it.")
    share = count / total
    scale = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / scale
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    # At the ends rounding could leave the share a hair outside its own interval.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def rate(count: int, total: int, rule: SuppressionRule, *, of: str = "people") -> Rate:
    """The share with its interval; `of` names what is counted. Held back when the count, the rest or the total is small but not zero."""
    if total == 0:
        return Rate(
            count=0,
            total=0,
            share=None,
            low=None,
            high=None,
            suppressed=False,
            sentence="Nobody to count yet.",
        )
    if any(0 < n < rule.smallest_shown for n in (count, total - count, total)):
        hidden = 0 < total < rule.smallest_shown
        return Rate(
            count=None,
            total=None if hidden else total,
            share=None,
            low=None,
            high=None,
            suppressed=True,
            sentence=f"Not shown: fewer than {rule.smallest_shown} people in a group could be recognized.",
        )
    low, high = wilson_interval(count, total, rule.z)
    return Rate(
        count=count,
        total=total,
        share=count / total,
        low=low,
        high=high,
        suppressed=False,
        sentence=f"{count} of {total} {of}, {count / total:.0%} (between {low:.0%} and {high:.0%}).",
    )
