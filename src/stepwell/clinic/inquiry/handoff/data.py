"""The dated lists beside this step, read from the package once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def listed(name: str) -> dict[str, Any]:
    """The content of `inquiry/data/<name>.toml`."""
    text = (
        files("stepwell.clinic.inquiry").joinpath("data").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    )
    return tomllib.loads(text)
