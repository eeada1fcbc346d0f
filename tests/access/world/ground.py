"""Who is in the world, and where every row of it is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Site, Staff
from stepwell.clinic.timetable.models import Occurrence, TherapyGroup
from tests.making import actor

MISSING = 987654321
"""An id that no row has."""

MISSING_CODE = "ZZZZ"
P, Q, S = "quokkap", "quokkaq", "quokkas"
B = "quokkab"
"""The canary of site B itself: its name, its staff, its rooms and groups."""

PHONES = {P: "404-555-7101", Q: "404-555-7202", S: "404-555-7303"}


@dataclass
class Clinic:
    """A site with one login for each role, its groups and its sessions."""

    site: Site
    staff: dict[Role, Staff]
    session: Occurrence
    """Of today, over, its note a draft: what staff still have to do."""
    signed: Occurrence
    coming: Occurrence
    group: TherapyGroup
    rows: dict[str, Any] = field(default_factory=dict)

    def by(self, role: Role) -> Actor:
        return actor(self.staff[role])


@dataclass
class World:
    """`rows`: kind -> person (P, Q or S) -> the value that stands in an address. `logins`: who -> user id."""

    rows: dict[str, dict[str, Any]]
    logins: dict[str, int]
    codes: dict[str, str]
    tablet: dict[str, str]
    """Who -> the code with which her turn at the tablet is opened."""
    secrets: dict[str, str]
    """What nobody reads on any page yet: seeds of draws and of rewards that are not over."""

    def value(self, kind: str, person: str) -> Any:
        assert kind in self.rows, (
            f"The access matrix has no row of kind {kind!r}: make one for P, Q and S in tests/access/world/."
        )
        if person == "missing":
            example = self.rows[kind][P]
            return MISSING if isinstance(example, int) else MISSING_CODE
        return self.rows[kind][person]


class Ground:
    """Remembers each row under its kind and its person."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.logins: dict[str, int] = {}
        self.tablet: dict[str, str] = {}
        """Who -> the code with which her turn at the tablet is opened."""

    def put(self, kind: str, who: str, value: Any) -> None:
        self.rows.setdefault(kind, {})[who] = value
