"""Makes the people and places that tests speak of. Each step's own things are made by its actions."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Credential, FamilyMember, Patient, Room, Site, Staff, StaffRole
from stepwell.clinic.people.queries import actor_of

NOW = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)  # a Wednesday, 10 am in New York
TODAY = date(2026, 3, 18)
_numbers = itertools.count(1)


def make_site(name: str = "", **facts: Any) -> Site:
    """A site with the same number in each test: statements kept as text (`clinic.prepared`) are written once for all."""
    return Site.objects.create(
        **{
            "pk": 1_000_000 + Site.objects.count(),
            "name": name or f"Site {next(_numbers)}",
            "zone": "America/New_York",
            "crisis_line": "555-0100",
            **facts,
        }
    )


def make_room(site: Site, **facts: Any) -> Room:
    return Room.objects.create(site=site, **{"name": f"Room {next(_numbers)}", "capacity": 12, **facts})


def make_staff(site: Site, *roles: Role, name: str = "", credential: str = "LPC", **facts: Any) -> Staff:
    number = next(_numbers)
    name = name or f"Staff {number}"
    user = User.objects.create(email=f"staff{number}@example.org", name=name, is_staff=True)
    staff = Staff.objects.create(
        user=user, site=site, name=name, short_name=name.split()[-1], starts_on=date(2020, 1, 1), **facts
    )
    for role in roles or (Role.COUNSELOR,):
        StaffRole.objects.create(staff=staff, role=role, site=site, starts_on=date(2020, 1, 1))
    if credential:
        Credential.objects.create(
            staff=staff, kind=credential, issued_on=date(2020, 1, 1), expires_on=date(2030, 1, 1)
        )
    return staff


def actor(staff: Staff, *, at: datetime = NOW) -> Actor:
    """Who acts when this staff member does."""
    return actor_of(staff.user, at=at, address="127.0.0.1", request_id="test")


def make_patient(site: Site, given_name: str = "Ana", family_name: str = "Reyes", **facts: Any) -> Patient:
    """By the real action, registered by an admissions coordinator made for it."""
    birth_date = facts.pop("birth_date", date(1990, 5, 4))
    return people.register_patient(
        by=actor(make_staff(site, Role.ADMISSIONS)),
        at=NOW,
        site=site,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        facts=facts,
    )


def make_login(patient: Patient) -> User:
    user = User.objects.create(email=f"patient{next(_numbers)}@example.org", name=patient.full_name)
    Patient.objects.filter(pk=patient.pk).update(user=user)
    patient.user = user
    return user


def make_family_member(patient: Patient, name: str = "Maria Reyes", **facts: Any) -> FamilyMember:
    user = User.objects.create(email=f"family{next(_numbers)}@example.org", name=name)
    return FamilyMember.objects.create(patient=patient, user=user, name=name, relation="mother", **facts)
