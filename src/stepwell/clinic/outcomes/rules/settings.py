"""What is measured, over how long, and the published figures it is set against: dated data."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """One score that is followed: `of` is 'total' or the code of a subscale; better by so many points counts."""

    key: str
    label: str
    of: str
    better_by: float


@dataclass(frozen=True, kw_only=True)
class Published:
    """A national figure, with what it counts and where it stands."""

    measure: str
    share: Decimal
    of: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Everything that the page of outcomes is set by."""

    retention_days: tuple[int, ...]
    weeks_shown: int
    cohort_days: int
    instruments: tuple[Instrument, ...]
    published: tuple[Published, ...]


@cache
def load_measures() -> Measures:
    """The measures that ship with this version."""
    raw = json.loads(files("stepwell.clinic.outcomes").joinpath("data/measures.json").read_text("utf-8"))
    return Measures(
        retention_days=tuple(raw["retention_days"]),
        weeks_shown=raw["weeks_shown"],
        cohort_days=raw["cohort_days"],
        instruments=tuple(Instrument(**row) for row in raw["instruments"]),
        published=tuple(Published(**{**row, "share": Decimal(row["share"])}) for row in raw["published"]),
    )
