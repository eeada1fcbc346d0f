"""Admission, steps, transfer and discharge: can it be done, and if not, why."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules.levels import Level, level_name, offered_levels
from stepwell.clinic.placement.rules.recommend import Decision, Measured, gate_codes, gates
from stepwell.clinic.refusal import Refused


class OverrideReason(StrEnum):
    """Why the actual level differs from the recommended one."""

    PATIENT_CHOICE = "patient-choice"
    LEVEL_UNAVAILABLE = "level-unavailable"
    PAYER_DENIAL = "payer-denial"
    LEGAL_MANDATE = "legal-mandate"
    GEOGRAPHY = "geography"
    CLINICAL_JUDGMENT = "clinical-judgment"
    WAITING_LIST = "waiting-list"


@dataclass(frozen=True)
class Override:
    """A clinician's decision against the recommendation; ``note`` says it in a sentence."""

    reason: OverrideReason
    note: str


@dataclass(frozen=True)
class Admission:
    """What is recorded: the level recommended and the level given, and why when they differ."""

    level: Level
    indicated: Level
    override: Override | None


class StepKind(StrEnum):
    """The ways an episode moves."""

    STEP_UP = "step_up"
    STEP_DOWN = "step_down"
    TRANSFER = "transfer"


@dataclass(frozen=True)
class Step:
    """A move that can be made."""

    kind: StepKind
    before: Level
    after: Level


@dataclass(frozen=True)
class DischargeReason:
    """A reason of the national list. ``positive``: counts as a good end (completed or transferred)."""

    code: int
    slug: str
    label: str
    positive: bool


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.placement").joinpath("data", "moves.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def override_label(reason: OverrideReason) -> str:
    """The reason in words."""
    return next(str(row["label"]) for row in _data()["overrides"] if row["code"] == reason.value)


def discharge_reasons() -> tuple[DischargeReason, ...]:
    """The reasons for discharge, in the order of the national list (TEDS-D)."""
    return tuple(DischargeReason(**row) for row in _data()["discharge_reasons"])


def may_admit(
    decision: Decision,
    level: Level,
    override: Override | None = None,
    *,
    offered: Collection[Level] | None = None,
) -> Admission:
    """The admission to record. Refused while undecided, in an emergency, at a gate, or without a reason.

    ``offered``: the levels of this program; outpatient, intensive outpatient and partial hospitalization if None.
    """
    if decision.level is None:
        names = ", ".join(decision.missing)
        raise Refused(f"The level of care is not decided yet: rate {names} first.")
    if not decision.admit:
        raise Refused(decision.reasons[0].text)
    for gate in decision.gates:
        if level in gate.blocks:
            raise Refused(gate.sentence)
    _is_offered(level, offered)
    if level is decision.level:
        return Admission(level, decision.level, None)
    if override is None:
        raise Refused(
            f"Level {decision.level} is recommended; choose a reason to admit to level {level} instead."
        )
    if level < decision.level and not override.note.strip():
        raise Refused(
            f"Level {level} is less than the recommended level {decision.level}; "
            "write in a sentence why it is safe."
        )
    return Admission(level, decision.level, override)


def may_come_in(level: Level, scores: Iterable[Measured]) -> None:
    """Refused while a measured withdrawal score closes the gate of the level."""
    for gate in gates(dict.fromkeys(gate_codes(), False), scores):
        if level in gate.blocks:
            raise Refused(gate.sentence)


def may_step(
    current_level: Level, to: Level, kind: StepKind, *, offered: Collection[Level] | None = None
) -> Step:
    """The step to record. Refused when the direction is wrong or the program does not offer the level.

    A transfer goes to another program, so any level is allowed.
    """
    match kind:
        case StepKind.STEP_UP if to <= current_level:
            raise Refused(f"Level {to} is not more care than level {current_level}; choose a higher level.")
        case StepKind.STEP_DOWN if to >= current_level:
            raise Refused(f"Level {to} is not less care than level {current_level}; choose a lower level.")
        case StepKind.STEP_UP | StepKind.STEP_DOWN:
            _is_offered(to, offered)
        case StepKind.TRANSFER:
            pass
    return Step(kind, current_level, to)


def may_discharge(reason: int | str) -> DischargeReason:
    """The discharge reason with this code of the national list, or its slug. Refused for one not on it."""
    for known in discharge_reasons():
        if reason in (known.code, known.slug):
            return known
    raise Refused(f"There is no discharge reason {reason}; choose one from the list.")


def _is_offered(level: Level, offered: Collection[Level] | None) -> None:
    # A program that works by both editions offers what either calls so: 1 and 1.5 are the same weekly counseling.
    here = offered_levels() | offered_levels(edition=Edition.FOURTH) if offered is None else offered
    shown = offered_levels() if offered is None else offered
    if level not in here:
        names = ", ".join(f"{one} ({level_name(one).lower()})" for one in sorted(shown))
        raise Refused(
            f"Level {level}, {level_name(level).lower()}, is not offered here; this program has {names}. "
            "Refer or transfer the person to a program that offers it."
        )
