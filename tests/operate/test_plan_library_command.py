"""`stepwell plan-library`: check, load, show."""

from __future__ import annotations

import json

import pytest
from tests.making import NOW, make_site

from stepwell.cli import main
from stepwell.cli.commands.plan_library import take_in
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import SiteLibrary
from stepwell.project.unready import Unready


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "own.json"
    found.write_text(rules.as_file(rules.shipped_library()))
    return found


def test_what_show_prints_is_what_ships_and_check_finds_nothing_wrong_with_it(tmp_path, capsys):
    assert main(["plan-library", "show"]) == 0
    printed = capsys.readouterr().out
    assert rules.read_library(printed) == rules.shipped_library()
    file = tmp_path / "printed.json"
    file.write_text(printed)
    assert main(["plan-library", "check", str(file)]) == 0
    objectives = sum(len(problem.objectives) for problem in rules.shipped_library().problems)
    assert capsys.readouterr().out == (
        f"Texts that come with Stepwell (stepwell): {len(rules.shipped_library().problems)} problems,"
        f" {objectives} objectives, nothing is wrong.\n"
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda texts: texts["problems"][1].update(dimension=7),
            "problems[1].dimension: This must be a whole number from 1 to 6.",
        ),
        (
            lambda texts: texts["problems"][0]["goals"].clear(),
            "problems[0].goals: This must be a list of 1 to 12.",
        ),
        (
            lambda texts: texts.update(format="another"),
            "format: This must be “stepwell-plan-library-1”.",
        ),
        (
            lambda texts: texts["problems"][0].update(words=1),
            "problems[0].words: Nothing of this name is known here; known are key, dimension, condition, statement, "
            "goals, objectives, codes.",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place(file, capsys, spoil, said):
    texts = json.loads(file.read_text())
    spoil(texts)
    file.write_text(json.dumps(texts))
    assert main(["plan-library", "check", str(file)]) == 1
    assert capsys.readouterr().out == said + "\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "The file is not text in UTF-8; save it as UTF-8 and send it again."),
        (b"[" * 250_000, "The file is not JSON that can be read."),
        (b"{}" + b" " * 300_000, "The file is larger than 300 kB; split it into several."),
        (b"[]", "This must be an object."),
        (b'{"format": 1', "line 1, column 13: The file is not JSON: Expecting ',' delimiter."),
    ],
)
def test_what_is_no_library_at_all_is_one_line_too(file, capsys, content, said):
    file.write_bytes(content)
    assert main(["plan-library", "check", str(file)]) == 1
    assert capsys.readouterr().out == said + "\n"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main(["plan-library", "load", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none.json'} cannot be read: No such file or directory.\n"


@pytest.mark.django_db
def test_a_file_is_taken_in_for_a_site():
    make_site("Peachtree")
    own = rules.shipped_library()
    assert take_in(own, "", NOW) == (
        "Texts that come with Stepwell (stepwell) is in use at Peachtree as version 1."
    )
    assert SiteLibrary.objects.get().by is None
    with pytest.raises(Unready, match="is here already, just as it stands"):
        take_in(own, "Peachtree", NOW)
    changed = rules.read_library(
        rules.as_file(own).replace("I want to sleep through the night again.", "Sleep.")
    )
    assert take_in(changed, "Peachtree", NOW).endswith("is in use at Peachtree as version 2.")
    make_site("Second")
    with pytest.raises(Unready, match="Say for which site it is with --site"):
        take_in(changed, "", NOW)
