"""What the pages say is what the program does: every page with examples is executed."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
WITH_EXAMPLES = sorted(page for page in DOCS.rglob("*.md") if ">>> " in page.read_text("utf-8"))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_worked_examples_come_out_as_printed(page):
    text = page.read_text("utf-8")
    example = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert result.failed == 0, "".join(told)


def test_every_page_about_an_algorithm_has_worked_examples():
    without = [page.name for page in (DOCS / "algorithms").glob("*.md") if page not in WITH_EXAMPLES]
    assert without == []


def test_the_lines_in_the_readme_come_out_as_printed():
    readme = DOCS.parent / "README.md"
    example = doctest.DocTestParser().get_doctest(readme.read_text("utf-8"), {}, "README", str(readme), 0)
    assert len(example.examples) >= 5
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert result.failed == 0, "".join(told)
