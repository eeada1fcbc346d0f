"""Curricula: what ships, which file is refused and where, which topic comes next."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.curriculum.rules import (
    SIZE_LIMIT,
    Curriculum,
    CurriculumRefused,
    Decision,
    Fault,
    Held,
    Topic,
    WeeklyPart,
    as_document,
    as_file,
    load,
    minutes_by_week,
    next_topic,
    read,
    refuse_the_impossible,
    said_of_the_weeks,
    schema,
    shipped,
    still_needed,
)

DAY = date(2026, 3, 2)


def topic(key: str) -> Topic:
    return Topic(
        key=key, title=f"Title {key}", aims=("One",), shared="The group worked.", handout="Read this.",
        homework="Do this.", skills=("slow breathing",),
    )  # fmt: skip


def series(*keys: str, in_order: bool = False) -> Curriculum:
    return Curriculum(
        key="series", title="Series", about="", kind="skills", minutes=90,
        topics=tuple(map(topic, keys)), in_order=in_order,
    )  # fmt: skip


# -- what ships --


def test_all_that_was_promised_ships():
    assert set(shipped()) == {
        "cbt-cravings", "dbt-skills", "early-recovery", "family-education", "holistic", "life-skills",
        "motivational-enhancement", "peer-support", "process-group", "relapse-prevention", "self-discovery",
        "social-support", "stimulant-16-weeks", "stress-management", "trauma-education", "twelve-step",
    }  # fmt: skip


@pytest.mark.parametrize("one", shipped().values(), ids=lambda one: one.key)
def test_an_outline_keeps_to_its_measure(one: Curriculum):
    assert 4 <= len(one.topics) <= 16
    assert one.about
    for each in one.topics:
        assert 1 <= len(each.aims) <= 3, each.title
        assert 2 <= len(re.findall(r"[.](?:\s|$)", each.shared)) <= 4, each.title
        assert 60 <= len(each.handout.split()) <= 150, each.title
        assert all(2 <= len(skill.split()) <= 4 for skill in each.skills), each.title
        assert "\n" not in each.homework


@pytest.mark.parametrize("one", shipped().values(), ids=lambda one: one.key)
def test_a_hand_out_can_be_read_at_eleven(one: Curriculum):
    """Flesch and Kincaid's grade, which counts words a sentence and syllables a word: six is the age of eleven."""
    for each in one.topics:
        assert grade(each.handout) <= 6, each.title


