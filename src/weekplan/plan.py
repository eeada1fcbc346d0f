"""The plan: the week that the optimiser answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from weekplan.case import Mode, Span


class Status(StrEnum):
    OPTIMAL = "optimal"  # no better week exists
    FEASIBLE = "feasible"  # every hard rule is kept; `bound` says how much better a week could be at most
    INFEASIBLE = "infeasible"  # what stands already breaks a hard rule


@dataclass(frozen=True, slots=True)
class Session:
    """One session of the week: of a group (`offer`), or of one patient (`owed`)."""

    id: str
    offer: str | None
    owed: str | None
    kind: str
    span: Span
    mode: Mode
    room: str | None
    leaders: tuple[str, ...]
    people: tuple[str, ...]
    fixed: str = "no"
    others: int = 0


@dataclass(frozen=True, slots=True)
class Met:
    """What one patient gets: minutes, and what is missing of it."""

    patient: str
    ordered: int
    minutes: int
    short: int
    doses_short: tuple[tuple[str, int], ...]
    owed_missing: tuple[str, ...]
    days: int
    countable_days: int
    days_missing: int


@dataclass(frozen=True, slots=True)
class Mend:
    """One way to lessen a shortfall."""

    sentence: str
    minutes: int  # fewer minutes short for this patient
    cost: int  # change of the week's cost without the shortfall's own points
    also: tuple[str, ...]  # others who gain


@dataclass(frozen=True, slots=True)
class Shortfall:
    patient: str
    minutes: int
    doses: tuple[tuple[str, int], ...]
    owed: tuple[str, ...]
    because: str
    mends: tuple[Mend, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    case: str
    status: Status
    sessions: tuple[Session, ...]
    cost: int
    costs: dict[str, int]  # points by wish, named as in `Weights`
    bound: int | None  # no week can cost less; None: not computed
    seconds: float
    seed: int
    met: tuple[Met, ...]
    shortfalls: tuple[Shortfall, ...] = ()
