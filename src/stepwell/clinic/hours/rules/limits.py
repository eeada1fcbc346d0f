"""How many minutes a week and a day should have, as dated data, and what a number outside them means."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Minutes a week for the payer and the program, where the next level of care begins, and the billable day."""

    payer_minimum: int
    program_minimum: int
    program_maximum: int
    next_level: int
    billable_day_minimum: int


class Band(StrEnum):
    """What a week's minutes put at risk."""

    CLAIM_RISK = "claim_risk"
    CONTRACT_RISK = "contract_risk"
    WITHIN = "within"
    LEVEL_REVIEW = "level_review"
    LEVEL_OVERLAP = "level_overlap"


@cache
def load_limits() -> Limits:
    """The limits that ship with this version."""
    raw = json.loads(files("stepwell.clinic.hours").joinpath("data/limits.json").read_text("utf-8"))
    week = raw["week"]
    return Limits(
        payer_minimum=week["payer_minimum"],
        program_minimum=week["program_minimum"],
        program_maximum=week["program_maximum"],
        next_level=week["next_level"],
        billable_day_minimum=raw["day"]["billable_minimum"],
    )


def band(minutes: int, limits: Limits) -> Band:
    """Where a week of so many minutes lies. Both minimums and the maximum are still within."""
    if minutes < limits.payer_minimum:
        return Band.CLAIM_RISK
    if minutes < limits.program_minimum:
        return Band.CONTRACT_RISK
    if minutes >= limits.next_level:
        return Band.LEVEL_OVERLAP
    if minutes > limits.program_maximum:
        return Band.LEVEL_REVIEW
    return Band.WITHIN
