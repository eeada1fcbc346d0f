"""Makes a group session with people in it, over and ready to be written about."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient, Site, Staff
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Note
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat, TherapyGroup
from tests.clinic.timetable.making import admitted, first_session, make_group
from tests.making import NOW, actor

BEFORE = NOW - timedelta(days=1)
"""When the group is set up: the day before."""

NAMES = ("Ana", "Ben", "Carla", "Dev", "Ellis", "Farah", "Gus", "Hana", "Ivo", "Jo", "Kim", "Lou")


def group_of(site: Site, leader: Staff, people: int = 2, **facts: Any) -> tuple[Occurrence, list[Patient]]:
    """A session of Wednesday, 9 to 10 am (it ended as NOW begins), with so many people."""
    group = make_group(
        site,
        leader,
        meets=((2, time(9)),),
        minutes=60,
        made_at=BEFORE,
        capacity=40,
        room=None,
        mode="video",
        **facts,
    )
    session = first_session(group)
    patients = [admitted(site, NAMES[n % len(NAMES)], f"Family{n}") for n in range(people)]
    by = actor(leader)
    for patient in patients:
        timetable.book_seat(by=by, at=BEFORE, patient=patient, occurrence=session)
    return session, patients


def part(patient: Patient, **facts: Any) -> actions.DraftPart:
    """A whole part."""
    return actions.DraftPart(
        patient_id=patient.pk,
        **{
            "participation": "active",
            "affect": "calm",
            "response": "practiced",
            "risk": "none",
            "text": f"Named the trigger of case {patient.pk} and what helped on that evening.",
            **facts,
        },
    )


def written(by: Actor, session: Occurrence, patients: list[Patient], *, at: datetime = NOW) -> Note:
    """Everybody was here and the draft is whole."""
    actions.all_here(by=by, at=at, occurrence=session)
    return actions.save_draft(
        by=by,
        at=at,
        occurrence=session,
        revision=0,
        shared="The group mapped triggers and practiced urge surfing.",
        topic="Triggers",
        parts=[part(patient) for patient in patients],
    )


def signed(by: Actor, session: Occurrence, patients: list[Patient], *, at: datetime = NOW) -> Note:
    note = written(by, session, patients, at=at)
    return actions.sign_note(by=by, at=at, note=note, revision=note.revision)


def held_at(
    site: Site,
    leader: Staff,
    patients: list[Patient],
    *,
    starts: datetime,
    minutes: int = 60,
    group: TherapyGroup | None = None,
    **facts: Any,
) -> Occurrence:
    """One session of a group at any instant, with these people in it; nobody asks whether they are in treatment."""
    group = group or make_group(site, leader, meets=((6, time(3)),), made_at=BEFORE, mode="video")
    session = Occurrence.objects.create(
        **{
            "site": site,
            "group": group,
            "kind": "group",
            "treatment": "skills",
            "title": group.name,
            "starts": starts,
            "ends": starts + timedelta(minutes=minutes),
            "local_date": starts.astimezone(ZoneInfo(site.zone)).date(),
            "mode": "video",
            "capacity": 40,
            "facilitator": leader,
            **facts,
        }
    )
    for number, patient in enumerate(patients, 1):
        Seat.objects.create(
            occurrence=session, patient=patient, number=number, capacity=session.capacity, mode=session.mode,
            at=BEFORE,
        )  # fmt: skip
    return session