def grade(text: str) -> float:
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$|[\"”])", text)))
    words = re.findall(r"[A-Za-z']+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


@pytest.mark.parametrize("one", shipped().values(), ids=lambda one: one.key)
def test_its_file_says_the_same_again(one: Curriculum):
    assert read(as_file(one)) == one
    assert refuse_the_impossible(as_document(one)) == ()


def test_the_stimulant_program_has_the_weekly_pattern_of_its_sixteen_weeks():
    weekly = load("stimulant-16-weeks").weekly
    groups = {
        (p.part, p.first_week, p.last_week, p.times * (p.last_week - p.first_week + 1))
        for p in weekly
        if p.days
    }
    assert groups == {
        ("Early recovery skills", 1, 4, 8),
        ("Relapse prevention", 1, 16, 32),
        ("Family education", 1, 12, 12),
        ("Social support", 13, 16, 4),
    }
    assert {(p.part, p.minutes, p.days) for p in weekly} == {
        ("Early recovery skills", 50, ("mon", "fri")),
        ("Relapse prevention", 90, ("mon", "fri")),
        ("Family education", 90, ("wed",)),
        ("Social support", 90, ("wed",)),
        ("Individual or family session", 50, ()),
    }
    assert [p.first_week for p in weekly if not p.days] == [1, 6, 16]
    about = load("stimulant-16-weeks").about
    assert "mutual-help meetings" in about
    assert "urine and breath test" in about
    assert {p.curriculum for p in weekly if p.curriculum} <= set(shipped())
    assert minutes_by_week(weekly)[1] == 370
    assert said_of_the_weeks(weekly, 540) == (
        "It gives 4.5 to 7 hours a week by itself; 9 are wanted, so other groups or sessions come on top."
    )


@pytest.mark.parametrize(
    ("weekly", "said"),
    [
        ((), ""),
        ((WeeklyPart(part="A", kind="skills", minutes=180, first_week=1, last_week=2, days=("mon", "wed", "fri")),),
         "It gives 9 hours a week."),
        ((WeeklyPart(part="A", kind="skills", minutes=90, first_week=1, last_week=1),),
         "It gives 1.5 hours a week by itself; 9 are wanted, so other groups or sessions come on top."),
    ],
)  # fmt: skip
def test_the_hours_of_a_pattern_are_said(weekly, said):
    assert said_of_the_weeks(weekly, 540) == said


# -- files --


def document(**changes: object) -> dict:
    whole = as_document(series("a", "b"))
    return {**whole, **changes}


def test_the_smallest_file_is_taken():
    assert refuse_the_impossible(document()) == ()
    assert read(json.dumps(document())) == series("a", "b")


FAULTS = [
    ([], Fault("", "The file holds no curriculum: it must be one object with the topics in it.")),
    (document(format="other"), Fault("format", "This must be “stepwell-curriculum-1”; files of another format are not read.")),
    (document(format=1), Fault("format", "This must be text.")),
    ({k: v for k, v in document().items() if k != "title"}, Fault("title", "This is missing.")),
    (document(title=" "), Fault("title", "This is empty.")),
    (document(title="x" * 121), Fault("title", "This has 121 signs; at most 120 are allowed.")),
    (document(title="a\x00b"), Fault("title", "This holds signs that cannot be stored.")),
    (document(title="a\ud800b"), Fault("title", "This holds signs that cannot be stored.")),
    (document(key="Relapse Prevention"), Fault("key", "A key is made of small letters a to z, figures and single hyphens, such as money-skills.")),
    (document(key="a--b"), Fault("key", "A key is made of small letters a to z, figures and single hyphens, such as money-skills.")),
    (document(kind="yoga"), Fault("kind", f"This kind of treatment is not known. Known are: {', '.join(Kind)}.")),
    (document(minutes=10), Fault("minutes", "This must be between 15 and 480.")),
    (document(minutes="90"), Fault("minutes", "This must be a whole number.")),
    (document(minutes=True), Fault("minutes", "This must be a whole number.")),
    (document(in_order="yes"), Fault("in_order", "This must be true or false.")),
    (document(topics=[]), Fault("topics", "There are 0 here; 1 to 60 are allowed.")),
    (document(topics="all"), Fault("topics", "This must be a list.")),
    (document(topics=[3]), Fault("topics[0]", "This must be an object that describes a topic.")),
    (document(colour="red"), Fault("colour", "Nothing of this name is known here. Known are: format, key, title, about, kind, minutes, in_order, source, written, weekly, topics.")),
    (document(written="last week"), Fault("written", "This must be a day such as 2026-11-21.")),
    (document(weekly=[7]), Fault("weekly[0]", "This must be an object that describes a part of the week.")),
    (document(weekly=[{"part": "A", "kind": "skills", "minutes": 60, "first_week": 4, "last_week": 1}]), Fault("weekly[0].last_week", "The last week is before the first.")),
    (document(weekly=[{"part": "A", "kind": "skills", "minutes": 60, "first_week": 1, "last_week": 4, "days": ["monday"]}]), Fault("weekly[0].days[0]", "A day is one of mon, tue, wed, thu, fri, sat, sun.")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "fault"), FAULTS, ids=lambda value: value.path if isinstance(value, Fault) else ""
)
def test_a_file_that_cannot_be_is_refused_with_place_and_sentence(wrong, fault):
    assert refuse_the_impossible(wrong) == (fault,)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("handout", "", "This is empty."),
        ("shared", 5, "This must be text."),
        ("aims", [], "There are 0 here; 1 to 5 are allowed."),
        ("skills", "breath", "This must be a list."),
        ("homework", "x" * 1001, "This has 1001 signs; at most 1000 are allowed."),
    ],
)
def test_a_fault_in_a_topic_is_named_by_its_place(name, value, sentence):
    whole = document()
    whole["topics"][1][name] = value
    assert refuse_the_impossible(whole) == (Fault(f"topics[1].{name}", sentence),)


@pytest.mark.parametrize(("value", "sentence"), [(5, "This must be text."), (" ", "This is empty.")])
def test_a_skill_that_is_none_is_named_by_its_place(value, sentence):
    whole = document()
    whole["topics"][0]["skills"] = ["slow breathing", value]
    assert refuse_the_impossible(whole) == (Fault("topics[0].skills[1]", sentence),)


@pytest.mark.parametrize("name", ["key", "title"])
def test_two_topics_of_one_name_are_refused(name):
    whole = document()
    whole["topics"][1][name] = whole["topics"][0][name]
    assert refuse_the_impossible(whole) == (
        Fault(f"topics[1].{name}", f"topics[0] has the same {name}; each needs its own."),
    )


def test_not_more_than_twenty_faults_are_listed():
    assert len(refuse_the_impossible(document(topics=[1] * 50))) == 20


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "The file is not text in UTF-8. Save it as UTF-8 and send it again."),
        (b"", "line 1, column 1: The file is not JSON: Expecting value."),
        (b"{", "line 1, column 2: The file is not JSON: Expecting property name enclosed in double quotes."),
        (b"[" * 100_000, "The file is not JSON that can be read."),
        (b'{"minutes": NaN}', "The file is not JSON that can be read."),
        (b" " * (SIZE_LIMIT + 1), "The file is larger than 300 kB. Take pictures and other files out of it."),
    ],
    ids=["no text", "nothing", "half", "deep", "no number", "large"],
)
def test_what_is_no_file_is_refused_with_a_sentence(raw, said):
    with pytest.raises(CurriculumRefused) as refused:
        read(raw)
    assert str(refused.value) == said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["topics", "weekly", "title", "minutes", "key", "in_order", "kind"]))
