"""The intake interview is complete only when every required section says something."""

from datetime import date

import pytest

from stepwell.clinic.assessment.rules import (
    Dimension,
    Use,
    blank_fields,
    blank_sections,
    intake_fields,
    intake_sections,
    tidy_answers,
    tidy_use,
)
from stepwell.clinic.refusal import Refused

WHOLE = {f.key: next(iter(f.choices), "Said.") for f in intake_fields().values() if f.required}


def test_a_blank_interview_lacks_every_required_section() -> None:
    assert blank_sections({"family": "  \n"}) == tuple(s for s in intake_sections() if s.required)


def test_a_written_interview_lacks_nothing() -> None:
    assert blank_sections(WHOLE) == () == blank_fields(WHOLE)


@pytest.mark.parametrize("key", [f.key for f in intake_fields().values() if f.required])
def test_each_required_answer_is_missed_alone(key: str) -> None:
    assert [f.key for f in blank_fields(WHOLE | {key: " "})] == [key]


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("reason", "  Court.\r\nFamily.  ", "Court.\nFamily."),
        ("reason", None, ""),
        ("withdrawal.seizures", "yes", "yes"),
        ("health.pain", "007", "7"),
        ("legal.next", "2026-04-15", "2026-04-15"),
        ("legal.next", "", ""),
    ],
)
def test_an_answer_is_kept_tidily(key: str, given: object, kept: str) -> None:
    assert tidy_answers({key: given}) == {key: kept}


@pytest.mark.parametrize(
    ("key", "given", "sentence"),
    [
        ("tea", "x", "no question tea"),
        ("reason", "x" * 8001, "at most 8,000 characters"),
        ("reason", "a\x00b", "cannot be kept"),
        ("withdrawal.seizures", "perhaps", "offers Yes, No"),
        ("health.pain", "11", "from 0 to 10"),
        ("health.pain", "NaN", "from 0 to 10"),
        ("health.pain", "-1", "from 0 to 10"),
        ("health.pain", "1e9", "from 0 to 10"),
        ("overdose.count", "99999999999999999999", "from 0 to 99"),
        ("legal.next", "31 April", "takes a date"),
    ],
)
def test_an_answer_that_is_not_asked_is_refused_with_a_sentence(key: str, given: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        tidy_answers({key: given})


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (Use("tea"), "from the list"),
        (Use("other"), "Something else"),
        (Use("alcohol", route="by post"), "Alcohol: choose how it is taken"),
        (Use("alcohol", frequency="hourly"), "Alcohol: choose how often"),
        (Use("alcohol", last_used_on=date(2026, 3, 19)), "between birth and today"),
        (Use("alcohol", last_used_on=date(1989, 1, 1)), "between birth and today"),
        (Use("alcohol", first_age=40), "age at first use cannot be 40"),
    ],
)
def test_a_row_of_use_that_cannot_be_is_refused(use: Use, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        tidy_use([use], today=date(2026, 3, 18), born=date(1990, 1, 1))


def test_thirty_one_substances_are_too_many() -> None:
    with pytest.raises(Refused, match="at most 30"):
        tidy_use([Use("alcohol")] * 31, today=date(2026, 3, 18), born=date(1990, 1, 1))


def test_a_field_names_only_choices_that_it_offers() -> None:
    wrong = [
        (f.key, word)
        for f in intake_fields().values()
        for word in [*f.raises, *f.eases, *(f.says if not isinstance(f.says, str) else ())]
        if word not in f.choices
    ]
    assert wrong == []


def test_every_dimension_finds_its_reasons_in_a_required_section() -> None:
    assert {d for f in intake_fields().values() if f.required for d in f.dimensions} == set(Dimension)


def test_section_keys_are_unique() -> None:
    keys = [s.key for s in intake_sections()]
    assert len(keys) == len(set(keys))


def test_field_keys_are_unique_and_belong_to_their_section() -> None:
    named = [f for s in intake_sections() for f in s.fields]
    assert len(intake_fields()) == len(named)
    assert [f.key for f in named if f.key.split(".")[0] != f.section] == []
