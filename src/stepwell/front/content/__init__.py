"""The public's texts: one dated file for each page and language, the same keys in both; read once.

A site edits the words. Keys stay: a test compares the files of the two languages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(page: str, language: str) -> dict[str, Any]:
    """The text of `page` in "en" or "es", as it stands. Raises FileNotFoundError for one that is not there."""
    return _read(f"{language}/{page}.toml")


@cache
def load_rule(name: str) -> dict[str, Any]:
    """A dated rule of the public's pages that has no language, such as "limits"."""
    return _read(f"{name}.toml")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(files("stepwell.front.content").joinpath(name).read_text("utf-8"))
    return found
