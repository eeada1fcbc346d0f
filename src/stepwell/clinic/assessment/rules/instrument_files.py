"""Reading instruments: each file in ``assessment/data/instruments`` holds a FHIR R4 Questionnaire, and beside it
the scoring and the licence. A site adds an instrument by adding a file.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules.instruments import (
    Alert,
    Band,
    Condition,
    DayCode,
    FlagRule,
    Instrument,
    Item,
    Level,
    Licence,
    MissingRule,
    Need,
    Option,
    Pattern,
    Section,
    SmallestChange,
    Subscale,
)
from stepwell.clinic.refusal import Refused

_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_LOINC = "http://loinc.org"


@cache
def instruments() -> tuple[str, ...]:
    """The slugs of all instruments on hand, in alphabetical order."""
    folder = files("stepwell.clinic.assessment").joinpath("data", "instruments")
    return tuple(sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json")))


@cache
def _file(slug: str) -> dict[str, Any]:
    if slug not in instruments():
        raise Refused(f"There is no questionnaire called {slug}; choose one of {', '.join(instruments())}.")
    path = files("stepwell.clinic.assessment").joinpath("data", "instruments", f"{slug}.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def questionnaire(slug: str) -> dict[str, Any]:
    """The FHIR R4 Questionnaire as it stands in the data file, a fresh copy. Refused for an unknown slug."""
    resource: dict[str, Any] = json.loads(json.dumps(_file(slug)["questionnaire"]))
    return resource


@cache
def load_instrument(slug: str) -> Instrument:
    """The instrument with this slug (``phq-9``). Refused for an unknown slug."""
    return read_instrument(slug, _file(slug))


def find_instrument(name: str) -> Instrument:
    """The instrument of this name, in any spelling: PHQ9, phq-9, 'AUDIT C'. Refused with the names there are."""
    slug = _names().get(_plain(name))
    if slug is None:
        shown = json.dumps(name[:40], ensure_ascii=False)
        raise Refused(f"There is no instrument {shown}; choose one of {', '.join(instruments())}.")
    return load_instrument(slug)


def ordinal_of(element: dict[str, Any]) -> float | None:
    """The points that a FHIR element carries as ordinalValue, None without one."""
    extensions = element.get("extension")
    for one in extensions if isinstance(extensions, list) else []:
        if isinstance(one, dict) and one.get("url") == _ORDINAL:
            points = one.get("valueDecimal")
            return points if isinstance(points, int | float) and not isinstance(points, bool) else None
    return None


def read_instrument(slug: str, document: dict[str, Any]) -> Instrument:
    """An instrument from a document of our shape (questionnaire, licence, scoring), such as a site's own."""
    asked, scoring = document["questionnaire"], document["scoring"]
    total = scoring["total"] or {"items": []}
    days = scoring.get("days") or {"items": [], "codes": []}
    patterns = scoring.get("patterns", [])
    counted = {link for part in [total, *scoring["subscales"]] for link in part["items"]}
    options = {
        item["linkId"]: tuple(map(_option, item["answerOption"])) for item, _ in _questions(asked["item"])
    }
    return Instrument(
        slug=slug,
        title=asked["title"],
        version=asked["version"],
        scoring_version=scoring["version"],
        preface=asked.get("description", ""),
        loinc=_loinc(asked),
        recall_days=scoring["recall_days"],
        items=tuple(
            Item(
                link_id=item["linkId"],
                text=item["text"],
                options=options[item["linkId"]],
                required=item["required"],
                reverse=item["linkId"] in scoring["reverse"],
                scored=item["linkId"] in counted,
                in_days=item["linkId"] in days["items"],
                loinc=_loinc(item),
                asked_when=tuple(_condition(c, options) for c in item.get("enableWhen", [])),
                section=section,
            )
            for item, section in _questions(asked["item"])
        ),
        total_items=tuple(total["items"]),
        total_loinc=total.get("loinc"),
        bands=_bands(scoring["bands"]),
        subscales=tuple(
            Subscale(
                code=s["code"],
                label=s["label"],
                items=tuple(s["items"]),
                better=s["better"],
                loinc=s.get("loinc"),
                mean=s.get("mean", False),
                bands=_bands(s.get("bands", [])),
            )
            for s in scoring["subscales"]
        ),
        flags=tuple(_flag(f) for f in scoring["flags"]),
        alerts=tuple(Alert(**alert) for alert in scoring["alerts"]),
        changes=tuple(SmallestChange(**c) for c in scoring["change"]),
        day_codes=tuple(DayCode(**code) for code in days["codes"]),
        missing_rule=MissingRule(scoring["missing"]["rule"]),
        most_missing=scoring["missing"].get("most", 0),
        licence=Licence(**document["licence"]),
        url=asked["url"],
        aliases=tuple(document.get("aliases", [])),
        edition=scoring.get("edition", ""),
        effective=scoring.get("effective", ""),
        rater=scoring.get("rater", "patient"),
        sections=tuple(
            Section(part["linkId"], part["text"], tuple(i["linkId"] for i, _ in _questions(part["item"])))
            for part in asked["item"]
            if part["type"] == "group"
        ),
        total_label=total.get("label", "Total"),
        total_times=total.get("times", 1),
        weights=tuple(total.get("weights", {}).items()),
        levels=tuple(Level(one["level"], tuple(one["any"])) for one in total.get("levels", [])),
        patterns=tuple(
            Pattern(
                code=p["code"],
                needs=tuple(Need(tuple(n["items"]), n["at_least"], n["count"]) for n in p["needs"]),
                text=p["text"],
                source=p["source"],
                confidence=p.get("confidence", ""),
            )
            for p in patterns
        ),
        overall_highest=scoring.get("overall") == "highest",
        lists=tuple(tuple(order) for order in scoring.get("lists", [])),
        only_missing=tuple(scoring["missing"].get("only", [])),
    )


def _plain(name: str) -> str:
    """Letters and digits alone, small, without accents."""
    bare = unicodedata.normalize("NFKD", name[:200]).casefold()
    return "".join(c for c in bare if c.isascii() and c.isalnum())


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for slug in instruments():
        for name in (slug, load_instrument(slug).title, *load_instrument(slug).aliases):
            names.setdefault(_plain(name), slug)
    return names


def _questions(items: Iterable[dict[str, Any]], section: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """The questions with the words of the group they stand in; groups are opened."""
    for item in items:
        if item["type"] == "group":
            yield from _questions(item["item"], item["text"])
        else:
            yield item, section


def _bands(rows: Iterable[dict[str, Any]]) -> tuple[Band, ...]:
    return tuple(Band(**row) for row in rows)


def _flag(row: dict[str, Any]) -> FlagRule:
    return FlagRule(
        code=row["code"],
        of=row["of"],
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        only_item=row.get("only_item"),
        group=row.get("for"),
        text=row["text"],
        source=row["source"],
        confidence=row.get("confidence", ""),
    )


def _condition(row: dict[str, Any], options: dict[str, tuple[Option, ...]]) -> Condition:
    code = row["answerCoding"]["code"]
    return Condition(row["question"], next(o.value for o in options[row["question"]] if o.code == code))


def _loinc(element: dict[str, Any]) -> str | None:
    return next((coding["code"] for coding in element.get("code", []) if coding["system"] == _LOINC), None)


def _option(option: dict[str, Any]) -> Option:
    points = ordinal_of(option)
    if points is None:
        raise ValueError(f"An answer has no ordinal value: {option}.")
    coding = option["valueCoding"]
    return Option(int(points), coding["display"], coding["code"], coding.get("system", ""))
