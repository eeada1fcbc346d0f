"""Who and what is there: the clinic's rows as they come to be, and one `Life` for each invented person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.cli.demo.data import read
from stepwell.cli.demo.diary import Diary

SEED = "stepwell demo clinic 1"


def dice(*of: object) -> Random:
    """Dice that always fall the same for the same words, whatever else was thrown before."""
    return Random(":".join([SEED, *map(str, of)]))  # noqa: S311 - invented lives, not secrets


@dataclass
class Life:
    """One invented person: what the file says, and the rows made of it so far."""

    number: int
    facts: Mapping[str, Any]
    inquiry: Any = None
    patient: Any = None
    actor: Any = None
    policy: Any = None
    family: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, Any] = field(default_factory=dict)
    diagnoses: list[Any] = field(default_factory=list)
    episode: Any = None
    plan: Any = None
    objectives: list[Any] = field(default_factory=list)
    path: str = ""
    enrolled: dict[str, Any] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)
    left: bool = False

    @property
    def name(self) -> str:
        return f"{self.facts['given']} {self.facts['family']}"

    @property
    def called(self) -> str:
        return str(self.facts.get("preferred") or self.facts["given"])

    @property
    def stage(self) -> str:
        return str(self.facts["stage"])

    @property
    def in_treatment(self) -> bool:
        return self.episode is not None and not self.left

    @property
    def substance(self) -> str:
        """The first three signs of the primary diagnosis: F10 is alcohol, F11 opioids."""
        return str(self.facts["primary"][0][:3])


@dataclass
class Clinic:
    """The site and everybody in it."""

    diary: Diary
    site: Any = None
    rooms: dict[str, Any] = field(default_factory=dict)
    staff: dict[str, Any] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    payers: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    lives: list[Life] = field(default_factory=list)
    seats: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[datetime, datetime, set[str]]] = field(default_factory=list)
    expected: dict[int, list[int]] = field(default_factory=dict)
    left_open: dict[str, set[tuple[str, date]]] = field(default_factory=dict)

    def key_of_staff(self, staff_id: int | None) -> str | None:
        return next((key for key, row in self.staff.items() if row.pk == staff_id), None)

    def by_patient(self) -> dict[int, Life]:
        return {life.patient.pk: life for life in self.lives if life.patient is not None}

    def free(self, starts: datetime, ends: datetime, who: str, room: str, life: Life) -> bool:
        """Whether neither groups nor single sessions of the week hold one of them; evening groups lie later."""
        if any(
            starts < until and since < ends and things & {who, room, life.name}
            for since, until, things in self.taken
        ):
            return False
        clock = starts.astimezone(self.diary.zone)
        for row in read("clinic")["groups"]:
            if who != row["facilitator"] and room != row["room"] and row["key"] not in life.enrolled:
                continue
            for weekday, begins, minutes in row["meetings"]:
                first = self.diary.moment(clock.date(), begins)
                if (
                    weekday == clock.weekday()
                    and starts < first + timedelta(minutes=minutes)
                    and first < ends
                ):
                    return False
        return True

    def life(self, name: str) -> Life:
        """The person of that name."""
        return next(life for life in self.lives if life.name == name)

    def counselor_of(self, life: Life) -> str:
        """The key of the primary counselor: evening people have the one who is there in the evening."""
        if life.facts["track"] in ("evening", "op"):
            return ("facilitator", "haddad")[life.number % 2]
        return ("counselor", "haddad", "facilitator")[life.number % 3]


def texts(*path: str) -> Any:
    """A part of `texts.json`."""
    found: Any = read("texts")
    for step in path:
        found = found[step]
    return found


def pick(of: Sequence[Any], *words: object) -> Any:
    """One of them, always the same for the same words."""
    return dice(*words).choice(of)


def moment_words(at: datetime) -> str:
    """An instant as a word for dice."""
    return at.date().isoformat()
