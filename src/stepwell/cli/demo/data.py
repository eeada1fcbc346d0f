"""The files of the demo clinic, read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import stepwell

_PACKAGE = Path(stepwell.__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """`clinic`, `availability`, `people`, `places` or `texts`: from the installed package, or from the checkout's `demo` folder."""
    places = (_PACKAGE / "_demo", _PACKAGE.parents[1] / "demo")
    found = next(place for place in places if place.is_dir())
    document: dict[str, Any] = json.loads((found / f"{name}.json").read_text("utf-8"))
    return document
