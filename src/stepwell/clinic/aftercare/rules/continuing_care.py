"""The sections of a plan for continuing care, and the short questions of a call after discharge, as data."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True)
class CareSection:
    """One section: key, title, what it asks for."""

    key: str
    title: str
    asks: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One short question; `answers`: key -> words; `worrying`: answers at which somebody must look."""

    key: str
    title: str
    answers: Mapping[str, str]
    worrying: frozenset[str]


@cache
def load_care_sections() -> tuple[CareSection, ...]:
    """The sections that ship with this version, in order."""
    return tuple(CareSection(**row) for row in _read("continuing-care.json")["sections"])


@cache
def load_questions() -> tuple[Question, ...]:
    """The questions that ship with this version, in order."""
    return tuple(
        Question(
            key=row["key"], title=row["title"], answers=row["answers"], worrying=frozenset(row["worrying"])
        )
        for row in _read("follow-up.json")["questions"]
    )


def unknown_answers(answers: Mapping[str, str], questions: Iterable[Question] | None = None) -> list[str]:
    """Keys of answers that no question offers; empty when all fit."""
    known = {q.key: q for q in (load_questions() if questions is None else questions)}
    return [key for key, answer in answers.items() if key not in known or answer not in known[key].answers]


def worries(answers: Mapping[str, str], questions: Iterable[Question] | None = None) -> tuple[str, ...]:
    """What somebody must look at, in words, such as 'Wants to come back: yes'."""
    return tuple(
        f"{q.title}: {q.answers[answers[q.key]]}"
        for q in (load_questions() if questions is None else questions)
        if answers.get(q.key) in q.worrying
    )


def _read(name: str) -> Any:
    return json.loads(files("stepwell.clinic.aftercare").joinpath("data", name).read_text("utf-8"))
