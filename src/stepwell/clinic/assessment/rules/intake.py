"""The intake interview: its sections and fields as data, what an answer may be, and what is still blank."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules.ratings import Dimension
from stepwell.clinic.refusal import Refused

LONGEST = {"words": 8000, "line": 300}
"""Most characters of a text, by the kind of its field."""


class Kind(StrEnum):
    """What is typed into a field."""

    WORDS = "words"
    LINE = "line"
    CHOICE = "choice"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Field:
    """One question. ``says``: how an answer reads in a summary, by choice, or one text with {} for the answer.

    ``raises`` and ``eases``: choices that speak for or against a higher rating of the ``dimensions``.
    """

    key: str
    section: str
    kind: Kind
    ask: str
    about: str
    required: bool
    quoted: bool
    choices: Mapping[str, str]
    least: int
    most: int
    says: Mapping[str, str] | str
    raises: tuple[str, ...]
    eases: tuple[str, ...]
    dimensions: tuple[Dimension, ...]

    def tidy(self, given: object) -> str:
        """The answer as it is kept: text without blanks around it, "" for none.

        Refused with a sentence for what the field does not take.
        """
        text = "" if given is None else re.sub(r"\r\n?", "\n", str(given)).strip()
        if not text:
            return ""
        if "\x00" in text:
            raise Refused(f"“{self.ask}” holds a character that cannot be kept; type it again.")
        if self.kind in LONGEST and len(text) > LONGEST[self.kind]:
            raise Refused(f"“{self.ask}” takes at most {LONGEST[self.kind]:,} characters; shorten it.")
        if self.kind is Kind.CHOICE and text not in self.choices:
            raise Refused(f"“{self.ask}” offers {', '.join(self.choices.values())}; choose one of them.")
        if self.kind is Kind.NUMBER and not (
            re.fullmatch(r"[0-9]{1,4}", text) and self.least <= int(text) <= self.most
        ):
            raise Refused(f"“{self.ask}” takes a whole number from {self.least} to {self.most}.")
        if self.kind is Kind.NUMBER:
            return str(int(text))
        if self.kind is Kind.DAY:
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError as no:
                raise Refused(f"“{self.ask}” takes a date such as 2026-04-15.") from no
        return text

    def shown(self, answer: str) -> str:
        """The answer in the words of its choice; texts as they are."""
        return self.choices.get(answer, answer)


@dataclass(frozen=True)
class Section:
    """One part of the interview. ``dimensions``: the ratings it gives reasons for; ``rows``: a table within it."""

    key: str
    title: str
    rows: str
    dimensions: tuple[Dimension, ...]
    fields: tuple[Field, ...]

    @property
    def required(self) -> bool:
        """Whether something in it must be answered before the interview is signed."""
        return any(field.required for field in self.fields)


@dataclass(frozen=True)
class Substances:
    """What can be chosen in a row of substance use. ``icd``: substance -> category such as F10."""

    labels: Mapping[str, str]
    icd: Mapping[str, str]
    routes: Mapping[str, str]
    frequencies: Mapping[str, str]
    frequent: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """One substance as the person tells of it. Texts are "" and numbers None where nobody knows."""

    substance: str
    named: str = ""
    route: str = ""
    amount: str = ""
    frequency: str = ""
    last_used_on: date | None = None
    first_age: int | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """'Alcohol', or the word that was typed for something else."""
        return self.named or load_substances().labels[self.substance]


@cache
def _file(name: str) -> dict[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", name)
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@cache
def intake_sections() -> tuple[Section, ...]:
    """The sections in the order in which they are asked."""
    return tuple(
        Section(
            s["key"],
            s["title"],
            s["rows"],
            tuple(Dimension(d) for d in s["dimensions"]),
            tuple(_field(f, s) for f in s["fields"]),
        )
        for s in _file("intake.json")["sections"]
    )


def _field(f: dict[str, Any], section: dict[str, Any]) -> Field:
    return Field(
        key=f["key"],
        section=section["key"],
        kind=Kind(f["kind"]),
        ask=f["ask"],
        about=f.get("about", ""),
        required=f.get("required", False),
        quoted=f.get("quoted", False),
        choices=f.get("choices", {}),
        least=f.get("least", 0),
        most=f.get("most", 0),
        says=f.get("says", ""),
        raises=tuple(f.get("raises", ())),
        eases=tuple(f.get("eases", ())),
        dimensions=tuple(Dimension(d) for d in f.get("dimensions", section["dimensions"])),
    )


@cache
def intake_fields() -> Mapping[str, Field]:
    """Every field by its key, in the order in which they are asked."""
    return {field.key: field for section in intake_sections() for field in section.fields}


@cache
def load_substances() -> Substances:
    """Substances, routes and frequencies that a row may hold."""
    data = _file("substances.json")
    return Substances(
        labels={s["key"]: s["label"] for s in data["substances"]},
        icd={s["key"]: s["icd"] for s in data["substances"]},
        routes=data["routes"],
        frequencies=data["frequencies"],
        frequent=tuple(data["frequent"]),
    )


def tidy_answers(given: Mapping[str, object]) -> dict[str, str]:
    """Field key -> answer as it is kept, blank ones too. Refused for a field that is not asked, or a bad answer."""
    fields = intake_fields()
    for key in given:
        if key not in fields:
            raise Refused(f"The interview has no question {key}.")
    return {key: fields[key].tidy(value) for key, value in given.items()}


def tidy_use(rows: Sequence[Use], *, today: date, born: date) -> tuple[Use, ...]:
    """The rows of substance use as they are kept. Refused with a sentence for a value no row can hold."""
    known = load_substances()
    if len(rows) > 30:
        raise Refused("There are at most 30 rows of substances; put what belongs together into one.")
    for row in rows:
        if row.substance not in known.labels:
            raise Refused("Choose the substance of each row from the list.")
        if row.substance == "other" and not row.named.strip():
            raise Refused("Write what “Something else” is.")
        if row.route and row.route not in known.routes:
            raise Refused(f"{row.name}: choose how it is taken from the list.")
        if row.frequency and row.frequency not in known.frequencies:
            raise Refused(f"{row.name}: choose how often from the list.")
        if row.last_used_on is not None and not born <= row.last_used_on <= today:
            raise Refused(
                f"{row.name}: the last use must lie between birth and today, not on {row.last_used_on}."
            )
        if row.first_age is not None and not 0 <= row.first_age <= today.year - born.year:
            raise Refused(f"{row.name}: the age at first use cannot be {row.first_age}; check it.")
    return tuple(rows)


def blank_fields(answers: Mapping[str, str]) -> tuple[Field, ...]:
    """The required fields without an answer; the interview can be signed when there are none."""
    return tuple(f for f in intake_fields().values() if f.required and not answers.get(f.key, "").strip())


def blank_sections(answers: Mapping[str, str]) -> tuple[Section, ...]:
    """The sections in which a required field is blank; the interview is whole when there are none."""
    blank = {field.section for field in blank_fields(answers)}
    return tuple(section for section in intake_sections() if section.key in blank)
