"""The safety questions of the intake interview: placement's hard gates stand on their answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from stepwell.clinic.assessment.rules.intake import intake_fields
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class SafetyQuestion:
    """A question with three answers: yes, no, not known. ``told_by``: answers of the interview that say yes to it."""

    key: str
    title: str
    ask: str
    told_by: Mapping[str, str] = field(default_factory=dict)


@cache
def safety_questions() -> tuple[SafetyQuestion, ...]:
    """The questions in the order in which they are asked."""
    path = files("stepwell.clinic.assessment").joinpath("data", "safety-questions.json")
    return tuple(SafetyQuestion(**row) for row in json.loads(path.read_text("utf-8"))["questions"])


def safety_answers(given: Mapping[str, object]) -> dict[str, bool | None]:
    """Every question with True, False or None for not known. Refused for another question or answer."""
    keys = [question.key for question in safety_questions()]
    for key, answer in given.items():
        if key not in keys:
            raise Refused(f"There is no safety question {key}.")
        if answer is not None and not isinstance(answer, bool):
            raise Refused("A safety question is answered yes, no or not known.")
    return {key: given.get(key) for key in keys}  # type: ignore[misc]  # checked just above


def told_already(answers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Key of a safety question -> what the interview says that speaks for a yes, in words. Never asked twice; whether
    it still holds, after a detox for one, is the clinician's judgment."""
    fields = intake_fields()
    found: dict[str, tuple[str, ...]] = {}
    for question in safety_questions():
        said = []
        for key, answer in question.told_by.items():
            words = fields[key].says
            if answers.get(key) == answer and not isinstance(words, str):
                said.append(words[answer])
        if said:
            found[question.key] = tuple(said)
    return found
