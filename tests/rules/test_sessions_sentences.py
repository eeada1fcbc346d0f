"""The sentence that taps write: plain, the same for the same taps, different for different people."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.sessions.rules import sentence_of
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.sessions.rules.sentences import load_sentences

TAPS = {"participation": "active", "affect": "calm", "response": "practiced"}
TEN = ("Ana", "Ben", "Carla", "Dev", "Ellis", "Farah", "Gus", "Hana", "Ivo", "Jo")


@pytest.mark.parametrize(
    ("taps", "skill", "objective", "topic", "expected"),
    [
        ({}, "urge surfing", "Names three triggers", "Triggers", ""),
        ({"affect": "low", "risk": "none"}, "", "", "", ""),
        ({"participation": "active"}, "", "", "", "Ana contributed actively."),
        ({"participation": "nonsense"}, "", "", "", ""),
        (
            TAPS,
            "urge surfing",
            "Names three triggers.",
            "Triggers",
            "Ana was active in the work on Triggers. She appeared calm. She practiced urge surfing. In the plan this belongs to"
            " “Names three triggers”.",
        ),
    ],
)
def test_what_the_taps_write(taps, skill, objective, topic, expected):
    assert sentence_of("Ana", "she/her", taps, skill, objective, topic) == expected


def test_whoever_is_first_named_in_the_response_is_named_there():
    said = sentence_of("Ana", "she/her", {"response": "understood"}, "urge surfing", "", "")
    assert said.startswith("Ana ")
    assert "She" not in said


@pytest.mark.parametrize(
    ("pronouns", "never"),
    [
        ("she/her", r"\b(he|his|they|their)\b"),
        ("He / him", r"\b(she|her|they|their)\b"),
        ("they/them", r"\b(she|her|he|his)\b"),
        ("", r"\b(she|her|he|his|they|their)\b"),
        ("ze/zir", r"\b(she|her|he|his|they|their)\b"),
    ],
)
def test_nobody_is_given_a_pronoun_that_is_not_theirs(pronouns, never):
    for participation in load_sentences().participation:
        for response in load_sentences().response:
            for called in TEN:
                taps = {"participation": participation, "affect": "calm", "response": response}
                assert not re.search(
                    never, sentence_of(called, pronouns, taps, "breathing", "", "Sleep"), re.IGNORECASE
                )


def test_ten_people_with_the_same_taps_do_not_read_alike():
    said = {name: sentence_of(name, "she/her", TAPS, "urge surfing", "", "Triggers") for name in TEN}
    assert len({text.replace(name, "N") for name, text in said.items()}) >= 8


def test_every_tap_on_offer_has_its_sentences():
    offered = load_room().chips
    for field in ("participation", "affect", "response"):
        forms = getattr(load_sentences(), field)
        assert set(forms) == {value for value, _ in offered[field]}
        assert all(len(set(each)) >= 3 for each in forms.values())


@given(
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(max_size=40),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_any_words_come_through_and_the_same_taps_write_the_same(called, pronouns, skill, objective, topic):
    said = sentence_of(called, pronouns, TAPS, skill, objective, topic)
    assert said == sentence_of(called, pronouns, TAPS, skill, objective, topic)
    assert said


def test_braces_in_a_topic_are_words_like_any_other():
    said = sentence_of("Ana {they}", "", TAPS, "{their}", "{Name}", "{topic} {skill}")
    assert "“{Name}”" in said
