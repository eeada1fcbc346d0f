"""Why somebody did not come, times out of the room, and who may be a guest."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.sessions.rules import minutes_attended
from stepwell.clinic.sessions.rules.absences import (
    GuestDecision,
    load_absences,
    may_be_guest,
    reason_in_words,
    takes_guests,
)
from stepwell.clinic.sessions.rules.attendance import away_in_order, away_problem

START = datetime(2026, 3, 18, 13, tzinfo=UTC)
AT = START + timedelta(minutes=60)


def minute(n):
    return START + timedelta(minutes=n)


def pairs(*minutes):
    return tuple((minute(out), None if back is None else minute(back)) for out, back in minutes)


@pytest.mark.parametrize(
    ("away", "left", "problem"),
    [
        ((), None, ""),
        (((10, 15), (20, 30)), None, ""),
        (((10, 15), (15, 20)), None, ""),
        (((10, 15), (50, None)), None, ""),
        (((10, 15), (30, 40)), 45, ""),
        (((20, 10),), None, "Ana came back before stepping out. Change one of the times; nothing was saved."),
        (((-5, 10),), None, "Ana came back before stepping out. Change one of the times; nothing was saved."),
        (((10, 61),), None, "The time for Ana lies ahead; record it once it has come. Nothing was saved."),
        (((50, 55),), 40, "Ana had left by then: change when Ana left or stepped out. Nothing was saved."),
        (
            ((10, None), (20, 30)),
            None,
            "Ana stepped out twice without coming back. Say when Ana came back; nothing was saved.",
        ),
        (
            ((10, 25), (20, 30)),
            None,
            "Ana stepped out twice without coming back. Say when Ana came back; nothing was saved.",
        ),
    ],
)
def test_times_out_of_the_room_make_sense_or_get_a_sentence(away, left, problem):
    said = away_problem("Ana", START, None if left is None else minute(left), away_in_order(pairs(*away)), AT)
    assert said == problem


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(1, 10)), max_size=5))
def test_in_whatever_order_they_are_typed_the_minutes_are_the_same(typed):
    away = [(minute(out), minute(out + long)) for out, long in typed]
    told = [
        minutes_attended((START, AT), START, None, stepped_out=away_in_order(each))
        for each in (away, away[::-1], away * 2)
    ]
    assert len(set(told)) == 1
    assert told[0] >= 60 - sum(long for _, long in typed)


@pytest.mark.parametrize(
    ("key", "typed", "recorded"),
    [
        ("ill", "", "Ill"),
        ("ill", " flu ", "Ill: flu"),
        ("ill", "Ill: flu", "Ill: flu"),
        ("ill", "Ill", "Ill"),
        ("none", "Bus strike", "Bus strike"),
        ("none", " ", ""),
    ],
)
def test_a_tap_and_words_make_one_reason(key, typed, recorded):
    assert reason_in_words(load_absences().reason(key), typed) == recorded


def test_every_reason_fits_the_record_and_is_named_once():
    reasons = load_absences().reasons
    assert {one.outcome for one in reasons} == {"excused", "unexcused"}
    assert len({one.key for one in reasons}) == len({one.words for one in reasons}) == len(reasons)
    assert all(one.key not in ("excused", "unexcused") and len(one.words) <= 30 for one in reasons)


@pytest.mark.parametrize(
    ("kind", "treatment", "takes"),
    [
        ("family", "family", True),
        ("group", "family", True),
        ("group", "skills", False),
        ("individual", "individual", False),
    ],
)
def test_guests_come_to_families_only(kind, treatment, takes):
    assert takes_guests(kind, treatment, load_absences()) is takes


FACTS = {
    "guest": "Maria Reyes",
    "patient": "Ana",
    "kind": "family",
    "treatment": "family",
    "consented": False,
    "why_not": ("There is no consent on file.",),
    "patient_here": True,
    "patient_agrees": True,
    "absences": load_absences(),
}
NO = "Maria Reyes cannot be recorded as here. There is no consent on file."


@pytest.mark.parametrize(
    ("changed", "ground", "sentence"),
    [
        ({"consented": True, "patient_here": False}, "consent", "Ana's consent lets Maria Reyes come."),
        (
            {},
            "say_so",
            "Ana is here and says that Maria Reyes may stay. Tell Maria Reyes nothing beyond this session.",
        ),
        ({"patient_here": False}, "", f"{NO} Record first that Ana is here."),
        (
            {"patient_agrees": False},
            "",
            f"{NO} Ana can say in the room that it is all right; mark that, or have a consent signed.",
        ),
        (
            {"kind": "group"},
            "",
            "Maria Reyes cannot stay in a group with others. There is no consent on file. Have Ana sign one first.",
        ),
        (
            {"kind": "individual", "treatment": "individual", "consented": True},
            "",
            "Guests come to family sessions and family groups only.",
        ),
    ],
)
def test_a_guest_needs_a_consent_or_the_word_of_the_patient_who_is_there(changed, ground, sentence):
    assert may_be_guest(**FACTS | changed) == GuestDecision(
        allowed=bool(ground), ground=ground, sentence=sentence
    )
