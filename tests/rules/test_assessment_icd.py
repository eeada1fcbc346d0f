"""Codes are those of ICD-10-CM, valid on the day, and found by words."""

from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import find_icd, icd_on, icd_releases, search_icd
from stepwell.clinic.assessment.rules.use_disorder import disorder_substances
from stepwell.clinic.refusal import Refused

DAY = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("typed", "code"), [("F10.20", "F10.20"), (" f10.20 ", "F10.20"), ("f1020", "F10.20"), ("z21", "Z21")]
)
def test_a_code_is_read_however_it_is_typed(typed: str, code: str) -> None:
    assert icd_on(typed, DAY).code == code


@pytest.mark.parametrize(
    ("code", "day", "sentence"),
    [
        ("booze", DAY, "is not an ICD-10-CM code; write it like F10.20"),
        ("", DAY, "The code is not an ICD-10-CM code"),
        ("F10.2", DAY, "F10.2 is a heading; choose a code beneath it, such as F10.20, F10.21, F10.220."),
        ("F10", DAY, "is a heading"),
        ("F10.77", DAY, "is not in ICD-10-CM"),
        ("F32.A", date(2021, 9, 30), "is not valid on 30 Sep 2021: it began on 1 Oct 2021"),
        ("F43.8", date(2022, 10, 1), "is not valid on 1 Oct 2022: it ended by 1 Oct 2022"),
        ("Z59.0", DAY, "it ended by 1 Oct 2021"),
    ],
)
def test_a_code_that_does_not_hold_that_day_is_refused(code: str, day: date, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        icd_on(code, day)


@pytest.mark.parametrize(
    ("code", "day"), [("F32.A", date(2021, 10, 1)), ("F43.8", date(2022, 9, 30)), ("F43.89", DAY)]
)
def test_a_code_holds_from_its_first_day_to_its_last(code: str, day: date) -> None:
    assert icd_on(code, day).code == code


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("alcohol use disorder severe", "F10.21"),
        ("ptsd", "F43.11"),
        ("F33.1", "F33.1"),
        ("f331", "F33.1"),
        ("opioid dependence uncomplicated", "F11.20"),
        ("chronic viral hepatitis c", "B18.2"),
        ("homeless", "Z59.00"),
    ],
)
def test_a_diagnosis_is_found_by_its_words(asked: str, first: str) -> None:
    assert search_icd(asked, DAY)[0].code == first


@given(st.text(max_size=60))
def test_no_words_break_the_search(asked: str) -> None:
    assert all(one.valid_on(DAY) for one in search_icd(asked, DAY))


def test_every_code_that_counting_suggests_can_be_recorded() -> None:
    named = [(s.mild, s.severe, s.mild_remission, s.remission) for s in disorder_substances()]
    assert [code for four in named for code in four if code and find_icd(code) is None] == []


def test_the_list_is_whole_and_small() -> None:
    assert icd_releases() == (date(2021, 1, 1), date(2025, 4, 1), date(2026, 4, 1))
    path = files("stepwell.clinic.assessment").joinpath("data", "icd-10-cm.tsv.gz")
    assert len(path.read_bytes()) < 700_000
