"""Instruments as data: what is asked, which answers exist, how they are scored, whose words they are.

Each file in ``assessment/data/instruments`` holds a FHIR R4 Questionnaire, and beside it the scoring and the
licence. A site adds an instrument by adding a file; no code knows any instrument by name.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused

_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_LOINC = "http://loinc.org"


class MissingRule(StrEnum):
    """What happens when required answers are missing. A total is never made up silently under any of them."""

    REJECT = "reject"  # nothing is scored
    PRORATE = "prorate"  # no total, but an estimate labelled as one when only a few are missing
    FLAG = "flag"  # no total, but subscales that are whole are scored


@dataclass(frozen=True)
class Option:
    """One answer: its points and its words."""

    value: int
    label: str
    code: str


@dataclass(frozen=True)
class Item:
    """One question. ``reverse``: the points count backward. ``in_days``: may be answered as a number of days."""

    link_id: str
    text: str
    options: tuple[Option, ...]
    required: bool
    reverse: bool
    scored: bool
    in_days: bool
    loinc: str | None

    def points(self, value: int) -> int:
        """The points of an answer, turned round for a reverse item."""
        values = [option.value for option in self.options]
        return max(values) + min(values) - value if self.reverse else value


@dataclass(frozen=True)
class Band:
    """A range of totals with a name, both ends included."""

    code: str
    label: str
    low: int
    high: int
    source: str


@dataclass(frozen=True)
class Subscale:
    """Items that are added up on their own. ``better`` says which way is up: 'lower' or 'higher'."""

    code: str
    label: str
    items: tuple[str, ...]
    better: str
    loinc: str | None


@dataclass(frozen=True)
class FlagRule:
    """A cut-off on the total or a subscale. ``group`` narrows it to 'men' or 'women'."""

    code: str
    of: str
    at_least: int | None
    at_most: int | None
    only_item: str | None
    group: str | None
    text: str
    source: str


@dataclass(frozen=True)
class Alert:
    """A single answer that must be seen today, whatever the total."""

    code: str
    item: str
    at_least: int
    text: str
    source: str


@dataclass(frozen=True)
class SmallestChange:
    """The smallest change that means something; ``points`` is None where nobody agrees on one."""

    of: str
    points: int | None
    better: str
    source: str


@dataclass(frozen=True)
class DayCode:
    """A range of days, both ends included, and the code it is recorded as."""

    code: int
    low: int
    high: int


@dataclass(frozen=True)
class Licence:
    """Whose words these are. ``text_shipped`` False: item texts are short labels of our own."""

    holder: str
    terms: str
    text_from: str
    text_shipped: bool


@dataclass(frozen=True)
class Instrument:
    """A questionnaire and its scoring, exactly as the data file declares them."""

    slug: str
    title: str
    version: str
    scoring_version: str
    preface: str
    loinc: str | None
    recall_days: int
    items: tuple[Item, ...]
    total_items: tuple[str, ...]
    total_loinc: str | None
    bands: tuple[Band, ...]
    subscales: tuple[Subscale, ...]
    flags: tuple[FlagRule, ...]
    alerts: tuple[Alert, ...]
    changes: tuple[SmallestChange, ...]
    day_codes: tuple[DayCode, ...]
    missing_rule: MissingRule
    most_missing: int
    licence: Licence

    def item(self, link_id: str) -> Item:
        """The item with this link id. KeyError if there is none."""
        for item in self.items:
            if item.link_id == link_id:
                return item
        raise KeyError(link_id)


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


def read_instrument(slug: str, document: dict[str, Any]) -> Instrument:
    """An instrument from a document of our shape (questionnaire, licence, scoring), such as a site's own."""
    asked, scoring = document["questionnaire"], document["scoring"]
    total = scoring["total"] or {"items": []}
    days = scoring.get("days") or {"items": [], "codes": []}
    counted = {link for part in [total, *scoring["subscales"]] for link in part["items"]}
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
                options=tuple(_option(option) for option in item["answerOption"]),
                required=item["required"],
                reverse=item["linkId"] in scoring["reverse"],
                scored=item["linkId"] in counted,
                in_days=item["linkId"] in days["items"],
                loinc=_loinc(item),
            )
            for item in asked["item"]
        ),
        total_items=tuple(total["items"]),
        total_loinc=total.get("loinc"),
        bands=tuple(Band(**band) for band in scoring["bands"]),
        subscales=tuple(
            Subscale(s["code"], s["label"], tuple(s["items"]), s["better"], s.get("loinc"))
            for s in scoring["subscales"]
        ),
        flags=tuple(
            FlagRule(
                code=f["code"],
                of=f["of"],
                at_least=f.get("at_least"),
                at_most=f.get("at_most"),
                only_item=f.get("only_item"),
                group=f.get("for"),
                text=f["text"],
                source=f["source"],
            )
            for f in scoring["flags"]
        ),
        alerts=tuple(Alert(**alert) for alert in scoring["alerts"]),
        changes=tuple(SmallestChange(**c) for c in scoring["change"]),
        day_codes=tuple(DayCode(**code) for code in days["codes"]),
        missing_rule=MissingRule(scoring["missing"]["rule"]),
        most_missing=scoring["missing"].get("most", 0),
        licence=Licence(**document["licence"]),
    )


def _loinc(element: dict[str, Any]) -> str | None:
    return next((coding["code"] for coding in element.get("code", []) if coding["system"] == _LOINC), None)


def _option(option: dict[str, Any]) -> Option:
    ordinal = next(e["valueDecimal"] for e in option["extension"] if e["url"] == _ORDINAL)
    coding = option["valueCoding"]
    return Option(value=int(ordinal), label=coding["display"], code=coding["code"])
