"""The dated data of the step, read once."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def plan_data() -> dict[str, Any]:
    """`data/plan.json`: kinds, outcomes, conditions, days."""
    return _read("plan.json")


@cache
def review_data() -> dict[str, Any]:
    """`data/reviews.json`: when a plan is reviewed."""
    return _read("reviews.json")


@cache
def library_text() -> str:
    """`data/library.json`: the texts that come with Stepwell."""
    return files("stepwell.clinic.plan").joinpath("data", "library.json").read_text("utf-8")


def _read(name: str) -> dict[str, Any]:
    path = files("stepwell.clinic.plan").joinpath("data", name)
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data
