"""The safety questions of the intake interview: placement's hard gates stand on their answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class SafetyQuestion:
    """A question with three answers: yes, no, not known."""

    key: str
    title: str
    ask: str


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
