"""When a collection may be observed, as data; a person is asked first whom she would rather have there."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def _policy() -> dict[str, dict[str, str]]:
    text = files("stepwell.clinic.drug_tests").joinpath("data", "collection.json").read_text("utf-8")
    found = json.loads(text)
    return {part: {row["code"]: row["label"] for row in found[part]} for part in ("observed_when", "wishes")}


def observed_when() -> dict[str, str]:
    """Code to words: the only reasons for which a collection is observed."""
    return _policy()["observed_when"]


def observer_wishes() -> dict[str, str]:
    """Code to words: whom the person would rather have there."""
    return _policy()["wishes"]
