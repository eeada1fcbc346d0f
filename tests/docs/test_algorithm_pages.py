"""What the pages about algorithms say is what the program does."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "algorithms"


@pytest.mark.parametrize("page", ["estimate.md", "consent.md", "hours.md", "week.md", "likeness.md"])
def test_the_worked_examples_come_out_as_printed(page):
    text = (PAGES / page).read_text("utf-8")
    example = doctest.DocTestParser().get_doctest(text, {}, page, str(PAGES / page), 0)
    assert len(example.examples) >= 5
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert result.failed == 0, "".join(told)


def test_the_lines_in_the_readme_come_out_as_printed():
    readme = PAGES.parents[1] / "README.md"
    example = doctest.DocTestParser().get_doctest(readme.read_text("utf-8"), {}, "README", str(readme), 0)
    assert len(example.examples) >= 5
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert result.failed == 0, "".join(told)
