"""`stepwell week`: files in, text out, no database and no Django."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.weekplan.small_week import small_case, small_plan

from stepwell.cli import main
from weekplan.reading import case_from_json


@pytest.fixture
def files(tmp_path):
    case, plan = tmp_path / "case.json", tmp_path / "plan.json"
    case.write_text(json.dumps(small_case()))
    plan.write_text(json.dumps(small_plan()))
    return case, plan


def test_a_week_that_keeps_its_rules_passes(files, capsys):
    assert main(["week", "check", *map(str, files)]) == 0
    assert capsys.readouterr() == (
        "Every rule is kept, and the week costs 670 points as the plan says.\n",
        "",
    )


def test_each_breach_and_each_wrong_number_is_a_line(files, capsys):
    plan = small_plan() | {"cost": 671}
    plan["sessions"][1]["room"] = "Oak"
    files[1].write_text(json.dumps(plan))
    assert main(["week", "check", *map(str, files)]) == 1
    assert capsys.readouterr() == (
        "process “two” (Monday 10:45 to 12:15) has 3 people, and Oak seats 2.\n"
        "The plan says that it costs 671; it costs 670.\n",
        "",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is nothing in it."),
        ("{", "It is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        ("[]", "Must be an object, not a list."),
        (
            json.dumps(small_case()).replace(
                '"from": "09:00", "to": "13:00"', '"from": "14:00", "to": "13:00"'
            ),
            "patients[0].windows[0]: ends before it starts (14:00 to 13:00).",
        ),
    ],
)
def test_a_case_of_nonsense_is_one_sentence(files, capsys, text, sentence):
    files[0].write_text(text)
    assert main(["week", "check", *map(str, files)]) == 2
    assert capsys.readouterr() == ("", f"{files[0]}: {sentence}\n")


def test_a_file_that_is_not_there_is_one_sentence(files, capsys):
    files[1].unlink()
    assert main(["week", "check", *map(str, files)]) == 2
    assert capsys.readouterr() == ("", f"{files[1]} cannot be read: No such file or directory.\n")


def test_case_and_plan_cannot_both_be_standard_input(capsys):
    assert main(["week", "check", "-", "-"]) == 2
    assert capsys.readouterr().err == (
        "Only one of case and plan can come from standard input; name a file for the other.\n"
    )


def test_a_made_case_makes_sense_and_the_same_seed_makes_the_same(capsys):
    told = []
    for seed in ("4", "4", "5"):
        assert main(["week", "make", "--patients", "15", "--seed", seed]) == 0
        told.append(capsys.readouterr().out)
    assert len(case_from_json(json.loads(told[0])).patients) == 15
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    "words",
    [["make", "--patients", "0"], ["make"], ["solve", "c.json", "--seconds", "0"], ["solve", "c.json", "--workers", "0"], []],
)  # fmt: skip
def test_an_argument_of_nonsense_is_refused(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(["week", *words])
    assert left.value.code == 2
    assert "usage: stepwell week" in capsys.readouterr().err


def test_a_check_loads_neither_django_nor_a_solver(files):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from stepwell.cli import main; main(sys.argv[1:]);"
            " print([name for name in ('django', 'ortools', 'highspy', 'numpy') if name in sys.modules])",
            "week",
            "check",
            "-",
            str(files[1]),
        ],
        input=files[0].read_text(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == ["[]"]


def test_a_case_is_solved_checked_and_explained_by_files_alone(tmp_path, capsys):
    case, plan = tmp_path / "case.json", tmp_path / "plan.json"
    value = small_case()
    value["patients"][0]["windows"] = [{"day": 0, "from": "09:00", "to": "10:30"}]
    case.write_text(json.dumps(value))
    assert main(["week", "solve", str(case), "--seconds", "20", "--seed", "1", "--workers", "1"]) == 0
    plan.write_text(capsys.readouterr().out)
    told = json.loads(plan.read_text())
    assert told["status"] == "optimal"
    assert main(["week", "check", str(case), str(plan)]) == 0
    assert capsys.readouterr().out.startswith("Every rule is kept")
    assert main(["week", "explain", str(case), str(plan), "--all"]) == 0
    words = capsys.readouterr().out
    for one in told["shortfalls"]:
        assert f"{one['patient']} is short of " in words
        assert one["because"] in words
