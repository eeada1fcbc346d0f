"""Probable duplicates: a person is asked to look before a second record of one person is made."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules import (
    Match,
    PersonFacts,
    folded,
    likeness,
    phone_digits,
    probable_duplicates,
)

ROBERTO = PersonFacts(
    given_name="Roberto",
    family_name="Núñez",
    birth_date=date(1990, 3, 4),
    phone="+1 (404) 555-0142",
    email="rob@example.org",
)


def test_the_same_facts_are_the_same_person():
    assert likeness(ROBERTO, ROBERTO) == Match(
        score=100,
        probable=True,
        reasons=(
            "Same family name.",
            "Same given name.",
            "Same date of birth.",
            "Same phone number.",
            "Same e-mail address.",
        ),
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"family_name": "Nunez"}, "Same family name."),
        ({"family_name": "Núñez García"}, "Part of the family name is the same."),
        ({"family_name": "Nunes"}, "The family names differ by one letter."),
        ({"given_name": "Bob"}, "One given name is a short form of the other."),
        ({"given_name": "Robreto"}, "The given names differ by one letter."),
        ({"given_name": "Angel", "preferred_name": "Roberto"}, "Same given name."),
        ({"birth_date": date(1990, 4, 3)}, "Day and month of birth are the other way round."),
        ({"birth_date": date(1991, 3, 4)}, "The dates of birth differ by one digit."),
        ({"given_name": "Núñez", "family_name": "Roberto"}, "The given names differ."),
    ],
)
def test_a_slip_of_the_pen_still_asks_for_a_look(change, reason):
    match = likeness(ROBERTO, replace(ROBERTO, **change))
    assert match.probable
    assert reason in match.reasons


@pytest.mark.parametrize(
    "other",
    [
        PersonFacts(given_name="Roberto", family_name="Núñez", birth_date=date(1962, 11, 20)),
        PersonFacts(given_name="Ana", family_name="Núñez", birth_date=date(2014, 7, 9), phone="404 555 0142"),
        PersonFacts(given_name="Dale", family_name="Quint", birth_date=date(1990, 3, 4)),
        PersonFacts(given_name="Roberto", family_name="Núñez"),
    ],
)
def test_a_namesake_a_relative_and_a_birthday_twin_are_other_people(other):
    assert not likeness(ROBERTO, other).probable


def test_a_short_form_alone_with_birth_date_and_phone_is_found():
    called = PersonFacts(
        given_name="Rob", family_name="Nunez", birth_date=date(1990, 3, 4), phone="404.555.0142 ext 3"
    )
    stranger = PersonFacts(given_name="Mei", family_name="Tran", birth_date=date(1971, 1, 1))
    assert [key for key, _ in probable_duplicates(called, [("A", stranger), ("B", ROBERTO)])] == ["B"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [("  O’Brien ", "obrien"), ("Núñez-García", "nunez garcia"), ("Łukasz", "lukasz"), ("GROẞ", "gross")],
)
def test_names_are_compared_folded(name, plain):
    assert folded(name) == plain


@pytest.mark.parametrize("written", ["+1 (404) 555-0142", "404.555.0142", "1-404-555-0142 x12", "4045550142"])
def test_phone_numbers_are_compared_by_digits(written):
    assert phone_digits(written) == "4045550142"


PEOPLE = st.builds(
    PersonFacts,
    given_name=st.sampled_from(["Ana", "Bob", "Robert", "Núñez", "R", ""]) | st.text(max_size=8),
    family_name=st.sampled_from(["Núñez", "Nunes", "Lee", ""]) | st.text(max_size=8),
    preferred_name=st.sampled_from(["", "Bobby"]),
    birth_date=st.none() | st.sampled_from([date(1990, 3, 4), date(1990, 4, 3), date(1991, 3, 4)]),
    phone=st.sampled_from(["", "4045550142", "5550142"]),
    email=st.sampled_from(["", "A@b.org", "a@B.org"]),
)


@given(PEOPLE, PEOPLE)
def test_likeness_does_not_depend_on_who_is_named_first(a, b):
    match = likeness(a, b)
    assert match == likeness(b, a)
    assert 0 <= match.score <= 100
