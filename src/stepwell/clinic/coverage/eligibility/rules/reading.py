"""Which codes of an answer mean what for this program, as data."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Which codes mean what for this program (data/reading.json)."""

    ours: tuple[frozenset[str], ...]
    places: frozenset[str]
    active: frozenset[str]
    inactive: frozenset[str]
    not_covered: frozenset[str]
    a_day: frozenset[str]
    whole: frozenset[str]
    so_far: frozenset[str]
    left: frozenset[str]
    day_counts: frozenset[str]
    another_payer: frozenset[str]
    who_pays: frozenset[str]
    plan_dates: frozenset[str]
    plan_ends: frozenset[str]


@cache
def load_reading() -> Reading:
    """What ships with this version."""
    raw = json.loads(
        files("stepwell.clinic.coverage.eligibility").joinpath("data/reading.json").read_text("utf-8")
    )
    sets = {name: frozenset(raw[name]) for name in Reading.__dataclass_fields__ if name != "ours"}
    return Reading(ours=tuple(frozenset(group) for group in raw["ours"]), **sets)
