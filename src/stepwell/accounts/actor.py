"""Who asks: the one value with which every read starts and every write is signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from stepwell.accounts.permissions import Permission, allows
from stepwell.accounts.roles import STAFF_ROLES, Role


@dataclass(frozen=True)
class Home:
    """The site whose pages a staff member sees: zone and week rule every time shown."""

    site_id: int
    name: str
    zone: str
    week_starts_on: int = 0

    def __bool__(self) -> bool:
        """False for somebody who belongs to no site."""
        return self.site_id != 0


NOWHERE = Home(0, "", "UTC")
"""The home of patients, families, the public and Stepwell itself."""


@dataclass(frozen=True)
class Actor:
    """A person, or Stepwell itself, acting now.

    `roles` maps a site's id to the roles held there today. `staff_id`, `patient_id` and
    `family_ids` (family-member rows, one for each patient the person belongs to) say which
    records are the person's own. `address` and `request_id` go into the audit entry.
    """

    user_id: int | None
    name: str
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    staff_id: int | None = None
    patient_id: int | None = None
    family_ids: tuple[int, ...] = ()
    credential: str = ""
    address: str = ""
    request_id: str = ""
    purpose: str = "treatment"
    home: Home = NOWHERE

    @property
    def is_staff(self) -> bool:
        return self.staff_id is not None and any(r & STAFF_ROLES for r in self.roles.values())

    @property
    def all_roles(self) -> frozenset[Role]:
        found: set[Role] = set()
        for held in self.roles.values():
            found |= held
        if self.patient_id is not None:
            found.add(Role.PATIENT)
        if self.family_ids:
            found.add(Role.FAMILY)
        return frozenset(found)

    def may(self, permission: Permission, site_id: int | None = None) -> bool:
        """By role: at `site_id`, or anywhere when no site is given."""
        if self.user_id is None:
            return self.is_system
        held = self.all_roles if site_id is None else self.roles.get(site_id, frozenset())
        return allows(held, permission)

    def sites_with(self, permission: Permission) -> tuple[int, ...]:
        """Ids of the sites where one of the roles held carries the permission."""
        return tuple(sorted(site for site, held in self.roles.items() if allows(held, permission)))

    @property
    def is_system(self) -> bool:
        return self.user_id is None and self.name in _SYSTEM_NAMES


class Request(HttpRequest):
    """A request as every view gets it: who asks, and the one look at the clock of this request.

    Only for type annotations; `project.asking.WhoAsks` puts both on Django's own request.
    """

    actor: Actor
    at: datetime


_SYSTEM_NAMES = frozenset({"Stepwell"})


def stepwell_itself(*, request_id: str = "") -> Actor:
    """The actor of timers and commands that no person started by hand."""
    return Actor(user_id=None, name="Stepwell", address="local", request_id=request_id, purpose="operations")


def the_public(*, address: str = "", request_id: str = "") -> Actor:
    """Somebody without a login, on a public page."""
    return Actor(user_id=None, name="Public", address=address, request_id=request_id, purpose="inquiry")
