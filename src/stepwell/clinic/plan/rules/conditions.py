"""Which condition a problem belongs to, and which diagnoses a plan leaves without a problem."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from stepwell.clinic.plan.rules.data import plan_data


class Condition(StrEnum):
    """What a problem belongs to. Co-occurring conditions are treated in one plan."""

    SUBSTANCE_USE = "substance_use"
    MENTAL_HEALTH = "mental_health"
    PHYSICAL_HEALTH = "physical_health"
    LIFE = "life"

    @property
    def label(self) -> str:
        """What people read."""
        return next(str(row["label"]) for row in plan_data()["conditions"] if row["code"] == self.value)


@dataclass(frozen=True)
class Standing:
    """A diagnosis that stands today. `number` is its row."""

    number: int
    code: str
    text: str


@dataclass(frozen=True)
class Untreated:
    """A diagnosis without a problem in the plan. `refuses`: the plan may not be signed so."""

    diagnosis: Standing
    condition: Condition
    refuses: bool

    @property
    def sentence(self) -> str:
        """What is missing, as a sentence."""
        return (
            f"{self.diagnosis.code} {self.diagnosis.text} has no problem in the plan; "
            "write one or say why it is not worked on here."
        )


def condition_of(code: str) -> Condition:
    """The condition of a diagnosis by its ICD-10-CM code, as the data of the plan say."""
    for row in plan_data()["conditions"]:
        if any(re.match(pattern, code) for pattern in row["codes"]):
            return Condition(row["code"])
    return Condition.PHYSICAL_HEALTH


def untreated(
    standing: Iterable[Standing], treated: Collection[int], deferred: Collection[int]
) -> tuple[Untreated, ...]:
    """Diagnoses that neither a problem names (`treated`) nor the plan puts aside with a reason (`deferred`).

    Those of substance use and of mental health refuse the signature, since both are treated here together; others
    are only said.
    """
    asks = set(plan_data()["conditions_that_need_a_problem"])
    return tuple(
        Untreated(one, (condition := condition_of(one.code)), condition.value in asks)
        for one in standing
        if one.number not in treated and one.number not in deferred
    )


def together(conditions: Iterable[Condition]) -> str | None:
    """One sentence when a plan treats several conditions that occur together; None for one alone."""
    found = [c for c in Condition if c in set(conditions) and c is not Condition.LIFE]
    if len(found) < 2:
        return None
    words = [c.label.lower() for c in found]
    return f"This plan treats {', '.join(words[:-1])} and {words[-1]} together."
