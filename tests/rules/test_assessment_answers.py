"""Answers from outside: as a list, as an object, as a QuestionnaireResponse; and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import (
    AnswerRefused,
    Instrument,
    find_instrument,
    instruments,
    load_instrument,
    questionnaire,
    read_answers,
    score,
)
from stepwell.clinic.refusal import Refused

EVERY = [load_instrument(slug) for slug in instruments()]
PHQ9 = load_instrument("phq-9")


def response(instrument: Instrument, answers: dict[str, int | None], way: str) -> dict[str, Any]:
    """A QuestionnaireResponse with the groups of the Questionnaire, its answers written in one of the ways."""

    def fill(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for item in items:
            if item["type"] == "group":
                made.append({"linkId": item["linkId"], "item": fill(item["item"])})
                continue
            value = answers.get(item["linkId"])
            one: dict[str, Any] = {"linkId": item["linkId"], "text": item["text"]}
            if value is not None:
                one["answer"] = [written(instrument, item["linkId"], value, way)]
            made.append(one)
        return made

    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{instrument.url}|{instrument.version}",
        "status": "completed",
        "item": [*fill(questionnaire(instrument.slug)["item"]), {"linkId": "thanks", "text": "Thank you"}],
    }


def written(instrument: Instrument, link: str, value: int, way: str) -> dict[str, Any]:
    if way == "valueCoding":
        option = next(o for o in instrument.item(link).options if o.value == value)
        coding = {"code": option.code, "display": option.label}
        return {way: coding | ({"system": option.system} if option.system else {})}
    if way == "ordinal":
        extension = {
            "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue",
            "valueDecimal": value,
        }
        return {"valueCoding": {"system": "urn:other", "code": "other", "extension": [extension]}}
    return {way: float(value) if way == "valueDecimal" else value}


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_list_object_and_response_of_the_same_answers_are_the_same_score(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(EVERY))
    answers: dict[str, int | None] = {
        i.link_id: data.draw(st.none() | st.sampled_from([o.value for o in i.options]))
        for i in instrument.items
    }
    way = data.draw(st.sampled_from(["valueCoding", "valueInteger", "valueDecimal", "ordinal"]))
    expected = score(instrument, answers)
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    for document in (list(answers.values()), shuffled, response(instrument, answers, way)):
        assert score(instrument, read_answers(instrument, document)) == expected
    required = [answers[i.link_id] for i in instrument.items if i.required]
    fewer = {i.link_id: answers[i.link_id] for i in instrument.items if i.required}
    assert score(instrument, read_answers(instrument, required)) == score(instrument, fewer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=10)
        | st.dictionaries(
            st.text(max_size=6)
            | st.sampled_from(
                ["resourceType", "item", "linkId", "answer", "valueCoding", "extension", "1", "2"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(document=json_values, slug=st.sampled_from(["phq-9", "bam", "c-ssrs", "taps", "dast-10"]))
@settings(max_examples=400, deadline=None)
def test_whatever_comes_is_read_or_refused_in_one_line(document: object, slug: str) -> None:
    instrument = load_instrument(slug)
    for value in (document, {"resourceType": "QuestionnaireResponse", "item": document}):
        refusals: list[str] = []
        try:
            score(instrument, read_answers(instrument, value))
        except AnswerRefused as no:
            refusals.append(no.sentence)
        assert all("\n" not in one and one.endswith(".") for one in refusals)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("PHQ9", "phq-9"),
        ("phq-9", "phq-9"),
        (" Phq 9 ", "phq-9"),
        ("AUDIT_C", "audit-c"),
        ("auditc", "audit-c"),
        ("CSSRS", "c-ssrs"),
        ("C-SSRS screener", "c-ssrs"),
        ("CIWA", "ciwa-ar"),
        ("FTND", "fagerstrom"),
        ("Fagerström", "fagerstrom"),
        ("WHO5", "who-5"),
        ("cesd", "ces-d"),
        ("SOCRATES", "socrates-8d"),
        ("socrates 8a", "socrates-8a"),
        ("DAST", "dast-10"),
    ],
)
def test_an_instrument_is_found_by_its_name_in_any_spelling(name: str, slug: str) -> None:
    assert find_instrument(name).slug == slug


@pytest.mark.parametrize("name", ["", "phq", "nope", "../../etc/passwd", "x" * 5000, "phq-9\n", "\x00"])
def test_a_name_that_is_none_is_refused_with_those_there_are(name: str) -> None:
    if name.strip() in ("phq", "phq-9"):
        assert find_instrument(name).slug == "phq-9"
        return
    with pytest.raises(Refused, match=r"^There is no instrument .*; choose one of ace, assist, .*wsas\.$"):
        find_instrument(name)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            [0] * 8,
            "A list of answers to PHQ-9 has 9 or 10, this one has 8; write null for a question that was left open.",
        ),
        (
            [0] * 11,
            "A list of answers to PHQ-9 has 9 or 10, this one has 11; write null for a question that was left open.",
        ),
        ("1", 'Answers to PHQ-9 are a list, an object by link id or a QuestionnaireResponse, not "1".'),
        (None, "Answers to PHQ-9 are a list, an object by link id or a QuestionnaireResponse, not null."),
        ({"11": 0}, 'PHQ-9 has no question "11"; it has 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.'),
        ({"1": 1, "44250-9": 1}, "Question 1 of PHQ-9 is answered twice."),
        ({"1": True}, "Question 1 of PHQ-9 cannot be answered true; it offers 0, 1, 2, 3."),
        ({"1": "2"}, 'Question 1 of PHQ-9 cannot be answered "2"; it offers 0, 1, 2, 3.'),
        ({"1": 2.0}, "Question 1 of PHQ-9 cannot be answered 2.0; it offers 0, 1, 2, 3."),
        ({"1": [1]}, "Question 1 of PHQ-9 cannot be answered [1]; it offers 0, 1, 2, 3."),
        ({"resourceType": "Bundle"}, 'The resource is "Bundle", not a QuestionnaireResponse.'),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(document: object, sentence: str) -> None:
    with pytest.raises(AnswerRefused) as no:
        read_answers(PHQ9, document)
    assert no.value.sentence == sentence


def one(**answer: Any) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "1", "answer": [answer]}],
    }


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            one(valueInteger=4),
            "Question 1 of PHQ-9 cannot be answered 4; it offers 0, 1, 2, 3.",
        ),
        (one(valueBoolean=True), "Question 1 of PHQ-9 cannot be answered true; it offers 0, 1, 2, 3."),
        (one(valueDecimal=1.5), "Question 1 of PHQ-9 cannot be answered 1.5; it offers 0, 1, 2, 3."),
        (
            one(valueCoding={"code": "LA9999-9"}),
            'Question 1 of PHQ-9 cannot be answered "LA9999-9"; it offers 0, 1, 2, 3.',
        ),
        (one(valueCoding=[]), "Question 1 of PHQ-9 cannot be answered []; it offers 0, 1, 2, 3."),
        (
            one(valueDate="2026-01-01"),
            'Question 1 of PHQ-9 cannot be answered by "valueDate".',
        ),
        (one(), "An answer to question 1 of PHQ-9 has 0 values."),
        (one(valueInteger=1, valueDecimal=1), "An answer to question 1 of PHQ-9 has 2 values."),
        (
            {
                **one(),
                "item": [{"linkId": "1", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}],
            },
            "Question 1 of PHQ-9 has 2 answers.",
        ),
        (
            {**one(), "item": [{"linkId": "1", "answer": [{"valueInteger": 1}]}] * 2},
            "Question 1 of PHQ-9 is answered twice.",
        ),
        (
            {**one(), "item": [{"linkId": "q1", "answer": [{"valueInteger": 1}]}]},
            'PHQ-9 has no question "q1"; it has 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.',
        ),
        ({**one(), "item": {}}, "The response has {} where a list (item) must stand."),
        ({**one(), "item": [{}]}, "An item of the response has no linkId."),
        (
            {**one(), "item": [{"linkId": "1", "answer": ["x"]}]},
            'Question "1" has an answer that is not an object.',
        ),
        (
            {**one(), "questionnaire": "urn:stepwell:questionnaire:gad-7|1.0"},
            "The response answers GAD-7, not PHQ-9.",
        ),
        (
            {**one(), "status": "entered-in-error"},
            "The response is marked as entered in error, so it is not scored.",
        ),
        ({**one(), "questionnaire": 5}, "The questionnaire of the response is not an address."),
    ],
)
def test_a_response_that_cannot_be_read_is_refused_in_one_sentence(document: object, sentence: str) -> None:
    with pytest.raises(AnswerRefused) as no:
        read_answers(PHQ9, document)
    assert no.value.sentence == sentence


def test_a_response_nested_without_end_is_refused() -> None:
    item: dict[str, Any] = {"linkId": "1", "answer": [{"valueInteger": 1}]}
    for _ in range(100):
        item = {"linkId": "group", "item": [item]}
    with pytest.raises(AnswerRefused, match="nested too deeply"):
        read_answers(PHQ9, {"resourceType": "QuestionnaireResponse", "item": [item]})


def test_items_of_loincs_own_form_and_a_total_from_elsewhere_are_understood() -> None:
    codes = [item.loinc for item in PHQ9.items if item.required]
    document = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://loinc.org/q/44249-1",
        "item": [
            *({"linkId": f"/{code}", "answer": [{"valueInteger": 1}]} for code in codes),
            {"linkId": "/44261-6", "answer": [{"valueDecimal": 27}]},
        ],
    }
    assert score(PHQ9, read_answers(PHQ9, document)).total == 9


def test_an_answer_nested_under_an_answer_is_read() -> None:
    under = {"linkId": "2", "answer": [{"valueInteger": 2}]}
    document = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "1", "answer": [{"valueInteger": 1, "item": [under]}]}],
    }
    assert read_answers(PHQ9, document) == {"1": 1, "2": 2}


@pytest.mark.parametrize("way", [True, 1, "yes", "Y", " Yes "])
def test_yes_may_be_said_in_several_ways(way: object) -> None:
    dast = load_instrument("dast-10")
    assert read_answers(dast, {"1": way}) == {"1": 1}
    document = {"linkId": "1", "answer": [{"valueBoolean": True}]}
    assert read_answers(dast, {"resourceType": "QuestionnaireResponse", "item": [document]}) == {"1": 1}


def test_yes_is_worth_what_the_instrument_says_and_is_not_always_one() -> None:
    bam = load_instrument("bam")
    assert read_answers(bam, {"14": True}) == {"14": 4}
    with pytest.raises(AnswerRefused, match="Question 14 of BAM cannot be answered 1; it offers 0, 4"):
        read_answers(bam, {"14": 1})


def test_the_heading_of_bams_seventh_question_counts_nowhere_and_is_checked_all_the_same() -> None:
    bam = load_instrument("bam")
    assert read_answers(bam, {"7": 3, "8": 1}) == {"8": 1}
    with pytest.raises(AnswerRefused, match="Question 7 of BAM cannot be answered 9"):
        read_answers(bam, {"7": 9})


def test_what_is_read_is_plain_enough_to_be_kept() -> None:
    answers = read_answers(PHQ9, [1, None, 2, 0, 0, 0, 0, 0, 3])
    assert json.loads(json.dumps(answers)) == answers
    assert answers["2"] is None
