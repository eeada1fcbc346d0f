"""The languages a form offers."""

import json
from functools import cache
from importlib.resources import files


@cache
def languages() -> dict[str, str]:
    """Code -> name, in the order in which they are offered."""
    raw = json.loads(files("stepwell.clinic.people").joinpath("data/languages.json").read_text("utf-8"))
    return {str(code): str(name) for code, name in raw["languages"]}
