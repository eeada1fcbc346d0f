"""What speaks for a rating, and words to begin with: both made from the answers, for the clinician to change."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules.intake import (
    Field,
    Kind,
    Use,
    intake_fields,
    intake_sections,
    load_substances,
)
from stepwell.clinic.assessment.rules.ratings import Dimension

_QUOTED_AT_MOST = 240


class Leaning(StrEnum):
    """Which way a fact speaks."""

    RAISES = "raises"
    EASES = "eases"
    TOLD = "told"


@dataclass(frozen=True)
class Evidence:
    """One fact behind a rating. ``key``: where it stands, such as 'answer:withdrawal.seizures' or 'score:12'."""

    key: str
    label: str
    said: str
    leaning: Leaning
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True)
class ScoreSaid:
    """A complete score on file: its number, questionnaire, points (None without a total) and words."""

    number: int
    instrument: str
    title: str
    points: float | None
    words: str


@cache
def _weights() -> Mapping[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", "evidence.json")
    return {row["instrument"]: row for row in json.loads(path.read_text("utf-8"))["instruments"]}


def evidence(
    answers: Mapping[str, str], uses: Sequence[Use] = (), scores: Iterable[ScoreSaid] = ()
) -> tuple[Evidence, ...]:
    """Every fact on file that bears on a dimension, in the order of the interview, scores last."""
    found = [_answered(f, answers[f.key]) for f in intake_fields().values() if _counts(f, answers)]
    found += [_used(number, use) for number, use in enumerate(uses)]
    for one in scores:
        weight = _weights().get(one.instrument)
        if weight is not None:
            high = (
                one.points is not None
                and weight["raises_from"] is not None
                and one.points >= weight["raises_from"]
            )
            leaning = Leaning.RAISES if high else Leaning.TOLD
            dimensions = tuple(Dimension(d) for d in weight["dimensions"])
            found.append(Evidence(f"score:{one.number}", one.title, one.words, leaning, dimensions))
    return tuple(found)


def evidence_for(dimension: Dimension, found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The facts that bear on one dimension, those that raise it first."""
    order = list(Leaning)
    mine = [one for one in found if dimension in one.dimensions]
    return tuple(sorted(mine, key=lambda one: order.index(one.leaning)))


def draft_reason(cited: Sequence[Evidence]) -> str:
    """A reason to begin with, from the facts cited; "" when nothing is cited. For the clinician to change."""
    parts = []
    for leaning, opening in (
        (Leaning.RAISES, "Speaks for a higher rating"),
        (Leaning.EASES, "Speaks against"),
    ):
        said = [one.said for one in cited if one.leaning is leaning]
        if said:
            parts.append(f"{opening}: {'; '.join(said)}.")
    told = [one.said for one in cited if one.leaning is Leaning.TOLD]
    if told:
        parts.append(f"Told: {'; '.join(text.rstrip('.') for text in told)}.")
    return " ".join(parts)


def draft_summary(called: str, answers: Mapping[str, str], uses: Sequence[Use] = ()) -> str:
    """The interview as a few lines, one for each section in which something is said. For the clinician to change."""
    lines = []
    for section in intake_sections():
        if section.key == "summary":
            continue
        own = [_prose(f, answers[f.key]) for f in section.fields if answers.get(f.key, "")]
        if section.rows == "substances":
            own += [use_words(use) for use in uses]
        written = [text for text in own if text]
        if written:
            lines.append(f"{section.title}: {' '.join(_sentence(text) for text in written)}")
    return f"{called} was interviewed.\n" + "\n".join(lines) if lines else ""


def use_words(use: Use) -> str:
    """'Fentanyl, smoked, daily, half a gram; last used 3 Nov 2026; first at 19'."""
    known = load_substances()
    how = [
        known.routes.get(use.route, "").lower(),
        known.frequencies.get(use.frequency, "").lower(),
        use.amount,
    ]
    parts = [", ".join([use.name, *(text for text in how if text)])]
    if use.last_used_on is not None:
        parts.append(f"last used {use.last_used_on:%-d %b %Y}")
    if use.first_age is not None:
        parts.append(f"first at {use.first_age}")
    return "; ".join([*parts, *([use.note] if use.note else [])])


def _counts(field: Field, answers: Mapping[str, str]) -> bool:
    return (
        bool(answers.get(field.key, "")) and bool(field.dimensions) and bool(_said(field, answers[field.key]))
    )


def _answered(field: Field, answer: str) -> Evidence:
    leaning = (
        Leaning.RAISES if answer in field.raises else Leaning.EASES if answer in field.eases else Leaning.TOLD
    )
    return Evidence(f"answer:{field.key}", field.ask, _said(field, answer), leaning, field.dimensions)


def _used(number: int, use: Use) -> Evidence:
    often = use.frequency in load_substances().frequent
    return Evidence(
        f"use:{number}",
        "Substance use",
        use_words(use),
        Leaning.RAISES if often else Leaning.TOLD,
        (Dimension.WITHDRAWAL, Dimension.RELAPSE),
    )


def _said(field: Field, answer: str) -> str:
    """How the answer reads as a fact; "" for one that says nothing on its own."""
    if isinstance(field.says, str) and field.says:
        return field.says.format(answer)
    if not isinstance(field.says, str):
        return field.says.get(answer, "")
    if field.kind is not Kind.WORDS:
        return ""
    short = " ".join(answer.split())
    return f"“{short[: _QUOTED_AT_MOST - 1]}…”" if len(short) > _QUOTED_AT_MOST else f"“{short}”"


def _prose(field: Field, answer: str) -> str:
    """How the answer reads in the summary: whole texts as typed, the person's own words in quotes."""
    if field.kind is Kind.WORDS:
        return f"“{answer}”" if field.quoted else answer
    if field.kind is Kind.LINE and not field.says:
        return f"{field.ask.rstrip('?')}: {answer}"
    return _said(field, answer)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "”", "…")) else f"{text}."
