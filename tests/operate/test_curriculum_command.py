"""`stepwell curriculum`: check, load, show, schema."""

from __future__ import annotations

import json

import pytest
from tests.making import NOW, make_site

from stepwell.cli import main
from stepwell.cli.commands.curriculum import take_in
from stepwell.clinic.timetable.curriculum import rules
from stepwell.clinic.timetable.curriculum.models import SiteCurriculum
from stepwell.project.unready import Unready


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "own.json"
    found.write_text(rules.as_file(rules.load("self-discovery")))
    return found


def test_a_good_file_is_said_to_be_good(file, capsys):
    assert main(["curriculum", "check", str(file)]) == 0
    assert capsys.readouterr().out == "Self-discovery (self-discovery): 4 topics, nothing is wrong.\n"


def test_faults_stand_a_line_each_with_their_place(file, capsys):
    whole = json.loads(file.read_text())
    whole["minutes"] = 1
    del whole["topics"][2]["homework"]
    file.write_text(json.dumps(whole))
    assert main(["curriculum", "check", str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "minutes: This must be between 15 and 480.",
        "topics[2].homework: This is missing.",
    ]


def test_a_file_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main(["curriculum", "check", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_one_that_ships_and_the_schema_are_printed(capsys):
    assert main(["curriculum", "show", "self-discovery"]) == 0
    assert rules.read(capsys.readouterr().out) == rules.load("self-discovery")
    assert main(["curriculum", "show", "no-such"]) == 2
    assert "No curriculum no-such comes with Stepwell. There are: " in capsys.readouterr().err
    assert main(["curriculum", "schema"]) == 0
    assert capsys.readouterr().out == rules.schema()


@pytest.mark.django_db
def test_a_file_is_taken_in_for_a_site():
    make_site("Peachtree")
    own = rules.load("self-discovery")
    changed = rules.read(rules.as_file(own).replace("Who am I without it", "Who are we without it"))
    assert take_in(changed, "", NOW) == "Self-discovery (self-discovery) is in use at Peachtree as version 1."
    assert SiteCurriculum.objects.get().by is None
    with pytest.raises(Unready, match="is here already"):
        take_in(changed, "Peachtree", NOW)
    make_site("Second")
    with pytest.raises(Unready, match="Say for which site it is with --site"):
        take_in(changed, "", NOW)
