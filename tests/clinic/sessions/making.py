"""Makes a group session with people in it, over and ready to be written about."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient, Site, Staff
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Note
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence
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
