"""`stepwell score`: JSON for a score, one sentence and exit code 2 where there is none."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell.cli import main
from stepwell.clinic.assessment.rules import instruments, load_instrument


def said(monkeypatch, capsys, text: str | bytes, *words: str):
    """Exit code, standard output and standard error of scoring what stands on standard input."""
    raw = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    code = main(["score", *words, "-"])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_phq9_of_nine_ones_is_mild_and_alerts(monkeypatch, capsys):
    code, out, err = said(monkeypatch, capsys, "[1,1,1,1,1,1,1,1,1]", "PHQ9")
    alert = load_instrument("phq-9").alerts[0]
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "instrument": "phq-9",
        "title": "PHQ-9",
        "version": "2026-01",
        "edition": "Patient Health Questionnaire, 9 items, 2001",
        "complete": True,
        "score": 9,
        "subscales": {"phq-2": 2},
        "band": "mild",
        "subscale_bands": {},
        "flags": [],
        "alerts": [{"code": "suicidal-thoughts", "item": "9", "answer": 1, "text": alert.text}],
        "missing": [],
        "prorated": False,
        "estimate": None,
        "meaning": [
            alert.text,
            "PHQ-9 comes to 9 of 27: mild.",
            "A score supports a decision; it is never a diagnosis.",
        ],
    }


@pytest.mark.parametrize("slug", instruments())
def test_every_instrument_answers_to_its_lowest_and_highest_answers(monkeypatch, capsys, slug):
    instrument = load_instrument(slug)
    for end in (min, max):
        answers = {i.link_id: end(o.value for o in i.options) for i in instrument.items}
        for document in (answers, list(answers.values())):
            code, out, err = said(monkeypatch, capsys, json.dumps(document), slug.upper())
            told = json.loads(out)
            assert (code, err, told["instrument"], told["missing"]) == (0, "", slug, [])
            assert (told["score"] is None) == (not instrument.total_items)
            assert told["meaning"][-1] == "A score supports a decision; it is never a diagnosis."


@pytest.mark.parametrize("slug", instruments())
def test_no_instrument_scores_an_open_question_without_a_word(monkeypatch, capsys, slug):
    instrument = load_instrument(slug)
    last = [i.link_id for i in instrument.items if i.required and not i.asked_when][-1]
    answers = {i.link_id: i.options[0].value for i in instrument.items} | {last: None}
    code, out, err = said(monkeypatch, capsys, json.dumps(answers), slug)
    if instrument.missing_rule == "reject":
        assert (code, out) == (2, "")
        assert err == f"{instrument.title} is not scored because question {last} is not answered.\n"
    else:
        told = json.loads(out)
        assert (code, err, told["score"], told["band"]) == (0, "", None, None)
        assert told["missing"] == [last]
        assert any(f"question {last}" in sentence for sentence in told["meaning"])


def test_an_open_question_does_not_silence_an_alert(monkeypatch, capsys):
    code, out, _ = said(monkeypatch, capsys, "[null,0,0,0,0,0,0,0,2]", "phq-9")
    told = json.loads(out)
    assert (code, told["score"], told["prorated"], told["estimate"]) == (0, None, True, 2)
    assert [a["item"] for a in told["alerts"]] == ["9"]


def test_too_many_open_questions_have_no_estimate_either(monkeypatch, capsys):
    _, out, _ = said(monkeypatch, capsys, "[null,null,null,0,0,0,0,0,0]", "phq-9")
    told = json.loads(out)
    assert (told["prorated"], told["estimate"], told["missing"]) == (False, None, ["1", "2", "3"])
    assert told["meaning"][0] == "PHQ-9 has no total because questions 1, 2 and 3 are not answered."


def test_the_sex_decides_the_cut_off_of_audit_c(monkeypatch, capsys):
    bands = {}
    for words in ((), ("--sex", "female"), ("--sex", "male")):
        _, out, _ = said(monkeypatch, capsys, "[2,1,0]", "audit-c", *words)
        bands[words[1:]] = json.loads(out)["band"]
    assert bands == {
        (): "positive for a woman, negative for a man",
        ("female",): "positive",
        ("male",): "negative",
    }


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("nope", "[]", 'There is no instrument "nope"; choose one of ace, assist, '),
        ("phq-9", "", "Standard input cannot be used: There is nothing in it."),
        ("phq-9", "[1,", "Standard input cannot be used: It is not JSON: "),
        ("phq-9", "[NaN]", "Standard input cannot be used: It holds NaN, which is not a number of JSON."),
        ("phq-9", "[1e999,0,0,0,0,0,0,0,0]", "Question 1 of PHQ-9 cannot be answered Infinity; it offers "),
        ("phq-9", '{"1":1,"1":2}', 'Standard input cannot be used: The key "1" stands twice'),
        ("phq-9", "[" * 100_000, "Standard input cannot be used: It is nested too deeply."),
        ("phq-9", "[" * 900 + "]" * 900, "A list of answers to PHQ-9 has 9 or 10, this one has 1; "),
        ("phq-9", '{"1":' * 900 + "1" + "}" * 900, "Question 1 of PHQ-9 cannot be answered "),
        ("phq-9", "9" * 5000, "Standard input cannot be used: It holds a number of too many digits."),
        ("phq-9", b"\xff\xfe[", "Standard input cannot be used: It is not UTF-8 text "),
        ("phq-9", "[true,0,0,0,0,0,0,0,0]", "Question 1 of PHQ-9 cannot be answered true; it offers "),
        ("phq-9", '{"\\ud800\\n":1}', 'PHQ-9 has no question "\\ud800\\n"; it has '),
        ("phq-9", "[0" * 3, "Standard input cannot be used: It is not JSON: "),
        ("phq-9", " " * 2_000_001, "Standard input is larger than 2 MB; answers are not that long."),
        ("phq-2", "[null,null]", "PHQ-2 is not scored because questions 1 and 2 are not answered."),
        ("phq-9", "{}", "No question of PHQ-9 is answered, so there is nothing to score."),
        (
            "bam",
            "[null" + ",null" * 16 + "]",
            "No question of BAM is answered, so there is nothing to score.",
        ),
        ("phq-9", '{"resourceType":"QuestionnaireResponse"}', "No question of PHQ-9 is answered, so "),
        ("craving", "{}", "Craving (0 to 10) is not scored because question 1 is not answered."),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(monkeypatch, capsys, name, text, sentence):
    code, out, err = said(monkeypatch, capsys, text, name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(sentence)


@pytest.mark.parametrize("path", ["none.json", ".", "a\x00b"])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, capsys, path):
    assert main(["score", "phq-9", str(tmp_path / path)]) == 2
    out, err = capsys.readouterr()
    assert (out, "cannot be read" in err, err.count("\n")) == ("", True, 1)


def test_it_runs_as_a_program_without_a_home_and_without_a_database(tmp_path):
    file = tmp_path / "answers.json"
    file.write_text("[2,2,2,2,2,2,2,0,0]")
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    run = subprocess.run(
        [sys.executable, "-m", "stepwell", "score", "PHQ-9", str(file)],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["score"] == 14
    assert [p.name for p in tmp_path.iterdir()] == ["answers.json"]
