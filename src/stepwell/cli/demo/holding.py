"""Holding a session: who comes and when, the note, its signature, and the supervisor's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.cli.demo.writing import FORMATS, group_parts, shared_text, single_part, topic_of
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.sessions.rules import formats_of
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable import queries as timetables

_MINUTE = timedelta(minutes=1)


def expect(clinic: Clinic, session: Any) -> None:
    """Notes in the diary everything that will happen around a session."""
    diary = clinic.diary
    if session.local_date == diary.today:
        diary.note(session.starts - 20 * _MINUTE, lambda at: _arrivals(clinic, session))
    diary.note(session.ends + 6 * _MINUTE, lambda at: _hold(clinic, session, at))


def left_open(clinic: Clinic) -> dict[str, set[tuple[str, date]]]:
    """Groups whose last sessions before now stay without signature ('sign') or co-signature ('cosign')."""
    if clinic.left_open:
        return clinic.left_open
    held: dict[str, list[tuple[datetime, str, date]]] = {}
    for row in read("clinic")["groups"]:
        for weekday, clock, minutes in row["meetings"]:
            for week in range(3):
                day = clinic.diary.monday(week) + timedelta(days=weekday)
                ends = clinic.diary.moment(day, clock, minutes)
                if ends <= clinic.diary.now:
                    held.setdefault(row["facilitator"], []).append((ends, row["key"], day))
    last = {who: [(key, day) for _, key, day in sorted(rows)[-3:]] for who, rows in held.items()}
    clinic.left_open = {
        "sign": {
            *last.get("counselor", [])[-2:],
            *last.get("facilitator", [])[-2:],
            *last.get("haddad", [])[-1:],
        },
        "cosign": set(last.get("reyes", [])),
    }
    return clinic.left_open


def _arrivals(clinic: Clinic, session: Any) -> None:
    """Today the desk checks people in, one after the other, as long as the session is not over."""
    people = clinic.by_patient()
    for seat in timetables.seats_for(clinic.actors["desk"]).filter(occurrence_id=session.pk).order_by("pk"):
        entry = _entry(session, people[seat.patient_id])
        if entry.outcome == "present":
            arrived = max(entry.arrived or session.starts, session.starts - 15 * _MINUTE)
            clinic.diary.note(arrived, lambda at, seat=seat: _check_in(clinic, seat, session, at))


def _check_in(clinic: Clinic, seat: Any, session: Any, at: datetime) -> None:
    if clinic.diary.now < session.ends + 6 * _MINUTE:  # later, the facilitator's list says it all
        sessions.check_in(by=clinic.actors["desk"], at=at, seat=seat)


def _hold(clinic: Clinic, session: Any, at: datetime) -> None:
    who = clinic.key_of_staff(session.facilitator_id)
    people = clinic.by_patient()
    expected = [people[patient_id] for patient_id in _seated(clinic, session)]
    if who is None or not expected:
        timetable.cancel_occurrence(
            by=clinic.actors["director"],
            at=at,
            occurrence=session,
            because=texts("cancelled")[0 if who else 1],
        )
        return
    by = clinic.actors[who]
    entries = [_entry(session, life) for life in expected]
    sessions.record_attendance(by=by, at=at, occurrence=session, entries=entries)
    here = [life for life, entry in zip(expected, entries, strict=True) if entry.outcome == "present"]
    key = _key(clinic, session)
    left = left_open(clinic)
    unsigned = (key, session.local_date) in left["sign"]
    if unsigned and dice("blank", key).random() < 0.3:
        return  # nothing written yet
    note = _draft(clinic, session, here, who, at + 9 * _MINUTE)
    if unsigned:
        return
    late = dice("late", session.title, session.starts).random() < 0.02
    wait = timedelta(hours=80) if late else 24 * _MINUTE
    clinic.diary.note(at + wait, lambda then: _sign(clinic, session, note, who, key, then))


def _seated(clinic: Clinic, session: Any) -> list[int]:
    """Ids of those who have a seat; the week's seats are read at once, and again when somebody has moved."""
    if not clinic.expected:
        monday = session.local_date - timedelta(days=session.local_date.weekday())
        seats = timetables.seats_for(clinic.actors["director"]).filter(
            occurrence__local_date__range=(monday, monday + timedelta(days=6))
        )
        for occurrence_id, patient_id in seats.order_by("pk").values_list("occurrence_id", "patient_id"):
            clinic.expected.setdefault(occurrence_id, []).append(patient_id)
    return clinic.expected.get(session.pk, [])


def _draft(clinic: Clinic, session: Any, here: list[Life], who: str, at: datetime) -> Any:
    topic = topic_of(session)
    fitting = [one.key for one in formats_of(session.kind)]
    format = FORMATS[who] if FORMATS.get(who) in fitting else "DAP" if "DAP" in fitting else fitting[0]
    parts = (
        group_parts(session, topic, here)
        if session.kind == "group"
        else [single_part(session, life, format) for life in here]
    )
    return sessions.save_draft(
        by=clinic.actors[who],
        at=at,
        occurrence=session,
        revision=0,
        shared=shared_text(session, topic),
        topic=topic,
        parts=parts,
        format=format,
    )


def _sign(clinic: Clinic, session: Any, note: Any, who: str, key: str, at: datetime) -> None:
    sessions.sign_note(by=clinic.actors[who], at=at, note=note, revision=note.revision)
    supervisor = read("clinic")["supervised"].get(who)
    if supervisor and (key, session.local_date) not in left_open(clinic)["cosign"]:
        morning = clinic.diary.moment(clinic.diary.day_of(at) + timedelta(days=1), "08:25")
        clinic.diary.note(
            morning, lambda then: sessions.cosign_note(by=clinic.actors[supervisor], at=then, note=note)
        )


def _entry(session: Any, life: Life) -> sessions.Entry:
    """How this person came to this session; each session is its own throw."""
    throw = dice("attends", life.number, session.starts)
    reliability = life.facts["reliability"] + (0.03 if session.kind == "individual" else 0)
    if throw.random() > reliability:
        outcome = "excused" if throw.random() < 0.6 else "unexcused"
        return sessions.Entry(
            patient_id=life.patient.pk, outcome=outcome, reason=throw.choice(texts("absent", outcome))
        )
    arrived, left = session.starts - throw.randrange(1, 12) * _MINUTE, None
    out: tuple[tuple[datetime, datetime], ...] = ()
    luck = throw.random() if session.ends - session.starts > 60 * _MINUTE else 1
    if luck < 0.07:
        arrived = session.starts + throw.randrange(11, 26) * _MINUTE
    elif luck < 0.10:
        left = session.ends - throw.randrange(12, 35) * _MINUTE
    elif luck < 0.13:
        gone = session.starts + throw.randrange(20, 35) * _MINUTE
        out = ((gone, gone + throw.randrange(4, 11) * _MINUTE),)
    return sessions.Entry(
        patient_id=life.patient.pk, outcome="present", arrived=arrived, left=left, stepped_out=out
    )


def _key(clinic: Clinic, session: Any) -> str:
    return next((key for key, group in clinic.groups.items() if group.pk == session.group_id), "")
