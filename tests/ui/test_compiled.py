"""Templates are compiled once, and a folder that is damaged or gone is no matter."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from stepwell.ui.compiled import compiled_beside

PAGE = "Hello {{ name }}"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "filters.py").write_text("ONE = 1\n")
    return tmp_path


def said(package: Path, page: str = PAGE) -> str:
    """As a new process would say it."""
    env = Environment(
        loader=DictLoader({"page.html": page}), bytecode_cache=compiled_beside(package), autoescape=True
    )
    return env.get_template("page.html").render(name="Ana")


def kept(package: Path) -> list[Path]:
    return sorted((package / "__pycache__").glob("templates-*/*"))


def no_compiling(*_: Any, **__: Any) -> None:
    raise AssertionError("compiled again")


def test_a_second_process_compiles_nothing(package: Path, monkeypatch: pytest.MonkeyPatch):
    assert said(package) == "Hello Ana"
    monkeypatch.setattr(Environment, "compile", no_compiling)
    assert said(package) == "Hello Ana"


def test_a_changed_template_is_compiled_again(package: Path):
    assert said(package) == "Hello Ana"
    assert said(package, "Good evening, {{ name }}") == "Good evening, Ana"


def test_a_changed_module_begins_anew_and_leaves_nothing_old(package: Path):
    said(package)
    before = kept(package)
    (package / "filters.py").write_text("ONE = 2\n")
    assert said(package) == "Hello Ana"
    after = kept(package)
    assert (len(before), len(after)) == (1, 1)
    assert before[0].parent != after[0].parent


@pytest.mark.parametrize("size", [0, 1, 12, 20, 40, -1], ids=lambda n: f"{n} bytes of it")
def test_a_damaged_file_costs_only_the_time(package: Path, size: int):
    said(package)
    (file,) = kept(package)
    file.write_bytes(file.read_bytes()[:size])
    assert said(package) == "Hello Ana"


def test_a_folder_that_is_gone_costs_only_the_time(package: Path):
    cache = compiled_beside(package)
    shutil.rmtree(package / "__pycache__")
    env = Environment(loader=DictLoader({"page.html": PAGE}), bytecode_cache=cache, autoescape=True)
    assert env.get_template("page.html").render(name="Ana") == "Hello Ana"


def test_where_no_folder_can_be_made_nothing_is_kept(package: Path):
    (package / "__pycache__").write_text("a file, not a folder")
    assert compiled_beside(package) is None


def test_where_python_keeps_no_compiled_modules_no_templates_are_kept(package, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled_beside(package) is None
