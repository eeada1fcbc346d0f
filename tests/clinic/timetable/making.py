"""Makes groups that meet and patients in treatment, for the tests of the week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient, Site, Staff
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.models import Occurrence, TherapyGroup
from tests.making import NOW, TODAY, actor, make_patient, make_room, make_staff

MONDAY = date(2026, 3, 16)  # the week of NOW


def make_group(
    site: Site, facilitator: Staff | None = None, *, meets: tuple[tuple[int, time], ...] = (), **facts: Any
) -> TherapyGroup:
    """A group of four seats that meets for 90 minutes (Wednesday and Friday at 6 pm), its rows made."""
    director = actor(make_staff(site, Role.DIRECTOR))
    facts = {
        "name": "Relapse prevention",
        "kind": "skills",
        "capacity": 4,
        "starts_on": MONDAY,
        "room": None,
        **facts,
    }
    if facts["room"] is None and facts.get("mode") != "video":
        facts["room"] = make_room(site)
    minutes = facts.pop("minutes", 90)
    made_at = facts.pop("made_at", NOW)
    named = {
        name: facts.pop(name)
        for name in ("name", "kind", "capacity", "starts_on", "room", "tracks")
        if name in facts
    }
    group = actions.set_up_group(
        by=director,
        at=made_at,
        site=site,
        facilitator=facilitator or make_staff(site, Role.FACILITATOR),
        facts=facts,
        **named,
    )
    for weekday, starts_at in meets or ((2, time(18)), (4, time(18))):
        actions.add_meeting(
            by=director,
            at=made_at,
            group=group,
            weekday=weekday,
            starts_at=starts_at,
            minutes=minutes,
            first_on=MONDAY,
        )
    actions.extend_horizon(by=director, at=made_at, site=site)
    return group


def first_session(group: TherapyGroup) -> Occurrence:
    return Occurrence.objects.filter(group=group).order_by("starts")[0]


def make_session(
    site: Site, facilitator: Staff, patients: list[Patient], *, starts: datetime = NOW, **facts: Any
) -> Occurrence:
    """One individual session of an hour, from NOW on."""
    facts = {
        "kind": "individual",
        "treatment": "individual",
        "mode": "video",
        "ends": starts + timedelta(hours=1),
        **facts,
    }
    return actions.schedule_session(
        by=actor(make_staff(site, Role.DIRECTOR)),
        at=NOW - timedelta(days=1),
        site=site,
        starts=starts,
        facilitator=facilitator,
        patients=patients,
        **facts,
    )


def admitted(
    site: Site, given_name: str = "Ana", family_name: str = "Reyes", *, minutes: int = 540, **facts: Any
) -> Patient:
    """A patient in an open episode at level 2.1 with hours ordered since the Monday of NOW."""
    patient = make_patient(site, given_name, family_name, **facts)
    admit(patient, minutes=minutes)
    return patient


def admit(
    patient: Patient, *, minutes: int = 540, on: date = MONDAY, doses: dict[str, int] | None = None
) -> Episode:
    by = make_staff(patient.site, Role.DIRECTOR)
    at = NOW - timedelta(days=(TODAY - on).days)
    episode = Episode.objects.create(patient=patient, site=patient.site, admitted_at=at, admitted_by=by)
    Placement.objects.create(
        episode=episode,
        number=1,
        kind="admit",
        level="2.1",
        because="Needs structure.",
        starts_at=at,
        at=at,
        by=by,
    )
    TreatmentOrder.objects.create(
        episode=episode,
        minutes_per_week=minutes,
        days_least=3,
        days_most=5,
        starts_on=on,
        at=at,
        by=by,
        doses=doses or {},
    )
    return episode
