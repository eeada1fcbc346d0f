"""The public's texts, as dated files beside the pages; read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The content file `name`.toml as it stands. Raises FileNotFoundError for one that is not there."""
    found: dict[str, Any] = tomllib.loads(
        files("stepwell.front.content").joinpath(f"{name}.toml").read_text("utf-8")
    )
    return found
