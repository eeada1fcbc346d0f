"""The intake interview: its sections, and what is still blank."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stepwell.clinic.assessment.rules.ratings import Dimension


@dataclass(frozen=True)
class Section:
    """One part of the interview. ``dimensions``: the ratings that it gives reasons for."""

    key: str
    title: str
    ask: str
    required: bool
    dimensions: tuple[Dimension, ...]


@cache
def intake_sections() -> tuple[Section, ...]:
    """The sections in the order in which they are asked."""
    path = files("stepwell.clinic.assessment").joinpath("data", "intake.json")
    return tuple(
        Section(s["key"], s["title"], s["ask"], s["required"], tuple(Dimension(d) for d in s["dimensions"]))
        for s in json.loads(path.read_text("utf-8"))["sections"]
    )


def blank_sections(written: Mapping[str, str]) -> tuple[Section, ...]:
    """The required sections in which nothing is written; the interview is complete when there are none."""
    return tuple(s for s in intake_sections() if s.required and not written.get(s.key, "").strip())
