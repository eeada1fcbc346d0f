"""Side effects: how soon somebody must hear of them, and when to look again."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stepwell.clinic.medication.rules.drugs import data
from stepwell.clinic.refusal import Refused


class Severity(StrEnum):
    """How bad a side effect is."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True)
class SideEffectAdvice:
    """How soon somebody must hear of it, and the sentence that says so."""

    urgent: bool
    tell: str


def side_effects() -> tuple[str, ...]:
    """The checklist gone through at each visit."""
    return tuple(data()["side_effects"]["effects"])


def side_effect(effect: str, severity: Severity) -> SideEffectAdvice:
    """What follows from a side effect. Suicidal thoughts are urgent however mild. Refused when unnamed."""
    if not effect.strip():
        raise Refused("Name the side effect.")
    facts = data()["side_effects"]
    row = next(s for s in facts["severities"] if s["code"] == severity.value)
    if effect.strip().casefold() in facts["always_urgent"]:
        return SideEffectAdvice(
            True, "See the person today and ask about suicide; call 988 with them if needed."
        )
    return SideEffectAdvice(row["urgent"], row["tell"])


def look_again_on(severity: Severity, today: date) -> date:
    """The day by which somebody asks again how it is borne."""
    return today + timedelta(days=data("watching")["side_effects"][severity.value])
