"""Check-ins, plans and homework by the real actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.recovery import actions
from stepwell.clinic.recovery.models import CheckIn, Homework
from tests.making import NOW, TODAY, actor, make_login, make_staff


def patient_acting(patient: Patient, *, at: datetime = NOW) -> Actor:
    """The patient, logged in."""
    user = patient.user or make_login(patient)
    return actor_of(user, at=at)


def family_acting(member: FamilyMember, *, at: datetime = NOW) -> Actor:
    return actor_of(member.user, at=at)


def make_check_in(patient: Patient, key: str = "k1", *, at: datetime = NOW, **said: Any) -> CheckIn:
    return actions.check_in(by=patient_acting(patient, at=at), at=at, patient=patient, once_key=key, **said)


def make_homework(
    patient: Patient, *, by: Actor | None = None, at: datetime = NOW, **changed: Any
) -> Homework:
    facts = {
        "title": "Riding out an urge",
        "instructions": "Read two pages and write down one thing you will try.",
        "due_on": TODAY,
        **changed,
    }
    by = by or actor(make_staff(patient.site, Role.COUNSELOR))
    return actions.give_homework(by=by, at=at, patient=patient, **facts)
