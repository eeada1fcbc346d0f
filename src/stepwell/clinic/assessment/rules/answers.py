"""Answers as they come from outside: a list in the order of the form, an object by link id, or a FHIR R4
QuestionnaireResponse. All three become link id -> value; what cannot be read is refused in one sentence.
"""

import json
from collections.abc import Iterator
from typing import Any

from stepwell.clinic.assessment.rules.instrument_files import instruments, load_instrument, ordinal_of
from stepwell.clinic.assessment.rules.instruments import Instrument, Item, Section
from stepwell.clinic.assessment.rules.scoring import AnswerRefused, not_offered

_YES, _NO = ("yes", "y"), ("no", "n")
_DEEPEST = 40
"""Groups within groups of a response; forms have three or four."""


def read_answers(instrument: Instrument, document: object) -> dict[str, int | None]:
    """The answers in a JSON value, None for a question that was left open.

    A list is in the order of the items (all of them, or only those that must be answered, or another order that
    the instrument declares), null for a missing answer. An object is by link id, or by the LOINC code of an
    item. Yes-or-no questions may be answered true, false, "yes" and "no". Raises AnswerRefused.
    """
    if isinstance(document, list):
        return _from_list(instrument, document)
    if isinstance(document, dict):
        if "resourceType" in document:
            return _from_response(instrument, document)
        return _from_pairs(instrument, document.items())
    raise AnswerRefused(
        f"Answers to {instrument.title} are a list, an object by link id or a QuestionnaireResponse, not {shown(document)}."
    )


def shown(value: object) -> str:
    """A value from outside, short enough and on one line, for a sentence."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        return "something else"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _from_list(instrument: Instrument, given: list[object]) -> dict[str, int | None]:
    orders = list(_orders(instrument))
    for order in orders:
        if len(order) == len(given):
            return _from_pairs(instrument, zip(order, given, strict=True))
    lengths = sorted({len(order) for order in orders})
    wanted = " or ".join(str(length) for length in lengths)
    raise AnswerRefused(
        f"A list of answers to {instrument.title} has {wanted}, this one has {len(given)}; "
        "write null for a question that was left open."
    )


def _orders(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    yield tuple(item.link_id for item in instrument.items if item.required)
    yield tuple(item.link_id for item in instrument.items)
    yield from instrument.lists


def _from_pairs(instrument: Instrument, pairs: Any) -> dict[str, int | None]:
    known = _known(instrument)
    answers: dict[str, int | None] = {}
    for link, raw in pairs:
        found = known.get(link)
        if found is None:
            raise AnswerRefused(
                f"{instrument.title} has no question {shown(link)}; it has {_names(instrument)}."
            )
        if isinstance(found, Section):
            _over_a_section(instrument, found, raw)
            continue
        if found.link_id in answers:
            raise AnswerRefused(f"Question {found.link_id} of {instrument.title} is answered twice.")
        answers[found.link_id] = _value(instrument, found, raw)
    return answers


def _known(instrument: Instrument) -> dict[str, Item | Section]:
    """By link id, and by LOINC code with and without the slash that LOINC's own forms write before it."""
    known: dict[str, Item | Section] = {}
    for item in instrument.items:
        if item.loinc:
            known[item.loinc] = known[f"/{item.loinc}"] = item
    known |= {section.link_id: section for section in instrument.sections}
    return known | {item.link_id: item for item in instrument.items}


def _names(instrument: Instrument) -> str:
    links = [item.link_id for item in instrument.items]
    return ", ".join(links) if len(links) <= 40 else f"{', '.join(links[:20])} and {len(links) - 20} more"


def _over_a_section(instrument: Instrument, section: Section, raw: object) -> None:
    """A heading may stand in a list as if it were answered (BAM's 7 over 7A to 7G); it counts nowhere."""
    if raw is not None:
        _value(instrument, instrument.item(section.items[0]), raw, called=section.link_id)


