"""When a questionnaire is due, and the safety questions that the gates stand on."""

from datetime import date

import pytest

from stepwell.clinic.assessment.rules import (
    Due,
    due_instruments,
    load_instrument,
    safety_answers,
    safety_questions,
)
from stepwell.clinic.placement.rules import Facts
from stepwell.clinic.refusal import Refused

TODAY = date(2026, 3, 18)


def slugs(due: tuple[Due, ...]) -> list[str]:
    return [d.instrument for d in due]


def test_before_admission_the_intake_set_is_due_today():
    due = due_instruments(filled={}, admitted=None, today=TODAY)
    assert slugs(due) == ["audit", "bam", "dast-10", "gad-7", "phq-9"]
    assert {d.on for d in due} == {TODAY}


def test_what_was_not_asked_at_intake_is_late_since_the_admission():
    filled = dict.fromkeys(["audit", "bam", "dast-10", "gad-7"], TODAY)
    (late,) = due_instruments(filled=filled, admitted=date(2026, 3, 1), today=TODAY)
    assert late == Due("phq-9", date(2026, 3, 1), "asked at intake")
    assert late.late(TODAY)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 2, 16), [("phq-9", date(2026, 3, 18))]),
        (date(2026, 2, 23), [("phq-9", date(2026, 3, 25))]),
        (date(2026, 2, 24), []),
    ],
)
def test_the_monthly_set_is_due_thirty_days_after_the_last_one_and_shown_a_week_ahead(last, due):
    filled = dict.fromkeys(["audit", "bam", "dast-10", "gad-7"], TODAY) | {"phq-9": last}
    found = due_instruments(filled=filled, admitted=date(2026, 1, 5), today=TODAY)
    assert [(d.instrument, d.on) for d in found] == due


def test_alcohol_and_drug_screens_are_asked_once():
    old = dict.fromkeys(["audit", "dast-10"], date(2020, 1, 1))
    found = due_instruments(filled=old, admitted=date(2020, 1, 1), today=TODAY, everything=True)
    assert slugs(found) == ["bam", "gad-7", "phq-9"]


def test_every_scheduled_instrument_is_on_hand():
    for slug in slugs(due_instruments(filled={}, admitted=None, today=TODAY)):
        assert load_instrument(slug).slug == slug


def test_the_safety_questions_are_what_the_gates_ask():
    assert [question.key for question in safety_questions()] == list(Facts.__dataclass_fields__)


def test_an_unasked_safety_question_stays_unknown():
    assert safety_answers({"needs_24h_supervision": False}) == {
        "severe_withdrawal_risk": None,
        "acute_medical_instability": None,
        "psychosis_or_mania_preventing_groups": None,
        "cssrs_high_without_safety_plan": None,
        "needs_24h_supervision": False,
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"likes_tea": True}, "no safety question likes_tea"),
        ({"needs_24h_supervision": "maybe"}, "yes, no or not known"),
    ],
)
def test_other_questions_and_answers_are_refused(given, sentence):
    with pytest.raises(Refused, match=sentence):
        safety_answers(given)
