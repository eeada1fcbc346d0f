"""Texts that a site brings for an instrument whose words do not ship: checked against the structure, then laid
over it. The file is a FHIR R4 Questionnaire, such as `stepwell instruments show` prints, with the words put in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from stepwell.clinic.assessment.rules.answers import shown
from stepwell.clinic.assessment.rules.instrument_files import (
    find_instrument,
    instruments,
    load_instrument,
    ordinal_of,
)
from stepwell.clinic.assessment.rules.instruments import Instrument, Item
from stepwell.clinic.refusal import Refused

LONGEST = 2_000
"""Letters of one question or answer."""


class WordingRefused(Refused):
    """A file of words that does not fit the instrument."""


@dataclass(frozen=True)
class Wording:
    """Words for an instrument: link id -> question, link id -> its answers in their order."""

    instrument: str
    language: str
    preface: str
    questions: dict[str, str]
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_wording(document: object) -> Wording:
    """The words in a Questionnaire. Raises WordingRefused for one that is none of ours, a link id that the
    instrument does not have, a question that is missing or blank, or answers that are not the instrument's.
    """
    if isinstance(document, dict) and isinstance(document.get("questionnaire"), dict):
        document = document["questionnaire"]
    if not isinstance(document, dict) or document.get("resourceType") != "Questionnaire":
        raise WordingRefused("The file is not a FHIR Questionnaire.")
    instrument = _meant(document)
    known = {item.link_id: item for item in instrument.items}
    headings = {section.link_id for section in instrument.sections}
    questions: dict[str, str] = {}
    answers: dict[str, tuple[str, ...]] = {}
    for item in _items(document.get("item"), 0):
        link = item.get("linkId")
        if isinstance(link, str) and (link in headings or item.get("type") in ("display", "group")):
            continue
        if not isinstance(link, str) or link not in known:
            raise WordingRefused(f"{instrument.title} has no question {shown(link)}; nothing was changed.")
        if link in questions:
            raise WordingRefused(f"Question {link} of {instrument.title} stands twice in the file.")
        questions[link] = _words(instrument, f"question {link}", item.get("text"))
        if "answerOption" in item:
            answers[link] = _answers(instrument, known[link], item["answerOption"])
    missing = [link for link in known if link not in questions]
    if missing:
        raise WordingRefused(
            f"The file has no words for question {missing[0]} of {instrument.title}; nothing was changed."
        )
    language = document.get("language", "en")
    if not isinstance(language, str) or not 2 <= len(language) <= 20 or not language.isascii():
        raise WordingRefused(f"The language {shown(language)} is not a code such as en or es-US.")
    preface = document.get("description", "")
    return Wording(
        instrument=instrument.slug,
        language=language,
        preface=_words(instrument, "the preface", preface) if preface else "",
        questions={link: questions[link] for link in known},
        answers={link: answers[link] for link in known if link in answers},
    )


def worded(instrument: Instrument, words: Wording) -> Instrument:
    """The instrument with these words; what is scored stays as it is. Refused for another instrument's words."""
    if words.instrument != instrument.slug:
        raise WordingRefused(f"These are words for {words.instrument}, not for {instrument.title}.")
    items = tuple(
        replace(
            item,
            text=words.questions.get(item.link_id, item.text),
            options=tuple(
                replace(option, label=label)
                for option, label in zip(
                    item.options,
                    words.answers.get(item.link_id, tuple(o.label for o in item.options)),
                    strict=True,
                )
            ),
        )
        for item in instrument.items
    )
    licence = replace(instrument.licence, text_shipped=True)
    return replace(instrument, items=items, licence=licence, preface=words.preface or instrument.preface)


def _meant(document: dict[str, Any]) -> Instrument:
    url, name = document.get("url"), document.get("name") or document.get("title")
    for slug in instruments():
        if load_instrument(slug).url == url:
            return load_instrument(slug)
    if url is None and isinstance(name, str):
        return find_instrument(name)
    raise WordingRefused(
        f"The file is for {shown(url)}, which is no instrument here; "
        "start from what `stepwell instruments show` prints."
    )


def _items(items: object, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(items, list) or not items or depth > 10:
        raise WordingRefused("The Questionnaire has no list of items.")
    for item in items:
        if not isinstance(item, dict):
            raise WordingRefused("An item of the Questionnaire is not an object.")
        yield item
        if "item" in item:
            yield from _items(item["item"], depth + 1)


def _words(instrument: Instrument, what: str, text: object) -> str:
    if not isinstance(text, str) or not text.strip() or "\x00" in text or len(text) > LONGEST:
        raise WordingRefused(f"The words of {what} of {instrument.title} are missing, too long or no text.")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise WordingRefused(f"The words of {what} of {instrument.title} hold half a character.")
    return text.strip()


def _answers(instrument: Instrument, item: Item, options: object) -> tuple[str, ...]:
    """The words of the answers in the instrument's order. They must be the same answers, by points or code."""
    where = f"Question {item.link_id} of {instrument.title}"
    if not isinstance(options, list):
        raise WordingRefused(f"{where} has no list of answers.")
    found: dict[int, str] = {}
    for option in options:
        coding = option.get("valueCoding") if isinstance(option, dict) else None
        if not isinstance(coding, dict):
            raise WordingRefused(f"{where} has an answer that is not coded.")
        points = ordinal_of(option)
        value = next(
            (
                o.value
                for o in item.options
                if o.value == points or (points is None and o.code == coding.get("code"))
            ),
            None,
        )
        if value is None or value in found:
            raise WordingRefused(
                f"{where} has an answer that is not the instrument's: {shown(coding.get('code'))}."
            )
        found[value] = _words(instrument, f"an answer to question {item.link_id}", coding.get("display"))
    if len(found) != len(item.options):
        raise WordingRefused(f"{where} lacks answers: it has {len(found)} of {len(item.options)}.")
    return tuple(found[option.value] for option in item.options)
