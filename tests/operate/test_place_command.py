"""`stepwell place`: a case in, the decision out as JSON, or exit code 2 and one sentence."""

from __future__ import annotations

import io
import json
import sys

import pytest
from tests.making import NOW, make_site

from stepwell.cli import main
from stepwell.cli.commands.place import take_in
from stepwell.clinic.placement.queries import table_at
from stepwell.clinic.placement.rules import Edition, as_document, decide, read_case
from stepwell.project.unready import Unready

CASE = {"ratings": [0, 1, 1, 2, 3, 1], "facts": {"severe_withdrawal_risk": False}}
TABLE = {
    "name": "Harbor", "version": "3", "advisory": "Harbor's own.",
    "rules": [{"id": "rest", "level": "1", "admit": True, "because": "Rest.", "when": {}}],
}  # fmt: skip


@pytest.fixture
def written(tmp_path):
    def write(name, what):
        path = tmp_path / name
        path.write_bytes(what if isinstance(what, bytes) else json.dumps(what).encode())
        return str(path)

    return write


def test_a_case_in_a_file_comes_out_as_a_decision(written, capsys):
    assert main(["place", written("case.json", CASE)]) == 0
    out = capsys.readouterr().out
    assert json.loads(out) == json.loads(json.dumps(as_document(decide(read_case(CASE)))))
    assert json.loads(out)["level"] == "2.1"


def test_a_dash_is_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CASE).encode())))
    assert main(["place", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["table"] == "Stepwell default 2026-01"


def test_a_site_decides_by_its_own_table(written, capsys):
    assert main(["place", written("case.json", CASE), "--rules", written("table.json", TABLE)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["table"], told["advisory"]) == ("1", "Harbor 3", "Harbor's own.")


def test_a_table_alone_is_checked(written, capsys):
    assert main(["place", "--rules", written("table.json", TABLE)]) == 0
    assert capsys.readouterr().out == "Harbor 3: 1 rule, nothing is wrong.\n"


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({"ratings": [0, 7]}, "At ratings[1]: A rating of the third edition is a whole number from 0 to 4.\n"),
        (b'{"ratings": [NaN]}', "At ratings[0]: This is no number; leave the entry out when it is not known.\n"),
        (b"[" * 100_000, "The file is nested too deeply or holds a number too long to read.\n"),
        ({"ratings": [], "name": "Dana"}, "At name: There is no such entry in the case; there are ratings, format, edition, facts, scores.\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_and_exit_code_two(written, capsys, case, sentence):
    assert main(["place", written("case.json", case)]) == 2
    assert capsys.readouterr() == ("", sentence)


def test_a_broken_table_names_its_place(written, capsys):
    table = {**TABLE, "rules": [{**TABLE["rules"][0], "level": "9"}]}
    assert main(["place", written("case.json", CASE), "--rules", written("table.json", table)]) == 2
    assert capsys.readouterr().err.startswith(
        "The rule table cannot be used. At rules[0].level: There is no such"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a file with a case, or a dash for standard input.\n"),
        (["/nowhere/case.json"], "/nowhere/case.json cannot be read: No such file or directory.\n"),
        (["/"], "/ cannot be read: Is a directory.\n"),
    ],
)
def test_what_is_not_there_is_said(capsys, arguments, sentence):
    assert main(["place", *arguments]) == 2
    assert capsys.readouterr().err == sentence


@pytest.mark.parametrize("name", ["case", "table", "decision"])
def test_the_schemas_are_printed_and_name_every_entry(capsys, name):
    assert main(["place", "--schema", name]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$id"].startswith(f"stepwell-placement-{name}-1")
    if name == "decision":
        assert (
            set(schema["required"]) == set(schema["properties"]) == set(as_document(decide(read_case(CASE))))
        )


@pytest.mark.django_db
def test_a_table_is_taken_in_at_a_site_and_decides_there_from_then_on():
    site = make_site()
    assert take_in(json.dumps(TABLE).encode(), site.name, NOW) == (
        f"Harbor 3 decides at {site.name} from now on, for the third edition."
    )
    assert table_at(site.pk, Edition.THIRD).name == "Harbor"
    with pytest.raises(Unready, match="Harbor 3 is here already"):
        take_in(json.dumps(TABLE).encode(), site.name, NOW)


def test_a_table_is_taken_in_without_a_case(written, capsys):
    arguments = ["place", written("case.json", CASE), "--rules", written("table.json", TABLE), "--take-in"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == "A table is taken in by itself; leave the case out.\n"
