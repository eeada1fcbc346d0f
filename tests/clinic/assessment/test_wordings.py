"""Words that a site brings for an instrument: checked against its structure, kept, shown, and never scored by."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.cli import main
from stepwell.cli.commands.instruments import listed, take_in
from stepwell.clinic.assessment import queries, rules
from stepwell.clinic.assessment.actions import load_wording
from stepwell.clinic.assessment.models import InstrumentText
from stepwell.clinic.refusal import Denied, Refused
from stepwell.project.unready import Unready
from tests.making import NOW, actor, make_site, make_staff


def brought(slug: str = "who-5", prefix: str = "Official ") -> dict[str, Any]:
    """The Questionnaire with other words."""
    document = rules.questionnaire(slug)

    def reword(items: list[dict[str, Any]]) -> None:
        for item in items:
            item["text"] = f"{prefix}{item['text']}"
            for option in item.get("answerOption", []):
                option["valueCoding"]["display"] = f"{prefix}{option['valueCoding']['display']}"
            reword(item.get("item", []))

    reword(document["item"])
    return document


@pytest.mark.parametrize("slug", rules.instruments())
def test_words_for_every_instrument_are_read_and_change_nothing_but_words(slug: str) -> None:
    plain = rules.load_instrument(slug)
    words = rules.read_wording(brought(slug))
    shown = rules.worded(plain, words)
    assert [item.text for item in shown.items] == [f"Official {item.text}" for item in plain.items]
    for before, after in zip(plain.items, shown.items, strict=True):
        assert [o.value for o in after.options] == [o.value for o in before.options]
        assert [o.label for o in after.options] == [f"Official {o.label}" for o in before.options]
    lowest = {item.link_id: item.options[0].value for item in plain.items}
    assert rules.score(shown, lowest) == rules.score(plain, lowest)


def changed(**other: Any) -> dict[str, Any]:
    return brought() | other


def without_last() -> dict[str, Any]:
    document = brought()
    document["item"].pop()
    return document


def with_item(**other: Any) -> dict[str, Any]:
    document = brought()
    document["item"][0] |= other
    return document


def with_options(change: Any) -> dict[str, Any]:
    document = brought()
    change(document["item"][0]["answerOption"])
    return document


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "The file is not a FHIR Questionnaire."),
        ({"resourceType": "Patient"}, "The file is not a FHIR Questionnaire."),
        (
            changed(url="urn:other"),
            'The file is for "urn:other", which is no instrument here; start from what `stepwell instruments show` prints.',
        ),
        (changed(item=[]), "The Questionnaire has no list of items."),
        (changed(item=[1]), "An item of the Questionnaire is not an object."),
        (changed(language=7), "The language 7 is not a code such as en or es-US."),
        (without_last(), "The file has no words for question 5 of WHO-5; nothing was changed."),
        (with_item(linkId="9"), 'WHO-5 has no question "9"; nothing was changed.'),
        (with_item(linkId="2"), "Question 2 of WHO-5 stands twice in the file."),
        (with_item(text=" "), "The words of question 1 of WHO-5 are missing, too long or no text."),
        (with_item(text="x\x00"), "The words of question 1 of WHO-5 are missing, too long or no text."),
        (with_item(text="\ud800"), "The words of question 1 of WHO-5 hold half a character."),
        (with_item(text="x" * 2001), "The words of question 1 of WHO-5 are missing, too long or no text."),
        (with_item(answerOption={}), "Question 1 of WHO-5 has no list of answers."),
        (with_options(lambda o: o.pop()), "Question 1 of WHO-5 lacks answers: it has 5 of 6."),
        (
            with_options(lambda o: o.append(o[0])),
            'Question 1 of WHO-5 has an answer that is not the instrument\'s: "0".',
        ),
        (
            with_options(lambda o: o[0]["extension"][0].update(valueDecimal=9)),
            'Question 1 of WHO-5 has an answer that is not the instrument\'s: "0".',
        ),
        (with_options(lambda o: o.append({})), "Question 1 of WHO-5 has an answer that is not coded."),
    ],
)
def test_words_that_do_not_fit_are_refused_in_one_sentence(document: object, sentence: str) -> None:
    with pytest.raises(rules.WordingRefused) as no:
        rules.read_wording(document)
    assert no.value.sentence == sentence


def test_words_may_come_without_answers_and_then_ours_stay() -> None:
    document = brought()
    for item in document["item"]:
        del item["answerOption"]
    plain = rules.load_instrument("who-5")
    shown = rules.worded(plain, rules.read_wording(document))
    assert shown.items[0].text == "Official Cheerful mood"
    assert shown.items[0].options == plain.items[0].options


def test_words_for_one_instrument_are_not_laid_over_another() -> None:
    with pytest.raises(rules.WordingRefused, match="words for who-5, not for PHQ-9"):
        rules.worded(rules.load_instrument("phq-9"), rules.read_wording(brought()))


@pytest.mark.django_db
def test_words_are_shown_from_then_on_and_the_last_ones_hold() -> None:
    assert queries.worded_instrument("who-5") == rules.load_instrument("who-5")
    for at, prefix in ((NOW, "First "), (NOW + timedelta(days=1), "Second ")):
        load_wording(by=stepwell_itself(), at=at, words=rules.read_wording(brought(prefix=prefix)))
    shown = queries.worded_instrument("who-5")
    assert shown.items[0].text == "Second Cheerful mood"
    assert shown.items[0].options[0].label == "Second Never"
    assert shown.licence.text_shipped
    assert queries.worded_instrument("who-5", "es") == rules.load_instrument("who-5")
    assert [e.action for e in Entry.objects.filter(action__startswith="assessment")] == [
        "assessment.load_wording"
    ] * 2


@pytest.mark.django_db
def test_another_language_stands_beside_the_english() -> None:
    spanish = brought("phq-9", "ES ") | {"language": "es"}
    load_wording(by=stepwell_itself(), at=NOW, words=rules.read_wording(spanish))
    assert queries.worded_instrument("phq-9", "es").items[0].text.startswith("ES Little interest")
    assert queries.worded_instrument("phq-9") == rules.load_instrument("phq-9")


@pytest.mark.django_db
def test_the_same_words_are_not_kept_twice() -> None:
    words = rules.read_wording(brought())
    load_wording(by=stepwell_itself(), at=NOW, words=words)
    with pytest.raises(Refused, match=r"These words of WHO-5 \(en\) are here already; nothing was changed"):
        load_wording(by=stepwell_itself(), at=NOW, words=words)
    assert InstrumentText.objects.count() == 1


@pytest.mark.django_db
def test_nobody_brings_words_through_the_pages() -> None:
    director = actor(make_staff(make_site("Peachtree"), Role.DIRECTOR))
    with pytest.raises(Denied, match="by whoever runs the server"):
        load_wording(by=director, at=NOW, words=rules.read_wording(brought()))
    assert not InstrumentText.objects.exists()


@pytest.mark.django_db
def test_an_instrument_whose_words_ship_costs_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        queries.worded_instrument("phq-9")
    with django_assert_num_queries(1):
        queries.worded_instrument("who-5")


@pytest.mark.django_db
def test_the_list_tells_license_and_whether_words_are_here() -> None:
    assert len(listed()) == len(rules.instruments()) + 1
    before = next(line for line in listed() if line.startswith("who-5"))
    assert before.split() == ["who-5", "WHO-5", "non-commercial", "labels", "only;", "https://www.who.int"]
    line = take_in(rules.read_wording(brought()), NOW)
    assert line.startswith("WHO-5 is shown in these words (en) from now on: 5 questions. The license: ")
    after = next(line for line in listed() if line.startswith("who-5"))
    assert after.split() == ["who-5", "WHO-5", "non-commercial", "en,", "loaded"]
    phq = next(line for line in listed() if line.startswith("phq-9"))
    assert phq.split() == ["phq-9", "PHQ-9", "free", "en,", "shipped"]
    with pytest.raises(Unready, match="are here already"):
        take_in(rules.read_wording(brought()), NOW)


def test_the_list_needs_no_tables() -> None:
    assert [line.split()[0] for line in listed(ready=False)] == ["instrument", *rules.instruments()]


def test_show_prints_what_load_reads(capsys: Any) -> None:
    assert main(["instruments", "show", "WHO5"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == rules.questionnaire("who-5")
    assert rules.read_wording(document).questions["1"] == "Cheerful mood"
    assert main(["instruments", "show", "none"]) == 2
    assert capsys.readouterr().err.startswith('There is no instrument "none"; choose one of ace, ')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is nothing in it."),
        ("{}", "The file is not a FHIR Questionnaire."),
        (json.dumps(without_last()), "The file has no words for question 5 of WHO-5; nothing was changed."),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence_and_no_database(
    tmp_path: Any, capsys: Any, text: str, sentence: str
) -> None:
    file = tmp_path / "words.json"
    file.write_text(text)
    assert main(["instruments", "load", str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.endswith(f"{sentence}\n")
