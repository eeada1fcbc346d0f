"""Every place where a rule is set aside says why."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIS = Path(__file__).resolve()
_SET_ASIDE = re.compile(
    r"#\s*(?P<what>noqa(?::\s*[A-Z]+\d*(?:,\s*[A-Z]+\d*)*)?|type:\s*ignore(?:\[[\w, -]+\])?)(?P<rest>.*)"
)
_REASON = re.compile(r"^\s*(?:#\s*|-{1,2}\s*|—\s*|\s)(?P<reason>\S.{7,})")


def python_files() -> Iterator[Path]:
    for folder in ("src", "tests", "bench", ".ci"):
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts and path != THIS:
                yield path


def without_reason(text: str) -> list[int]:
    """Numbers of the lines that set a rule aside and do not say why."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        while match := _SET_ASIDE.search(rest):
            after = match["rest"]
            # Two in one line may share the reason of the last.
            if not _SET_ASIDE.search(after) and not _REASON.match(after):
                found.append(number)
            rest = after
    return found


def test_every_noqa_and_every_type_ignore_carries_a_reason():
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files()
        for number in without_reason(path.read_text("utf-8"))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("x = 1  # noqa: S101", [1]),
        ("x = 1  # noqa", [1]),
        ("x = 1  # noqa: S101 - only staff pages ask", []),
        ("x = 1  # type: ignore[attr-defined]", [1]),
        ("x = 1  # type: ignore[attr-defined] # set by WhoAsks", []),
        ("x = 1  # type: ignore[attr-defined]  # noqa: S101 - only staff pages ask", []),
        ("x = 1  # type: ignore[attr-defined] # why", [1]),
    ],
)
def test_a_reason_is_told_from_none(line, lines):
    assert without_reason(line) == lines


def test_every_skipped_test_says_why():
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if path != THIS and re.search(r"mark\.(skip|xfail)(\(\s*\)|\s*$)", path.read_text("utf-8"), re.M)
    ]
    assert silent == []