def _value(instrument: Instrument, item: Item, raw: object, called: str | None = None) -> int | None:
    if raw is None:
        return None
    value = raw
    if item.no_and_yes is not None:
        no, yes = item.no_and_yes
        word = raw.strip().lower() if isinstance(raw, str) else raw
        if word is True or word in _YES:
            value = yes
        elif word is False or word in _NO:
            value = no
    if type(value) is int and any(option.value == value for option in item.options):
        return value
    if called is not None:
        raise AnswerRefused(f"Question {called} of {instrument.title} cannot be answered {shown(raw)}.")
    raise not_offered(instrument, item, shown(raw))


# QuestionnaireResponse -----------------------------------------------------------------------------------


def _from_response(instrument: Instrument, response: dict[str, Any]) -> dict[str, int | None]:
    kind = response["resourceType"]
    if kind != "QuestionnaireResponse":
        raise AnswerRefused(f"The resource is {shown(kind)}, not a QuestionnaireResponse.")
    _to_this_one(instrument, response.get("questionnaire"))
    if response.get("status") == "entered-in-error":
        raise AnswerRefused("The response is marked as entered in error, so it is not scored.")
    items = _list_of(response.get("item", []), "item")
    known, answers = _known(instrument), dict[str, int | None]()
    totals = {code for code in (instrument.total_loinc, *(s.loinc for s in instrument.subscales)) if code}
    for link, given in _answered(items, 0):
        if link.removeprefix("/") in totals and link not in known:
            continue  # a total that another program worked out; we work out our own
        found = known.get(link)
        if not isinstance(found, Item):
            raise AnswerRefused(
                f"{instrument.title} has no question {shown(link)}; it has {_names(instrument)}."
            )
        if found.link_id in answers:
            raise AnswerRefused(f"Question {found.link_id} of {instrument.title} is answered twice.")
        if len(given) > 1:
            raise AnswerRefused(f"Question {found.link_id} of {instrument.title} has {len(given)} answers.")
        answers[found.link_id] = _coded(instrument, found, given[0])
    return answers


def _to_this_one(instrument: Instrument, canonical: object) -> None:
    if canonical is None:
        return
    if not isinstance(canonical, str):
        raise AnswerRefused("The questionnaire of the response is not an address.")
    address = canonical.split("|")[0].split("#")[0]
    if address == instrument.url:
        return
    for slug in instruments():
        other = load_instrument(slug)
        if address == other.url:
            raise AnswerRefused(f"The response answers {other.title}, not {instrument.title}.")


def _answered(items: list[Any], depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Link id and answers of every item that has any, in order; groups and displays have none."""
    if depth > _DEEPEST:
        raise AnswerRefused("The response is nested too deeply.")
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("linkId"), str):
            raise AnswerRefused("An item of the response has no linkId.")
        given = _list_of(item.get("answer", []), "answer")
        if not all(isinstance(one, dict) for one in given):
            raise AnswerRefused(f"Question {shown(item['linkId'])} has an answer that is not an object.")
        if given:
            yield item["linkId"], given
        for nested in (item, *given):
            yield from _answered(_list_of(nested.get("item", []), "item"), depth + 1)


def _list_of(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise AnswerRefused(f"The response has {shown(value)} where a list ({what}) must stand.")
    return value


def _coded(instrument: Instrument, item: Item, answer: dict[str, Any]) -> int | None:
    values = {key: value for key, value in answer.items() if key.startswith("value")}
    if len(values) != 1:
        raise AnswerRefused(
            f"An answer to question {item.link_id} of {instrument.title} has {len(values)} values."
        )
    ((kind, value),) = values.items()
    if kind == "valueCoding":
        return _of_coding(instrument, item, value)
    if kind == "valueDecimal" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or kind not in ("valueInteger", "valueDecimal", "valueBoolean", "valueString"):
        raise AnswerRefused(
            f"Question {item.link_id} of {instrument.title} cannot be answered by {shown(kind)}."
        )
    return _value(instrument, item, value)


def _of_coding(instrument: Instrument, item: Item, coding: object) -> int:
    if not isinstance(coding, dict):
        raise not_offered(instrument, item, shown(coding))
    code, system = coding.get("code"), coding.get("system")
    for option in item.options:
        if option.code == code and (not system or not option.system or option.system == system):
            return option.value
    points = ordinal_of(coding)
    for option in item.options:
        if points is not None and option.value == points:
            return option.value
    raise not_offered(instrument, item, shown(code))
