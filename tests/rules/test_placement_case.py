"""A case from a file: what is read, and the sentence with its place for what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules import (
    Case,
    Decision,
    Direction,
    Level,
    Measured,
    Misread,
    Rated,
    as_document,
    case_from,
    decide,
    default_table,
    from_record,
    gate_codes,
    level_from,
    read_case,
    read_table,
    scale_of,
    table_from,
    to_record,
)

UNKNOWN = dict.fromkeys(gate_codes())


def test_a_case_is_read_whole() -> None:
    document = {
        "format": "stepwell-placement-case-1",
        "edition": "third",
        "ratings": {"1": 0, "d2": {"value": 1, "because": "asthma"}, "5": None},
        "facts": {"needs_24h_supervision": False, "severe_withdrawal_risk": None},
        "scores": {"cows": 14, "ciwa-ar": None},
    }
    assert read_case(document) == Case(
        Edition.THIRD,
        (Rated(1, 0), Rated(2, 1, "asthma")),
        {**UNKNOWN, "needs_24h_supervision": False},
        (Measured("cows", 14),),
    )


def test_a_list_is_in_the_order_of_the_dimensions() -> None:
    assert read_case({"ratings": [0, None, 2]}).rated == (Rated(1, 0), Rated(3, 2))


def test_the_fourth_edition_is_rated_by_levels_and_its_sixth_dimension_never() -> None:
    case = read_case(
        {"edition": "fourth", "ratings": {"1": "none", "2": 0, "3": "any", "4": "2.1", "5": "evaluate"}}
    )
    assert case.rated == (Rated(1, 0), Rated(2, 0), Rated(3, 0), Rated(4, 4))
    assert case.open_dimensions == (5,)
    decision = decide(case)
    assert (decision.level, decision.at_least, decision.at_most) == (None, Level("2.1"), Level("4"))
    assert "Surroundings of recovery: a medical evaluation was asked for." in decision.reasons[0].text


@pytest.mark.parametrize("steps", range(11))
def test_the_highest_level_that_any_dimension_needs_decides_in_the_fourth_edition(steps: int) -> None:
    word = scale_of(Edition.FOURTH).steps[steps][0]
    decision = decide(read_case({"edition": "fourth", "ratings": ["none", word, "any", "none", "0"]}))
    assert decision.level is Level("1.0" if word == "none" else word)
    assert decision.admit is (word != "4")


def test_in_the_fourth_edition_all_that_hold_the_level_must_change_together() -> None:
    decision = decide(read_case({"edition": "fourth", "ratings": ["none", "2.1", "none", "2.1", "1.5"]}))
    down = [c for c in decision.what_would_change_it if c.direction is Direction.DOWN]
    assert [(c.sentence, c.level) for c in down] == [
        (
            "Physical health and pregnancy at 1.7 instead of 2.1 and risks from substance use at 1.7 instead of 2.1 "
            "together would mean level 1.7, medically managed outpatient.",
            Level("1.7"),
        )
    ]


fourth = st.lists(st.sampled_from(["none", "1.0", "1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.5", "3.7", "4"]),
                  min_size=5, max_size=5)  # fmt: skip


@given(fourth)
def test_a_change_in_the_fourth_edition_leads_where_it_says(ratings: list[str]) -> None:
    decision = decide(read_case({"edition": "fourth", "ratings": ratings}))
    assert decision.level is not None
    for change in decision.what_would_change_it:
        after = list(ratings)
        for one in change.changed:
            after[int(one.what) - 1] = str(one.then)
        level = decide(read_case({"edition": "fourth", "ratings": after})).level
        assert level is change.level
        assert (level > decision.level) is (change.direction is Direction.UP)


@given(fourth, st.integers(0, 4), st.sampled_from([step[0] for step in scale_of(Edition.FOURTH).steps]))
def test_more_need_in_one_dimension_never_means_less_care_in_the_fourth_edition(
    ratings: list[str], which: int, instead: str
) -> None:
    order = [step[0] for step in scale_of(Edition.FOURTH).steps]
    more = list(ratings)
    more[which] = max(ratings[which], instead, key=order.index)
    before, after = (decide(read_case({"edition": "fourth", "ratings": each})) for each in (ratings, more))
    assert before.level is not None
    assert after.level is not None
    assert after.level >= before.level


@given(
    st.lists(st.integers(0, 4), min_size=6, max_size=6),
    st.fixed_dictionaries({code: st.sampled_from([True, False, None]) for code in gate_codes()}),
    st.sampled_from(sorted(gate_codes())),
)
def test_a_further_danger_never_opens_a_door(
    ratings: list[int], facts: dict[str, bool | None], code: str
) -> None:
    before, after = (
        as_document(decide(read_case({"ratings": ratings, "facts": each})))
        for each in (facts, facts | {code: True})
    )
    assert after["level"] == before["level"]
    assert before["admission"]["open"] or not after["admission"]["open"]


OK = [0, 0, 1, 2, 3, 1]
FOURTH = {"edition": "fourth"}
REFUSED = [
    ("", "line 1, column 1", "This is not JSON"),
    ("{", "line 1, column 2", "This is not JSON"),
    ("[]", "", "The case must be an object"),
    ("null", "", "The case must be an object"),
    ("7", "", "The case must be an object"),
    ("{}", "ratings", "This entry is missing"),
    ({"ratings": OK, "mood": 3}, "mood", "There is no such entry in the case"),
    ({"ratings": OK, "format": "x"}, "format", "This must be"),
    ({"ratings": OK, "edition": "fifth"}, "edition", "There is no such edition"),
    ({"ratings": OK, "edition": []}, "edition", "There is no such edition"),
    ({"ratings": 3}, "ratings", "This must be a list"),
    ({"ratings": "000000"}, "ratings", "This must be a list"),
    ({"ratings": [*OK, 0]}, "ratings", "There are 7 ratings and only 6"),
    ({"ratings": [5]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": [-1]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": [True]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": ["2"]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": [2.0]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": [[2]]}, "ratings[0]", "whole number from 0 to 4"),
    ({"ratings": {"7": 1}}, "ratings.7", "There is no such dimension"),
    ({"ratings": {"0": 1}}, "ratings.0", "There is no such dimension"),
    ({"ratings": {"": 1}}, "ratings.", "There is no such dimension"),
    ({"ratings": {"mood": 1}}, "ratings.mood", "There is no such dimension"),
    ({"ratings": {"1": 1, "d1": 1}}, "ratings.d1", "Dimension 1 is rated twice"),
    ({"ratings": [{"because": "x"}]}, "ratings[0].value", "This entry is missing"),
    ({"ratings": [{"value": 9}]}, "ratings[0].value", "whole number from 0 to 4"),
    ({"ratings": [{"value": 1, "why": "x"}]}, "ratings[0].why", "There is no such entry in a rating"),
    ({"ratings": [{"value": 1, "because": " "}]}, "ratings[0].because", "This must be text"),
    ({"ratings": [{"value": 1, "because": "x" * 501}]}, "ratings[0].because", "longer than 500"),
    ({"ratings": OK, "facts": []}, "facts", "must be an object"),
    ({"ratings": OK, "facts": {"sober": True}}, "facts.sober", "There is no such entry"),
    ({"ratings": OK, "facts": {"needs_24h_supervision": 1}}, "facts.needs_24h_supervision", "true, false, or null"),
    ({"ratings": OK, "facts": {"needs_24h_supervision": "no"}}, "facts.needs_24h_supervision", "true, false"),
    ({"ratings": OK, "scores": {"phq-9": 3}}, "scores.phq-9", "There is no such entry"),
    ({"ratings": OK, "scores": {"cows": -1}}, "scores.cows", "the whole score"),
    ({"ratings": OK, "scores": {"cows": 49}}, "scores.cows", "the whole score, from 0 to 48"),
    ({"ratings": OK, "scores": {"ciwa-ar": 68}}, "scores.ciwa-ar", "the whole score, from 0 to 67"),
    ({"ratings": OK, "scores": {"cows": 1.5}}, "scores.cows", "the whole score"),
    ({"ratings": OK, "scores": {"cows": 10**30}}, "scores.cows", "the whole score"),
    ({**FOURTH, "ratings": [2]}, "ratings[0]", "the least level that is needed"),
    ({**FOURTH, "ratings": ["0.5"]}, "ratings[0]", "the least level that is needed"),
    ({**FOURTH, "ratings": {"6": "any"}}, "ratings.6", "talked about and never rated"),
    ({**FOURTH, "ratings": ["any"] * 6}, "ratings", "There are 6 ratings and only 5"),
    ('{"ratings": [NaN]}', "ratings[0]", "This is no number"),
    ('{"ratings": [0], "scores": {"cows": -Infinity}}', "scores.cows", "This is no number"),
    ('{"ratings": [1e999]}', "ratings[0]", "This is no number"),
    ('{"ratings": [0], "ratings": [1]}', "ratings", "This name stands twice"),
    ('{"ratings": {"1": 0, "1": 1}}', "ratings.1", "This name stands twice"),
    ('{"ratings": [' + "9" * 5000 + "]}", "", "a number too long"),
    ("[" * 200 + "]" * 200, "", "nested deeper than 24"),
    ("[" * 200_000 + "]" * 200_000, "", "nested too deeply"),
    ('{"ratings": [{"value": 1, "because": "a\\u0000b"}]}', "ratings[0].because", "cannot be printed"),
    ('{"ratings": [{"value": 1, "because": "\\ud800"}]}', "ratings[0].because", "cannot be printed"),
    ('{"ra\\u0000": []}', "", "cannot be printed"),
    (b"\xff\xfe{}", "", "not text in UTF-8"),
    (b" " * 1_000_001, "", "larger than 1 MB"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "path", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_a_case_is_refused_with_its_place(given: object, path: str, sentence: str) -> None:
    with pytest.raises(Misread) as no:
        case_from(given if isinstance(given, (str, bytes)) else json.dumps(given))
    assert no.value.path == path
    assert sentence in no.value.sentence
    assert "\n" not in no.value.sentence
    assert no.value.sentence.endswith(".")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["2.1", "any"]),
    lambda inner: st.lists(inner, max_size=7)
    | st.dictionaries(st.sampled_from(["1", "d2", "value", "because", "cows", "6"]) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
names = st.sampled_from(["ratings", "edition", "facts", "scores", "format"])


@given(st.dictionaries(names, values | st.sampled_from(["third", "fourth"]), max_size=5) | values)
def test_anything_is_either_decided_or_refused_in_one_sentence(document: object) -> None:
    said = answered(lambda: decide(case_from(json.dumps(document))))
    if isinstance(said, str):
        assert (said[-1], "\n" in said) == (".", False)
    else:
        json.dumps(as_document(said), allow_nan=False)


def answered(read: Callable[[], Decision]) -> Decision | str:
    """The decision, or the sentence of the refusal."""
    try:
        return read()
    except Misread as no:
        return no.sentence


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_break_the_reader(raw: bytes | str) -> None:
    assert answered(lambda: decide(case_from(raw)))


OWN = {
    "name": "Harbor", "version": "3", "advisory": "Harbor's own.", "facts": {"no-phone": "No phone at home"},
    "rules": [
        {"id": "days", "level": "2.5", "admit": True, "because": "Days.", "when": {"all": [{"any_of": [5], "at_least": 3}, {"fact": "no-phone"}]}},
        {"id": "rest", "level": "1", "admit": True, "because": "Rest.", "when": {}},
    ],
}  # fmt: skip


def test_a_table_may_ask_for_facts_of_its_own() -> None:
    table = table_from(json.dumps(OWN))
    said = {"ratings": [0, 0, 0, 0, 3, 0], "facts": {"no-phone": True}}
    decision = decide(read_case(said, table), table)
    assert (decision.level, [r.text for r in decision.reasons]) == (
        Level("2.5"),
        ["Days.", "Risk of relapse or continued use is rated 3", "No phone at home: yes"],
    )
    assert [c.sentence for c in decision.what_would_change_it] == [
        "Risk of relapse or continued use at 2 instead of 3 would mean level 1, outpatient.",
        "No phone at home: no instead of yes would mean level 1, outpatient.",
    ]
    unasked = decide(read_case({"ratings": [0, 0, 0, 0, 3, 0]}, table), table)
    assert (unasked.level, unasked.missing) == (None, ("No phone at home",))
    assert from_record(json.loads(json.dumps(to_record(decision)))) == decision


def test_a_case_of_the_other_edition_than_the_table_is_refused() -> None:
    with pytest.raises(
        Misread, match="edition: The rule table is of the third edition and the case of the fourth"
    ):
        read_case({**FOURTH, "ratings": []}, read_table(OWN))


def test_the_edition_of_a_table_is_that_of_a_case_that_names_none() -> None:
    table = default_table(Edition.FOURTH)
    assert read_case({"ratings": ["2.1"]}, table).edition is Edition.FOURTH


PATHS = [
    ([4, 0, 0, 0, 0, 0], "emergency", "4"), ([0, 0, 3, 0, 0, 0], "medical-first", "3.7"),
    ([0, 0, 0, 0, 0, 4], "unsafe-home", "3.5"), ([0, 0, 0, 0, 4, 3], "unsafe-home", "3.5"),
    ([0, 0, 0, 0, 3, 3], "supportive-home-needed", "3.1"), ([0, 0, 0, 3, 3, 0], "daily-structure", "2.5"),
    ([0, 0, 2, 0, 3, 0], "several-days-a-week", "2.1"), ([0, 0, 0, 0, 2, 0], "several-days-a-week", "2.1"),
    ([0, 0, 0, 2, 0, 0], "several-days-a-week", "2.1"), ([2, 2, 1, 1, 1, 3], "weekly", "1"),
    ([0, 0, 0, 0, 0, 0], "no-concern", "0.5"),
]  # fmt: skip


def test_every_rule_of_both_tables_has_a_way_that_leads_to_it() -> None:
    assert {rule for _, rule, _ in PATHS} == {rule.id for rule in default_table().rules}
    for ratings, rule, level in PATHS:
        document = as_document(decide(read_case({"ratings": ratings})))
        assert (document["rule"], document["level"]) == (rule, level)
        assert [f["rule"] for f in document["fired"] if f["decides"]] == [rule]
    fourth_ids = {
        decide(read_case({"edition": "fourth", "ratings": [step[0]] * 5})).rule
        for step in scale_of(Edition.FOURTH).steps
    }
    assert fourth_ids - {"no-need-rated"} == {r.id for r in default_table(Edition.FOURTH).rules} - {
        "no-need-rated"
    }


@pytest.mark.parametrize("code", sorted(gate_codes()))
@pytest.mark.parametrize("answer", [True, None])
def test_each_gate_stands_before_intensive_outpatient_care_until_it_is_answered_no(
    code: str, answer: bool | None
) -> None:
    facts = {**dict.fromkeys(gate_codes(), False), code: answer}
    document = as_document(decide(read_case({"ratings": OK, "facts": facts})))
    assert document["level"] == "2.1"
    assert document["admission"] == {"open": False, "sentence": document["gates"][0]["sentence"]}
    assert document["unanswered"] == ([] if answer else [gate_codes()[code]])
    assert level_from("2.1") in decide(read_case({"ratings": OK, "facts": facts})).gates[0].blocks


@pytest.mark.parametrize("code", sorted(gate_codes()))
@pytest.mark.parametrize(
    ("case", "level"),
    [
        ({"ratings": [0, 0, 0, 0, 3, 3]}, "3.1"),  # with intensive outpatient treatment beside it
        ({"edition": "fourth", "ratings": ["2.7", "none", "none", "2.1", "any"]}, "2.7"),
    ],
)
def test_no_gate_is_passed_by_a_home_beside_the_program_or_by_medical_days(
    case: dict[str, object], level: str, code: str
) -> None:
    document = as_document(
        decide(read_case(case | {"facts": {**dict.fromkeys(gate_codes(), False), code: True}}))
    )
    assert document["level"] == level
    assert document["admission"] == {"open": False, "sentence": document["gates"][0]["sentence"]}


@pytest.mark.parametrize("code", ["severe_withdrawal_risk", "acute_medical_instability"])
@pytest.mark.parametrize(("ratings", "opens"), [([0, 0, 0, 0, 0, 4], False), ([3, 0, 0, 0, 0, 0], True)])
def test_who_may_need_nursing_is_admitted_only_where_there_is_some(
    code: str, ratings: list[int], opens: bool
) -> None:
    facts = {**dict.fromkeys(gate_codes(), False), code: True}
    assert as_document(decide(read_case({"ratings": ratings, "facts": facts})))["admission"]["open"] is opens


def test_with_all_gates_answered_no_the_door_is_open() -> None:
    facts = dict.fromkeys(gate_codes(), False)
    document = as_document(decide(read_case({"ratings": OK, "facts": facts})))
    assert document["admission"]["open"] is True
    assert document["confidence"]["grade"] == "full"