def test_no_file_breaks_the_reader(value, name):
    for whole in (value, document(**{name: value})):
        faults = refuse_the_impossible(whole)
        assert faults == () or all(fault.sentence for fault in faults)


def test_the_published_schema_names_what_the_reader_reads():
    told = json.loads(schema())
    whole = as_document(load("stimulant-16-weeks"))
    assert set(told["properties"]) == set(whole)
    assert set(told["properties"]["topics"]["items"]["properties"]) == set(whole["topics"][0])
    assert set(told["properties"]["topics"]["items"]["required"]) == set(whole["topics"][0])
    assert set(told["properties"]["weekly"]["items"]["properties"]) == set(whole["weekly"][0])
    assert told["$defs"]["kind"]["enum"] == [kind.value for kind in Kind]
    missing = {fault.path for fault in refuse_the_impossible({})}
    assert set(told["required"]) == missing


# -- rolling admission --


def test_the_topic_that_most_still_need_comes_next():
    decision = next_topic(series("a", "b", "c"), [Held(DAY, "a")], {1: {"a"}, 2: {"a", "b"}, 3: {"b"}})
    assert decision == Decision(
        topic=topic("c"),
        needed_by=(1, 2, 3),
        reasons=("None of the 3 people in the group has had it.", "This group has never held it."),
    )


def test_among_equals_the_one_not_held_for_longest_comes_first():
    held = [Held(DAY, "a"), Held(DAY + timedelta(days=7), "b")]
    decision = next_topic(series("a", "b"), held, {1: set(), 2: set(), 3: {"a", "b"}})
    assert decision == Decision(
        topic=topic("a"),
        needed_by=(1, 2),
        reasons=(
            "2 of the 3 people in the group have not had it.",
            "2 topics are needed by as many; this group held it last on 2 Mar 2026.",
        ),
    )


CASES = [
    # had by the group, had by the people, what comes, why
    ("nobody there", [], {}, "a", ("Nobody belongs to the group yet, so the topics go on in order.", "It is the first one.")),
    ("nobody there, one held", [Held(DAY, "a")], {}, "b", ("Nobody belongs to the group yet, so the topics go on in order.", "The last one was “Title a”.")),
    ("all had by all", [Held(DAY, "c")], {1: {"a", "b", "c"}}, "a", ("Everybody in the group has had every topic, so the turn begins anew.", "The last one was “Title c”.")),
    ("a topic that is gone was last", [Held(DAY, "old")], {}, "a", ("Nobody belongs to the group yet, so the topics go on in order.", "It is the first one.")),
    ("one person", [], {1: {"a"}}, "b", ("The one person in the group has not had it.", "2 topics are needed by as many; this group has never held it.")),
    ("one of two", [], {1: {"a", "b"}, 2: {"a", "b", "c"}}, "c", ("1 of the 2 people in the group has not had it.", "This group has never held it.")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("held", "had", "comes", "why"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_which_topic_comes_and_why(held, had, comes, why):
    decision = next_topic(series("a", "b", "c"), held, had)
    assert (decision.topic.key, decision.reasons) == (comes, why)


def test_topics_that_build_on_each_other_go_on_in_order_and_begin_again():
    steps = series("one", "two", "three", in_order=True)
    assert next_topic(steps, [Held(DAY, "one")], {1: {"one"}, 2: set()}) == Decision(
        topic=topic("two"),
        needed_by=(1, 2),
        reasons=(
            "These topics build on each other, so they are held in order.",
            "The last one was “Title one”.",
            "None of the 2 people in the group has had it.",
        ),
    )
    assert next_topic(steps, [Held(DAY, "three")], {}).topic == topic("one")


KEYS = st.sampled_from(["a", "b", "c", "d"])


@given(
    st.lists(st.tuples(st.integers(0, 60), KEYS), max_size=12),
    st.dictionaries(st.integers(1, 9), st.sets(KEYS)),
)
def test_no_other_topic_is_needed_by_more_and_what_is_needed_was_not_had(held, had):
    whole = series("a", "b", "c", "d")
    decision = next_topic(whole, [Held(DAY + timedelta(days=n), key) for n, key in held], had)
    needed = {t.key: {pk for pk, keys in had.items() if t.key not in keys} for t in whole.topics}
    assert set(decision.needed_by) == needed[decision.topic.key]
    assert len(decision.needed_by) == max(map(len, needed.values()))
    for keys in had.values():
        assert {t.key for t in still_needed(whole, keys)} == {"a", "b", "c", "d"} - keys


def test_what_is_still_needed_stands_in_the_order_of_the_curriculum():
    assert [t.key for t in still_needed(series("b", "a", "c"), {"a"})] == ["b", "c"]


def test_a_hand_out_falls_into_its_paragraphs():
    assert load("early-recovery").topics[0].paragraphs[1].startswith("The good news")
