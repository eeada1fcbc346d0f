"""The house of a made case: its blocks of ninety minutes, the groups it can hold, the people who lead them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from weekplan.case import DAY, Mode, Span

BLOCK: Final = 90
BOTH: Final = frozenset(Mode)
ON_SITE: Final = frozenset({Mode.ON_SITE})
SATURDAY: Final = 5

_MORNING, _AFTERNOON, _EVENING = (540, 645), (780, 885), (1050, 1155)
HALVES: Final = (_MORNING, _AFTERNOON, _EVENING)
"""The two blocks of each half of a day, with a quarter of an hour between them."""

OWED_MINUTES: Final = 60
_OWED_STARTS: Final = (540, 645, 690, 750, 780, 885, 960, 990, 1050, 1155)


def blocks(day: int, half: int) -> tuple[int, int]:
    """The two starts of a half day, in minutes of the week."""
    first, second = HALVES[half]
    return day * DAY + first, day * DAY + second


def cells() -> tuple[int, ...]:
    """Every start of a block: six on each weekday, two on Saturday morning."""
    week = [start for day in range(5) for half in range(3) for start in blocks(day, half)]
    return (*week, *blocks(SATURDAY, 0))


def owed_starts() -> tuple[int, ...]:
    """When an individual or family session may begin."""
    week = [day * DAY + minute for day in range(5) for minute in _OWED_STARTS]
    return (*week, SATURDAY * DAY + 540, SATURDAY * DAY + 645, SATURDAY * DAY + 690)


def opening_hours() -> tuple[Span, ...]:
    week = [Span(day * DAY + 480, day * DAY + 1260) for day in range(5)]
    return (*week, Span(SATURDAY * DAY + 480, SATURDAY * DAY + 840))


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the house can hold. `at_least`: patients of the house from which on it has this group."""

    id: str
    kind: str
    most: int
    each: int
    modes: frozenset[Mode] = BOTH
    needs: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    tracks: frozenset[str] = frozenset()
    topic: str | None = None
    leaders: int = 1
    at_least: int = 0


_TRAUMA = frozenset({"trauma"})
_SPANISH = frozenset({"spanish"})
_NURSE = frozenset({"nurse"})

GROUPS: Final = (
    Group("process", "process", 10, 3),
    Group("womens-process", "process", 10, 2, needs=frozenset({"women"}), at_least=25),
    Group("trauma-process", "process", 8, 2, ON_SITE, _TRAUMA, _TRAUMA, leaders=2, at_least=50),
    Group("cbt-skills", "skills", 12, 3),
    Group("dbt-skills", "skills", 10, 2, at_least=20),
    Group("trauma-skills", "skills", 8, 2, BOTH, _TRAUMA, _TRAUMA, at_least=25),
    Group("habilidades", "skills", 10, 2, BOTH, _SPANISH, _SPANISH, at_least=40),
    Group("evening-relapse", "skills", 12, 2, tracks=frozenset({"evening"}), at_least=50),
    Group("brain-and-addiction", "education", 16, 1, topic="brain-and-addiction"),
    Group("triggers", "education", 16, 1, topic="triggers"),
    Group("communication", "education", 16, 1, topic="communication", at_least=40),
    Group("aftercare", "education", 16, 1, topic="aftercare", at_least=80),
    Group("peer-support", "peer", 12, 2),
    Group("mindfulness", "holistic", 12, 2, ON_SITE, features=frozenset({"mats"})),
    Group("family-education", "family", 16, 1, leaders=2, at_least=60),
    Group("family-evening", "family", 16, 1, at_least=25),
    Group("medication", "medical", 12, 1, ON_SITE, credentials=_NURSE, at_least=25),
    Group("work-and-money", "case_management", 12, 1, at_least=15),
)

TOPICS: Final = tuple(group.topic for group in GROUPS if group.topic is not None)


@dataclass(frozen=True, slots=True)
class Profession:
    """What a facilitator of this profession holds and leads. `counsels`: carries a caseload."""

    name: str
    credentials: frozenset[str]
    leads: frozenset[str]
    counsels: bool = True


PROFESSIONS: Final = (
    Profession(
        "social-worker",
        frozenset({"licensed", "trauma"}),
        frozenset({"process", "skills", "education", "family", "holistic", "individual", "case_management"}),
    ),
    Profession(
        "counselor",
        frozenset({"licensed"}),
        frozenset({"process", "skills", "education", "peer", "individual", "holistic", "case_management"}),
    ),
    Profession(
        "family-therapist",
        frozenset({"licensed", "trauma"}),
        frozenset({"family", "process", "skills", "education", "individual", "holistic"}),
    ),
    Profession(
        "addiction-counselor",
        frozenset({"addiction"}),
        frozenset({"process", "skills", "education", "peer", "individual", "case_management"}),
    ),
    Profession(
        "nurse", frozenset({"nurse"}), frozenset({"medical", "education", "holistic"}), counsels=False
    ),
    Profession(
        "peer", frozenset({"peer"}), frozenset({"peer", "holistic", "case_management"}), counsels=False
    ),
)
