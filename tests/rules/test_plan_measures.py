"""What a measure says, which condition a diagnosis belongs to, what a version changed, what a file of texts must be."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.plan import rules
from stepwell.clinic.plan.rules import Condition, Part, Reading, Target, Way, What

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
TEN = Target(Way.AT_MOST, 9)


@pytest.mark.parametrize(
    ("readings", "target", "met", "sentence"),
    [
        ([], None, None, "No score yet."),
        ([], TEN, None, "No score yet; the target is at most 9."),
        (
            [Reading(MARCH, 17)],
            TEN,
            False,
            "One score so far: 17 on 1 Mar 2026. The target of at most 9 is not met yet.",
        ),
        (
            [Reading(MARCH, 17), Reading(APRIL, 10)],
            TEN,
            False,
            "From 17 on 1 Mar 2026 to 10 on 1 Apr 2026. The target of at most 9 is not met yet. It moves toward it, 1 point to go.",
        ),
        (
            [Reading(MARCH, 17), Reading(APRIL, 20)],
            TEN,
            False,
            "From 17 on 1 Mar 2026 to 20 on 1 Apr 2026. The target of at most 9 is not met yet. It moves away, 11 points to go.",
        ),
        (
            [Reading(MARCH, 17), Reading(APRIL, 17)],
            TEN,
            False,
            "From 17 on 1 Mar 2026 to 17 on 1 Apr 2026. The target of at most 9 is not met yet. It has not moved.",
        ),
        ([Reading(MARCH, 17), Reading(APRIL, 9)], TEN, True, "From 17 on 1 Mar 2026 to 9 on 1 Apr 2026. The target of at most 9 is met."),
        ([Reading(MARCH, 3), Reading(APRIL, 5)], None, None, "From 3 on 1 Mar 2026 to 5 on 1 Apr 2026."),
    ],
)  # fmt: skip
def test_a_measure_is_told_in_words(readings, target, met, sentence):
    found = rules.progress(readings, target)
    assert (found.met, found.sentence) == (met, sentence)


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=9), st.integers(-100, 100))
def test_at_most_and_at_least_are_each_others_mirror(scores, score):
    low = rules.progress([Reading(MARCH, s) for s in scores], Target(Way.AT_MOST, score))
    high = rules.progress([Reading(MARCH, -s) for s in scores], Target(Way.AT_LEAST, -score))
    assert low.met == high.met


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("F10.20", Condition.SUBSTANCE_USE),
        ("F19.99", Condition.SUBSTANCE_USE),
        ("F33.1", Condition.MENTAL_HEALTH),
        ("F20.9", Condition.MENTAL_HEALTH),
        ("Z59.0", Condition.LIFE),
        ("I10", Condition.PHYSICAL_HEALTH),
    ],
)
def test_a_diagnosis_belongs_to_a_condition_by_its_code(code, condition):
    assert rules.condition_of(code) is condition


def test_a_diagnosis_needs_a_problem_or_a_reason():
    standing = [rules.Standing(n, code, "x") for n, code in enumerate(("F10.20", "F33.1", "I10", "F41.1"))]
    found = rules.untreated(standing, treated={0}, deferred={3})
    assert [(one.diagnosis.code, one.refuses) for one in found] == [("F33.1", True), ("I10", False)]


def test_one_condition_alone_is_not_called_together():
    assert rules.together([Condition.SUBSTANCE_USE, Condition.LIFE]) is None
    assert (
        rules.together([Condition.MENTAL_HEALTH, Condition.SUBSTANCE_USE, Condition.PHYSICAL_HEALTH])
        == "This plan treats substance use, mental health and physical health together."
    )


def a_part(line: int, number: str = "1.1.1", **facts: str) -> Part:
    return Part("objective", line, number, "Sleep", tuple(facts.items()))


def test_numbers_that_only_close_up_are_no_change():
    assert rules.compare([a_part(1, "1.1.2", Target="7")], [a_part(1, "1.1.1", Target="7")]) == ()


@given(st.lists(st.integers(1, 30), unique=True), st.lists(st.integers(1, 30), unique=True))
def test_what_is_added_one_way_is_removed_the_other(before, after):
    there, here = [a_part(n) for n in before], [a_part(n) for n in after]
    added = [c.what for c in rules.compare(there, here)]
    removed = [c.what for c in rules.compare(here, there)]
    assert added.count(What.ADDED) == removed.count(What.REMOVED) == len(set(after) - set(before))
    assert rules.compare(here, here) == ()


def test_the_shipped_texts_cover_every_dimension_and_are_read_back_the_same():
    library = rules.shipped_library()
    assert {one.dimension for one in library.problems} == set(range(1, 7))
    assert rules.read_library(rules.as_file(library)) == library


def a_file(**changed: object) -> str:
    objective = {
        "measure": "m", "target": "t", "days": 30, "interventions": [{"kind": "skills", "minutes": 45}],
    }  # fmt: skip
    problem = {
        "key": "a", "dimension": 3, "condition": "mental_health", "statement": "s", "goals": ["g"],
        "objectives": [objective],
    }  # fmt: skip
    whole = {"format": "stepwell-plan-library-1", "key": "own", "title": "Own", "problems": [problem]}
    at: dict = {"": whole, "problem": problem, "objective": objective}
    for path, value in changed.items():
        where, _, name = path.partition("__")
        at[where if name else ""][name or path] = value
    return json.dumps(whole)


def test_a_file_that_is_right_is_read():
    assert rules.read_library(a_file()).problems[0].objectives[0].days == 30


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "The file is not text in UTF-8"),
        ("{", "line 1, column 2: The file is not JSON"),
        ("[]", "This must be an object."),
        ("[" * 100_000, "The file is not JSON that can be read."),
        (a_file(format="x"), "format: This must be “stepwell-plan-library-1”."),
        (a_file(title="  "), "title: This is blank"),
        (a_file(surprise=1), "surprise: Nothing of this name is known here"),
        (a_file(problem__dimension=7), "problems[0].dimension: This must be a whole number from 1 to 6."),
        (a_file(problem__dimension=True), "problems[0].dimension: This must be a whole number"),
        (a_file(problem__condition="bad luck"), "problems[0].condition: This must be one of"),
        (a_file(problem__goals=[]), "problems[0].goals: This must be a list of 1 to 12."),
        (a_file(problem__statement="a\x00b"), "problems[0].statement: This has a letter"),
        (a_file(objective__days=0), "problems[0].objectives[0].days: This must be a whole number from 1 to 730."),
        (a_file(objective__instrument="iq"), "problems[0].objectives[0].instrument: This must be one of"),
        (a_file(objective__score=9), "problems[0].objectives[0].score: A score to reach needs"),
        (a_file(objective__scale="use"), "problems[0].objectives[0].scale: The instrument has no such scale"),
        (a_file(objective__interventions=[{"kind": "magic", "minutes": 1}]), "interventions[0].kind: This must be one of"),
        ("x" * 300_001, "The file is larger than 300 kB"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_one_sentence_and_its_place(raw, said):
    with pytest.raises(rules.LibraryRefused) as no:
        rules.read_library(raw)
    assert said in str(no.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
    )
)
def test_whatever_stands_in_a_file_it_is_refused_and_never_breaks(document):
    with pytest.raises(rules.LibraryRefused):
        rules.read_library(json.dumps(document))
