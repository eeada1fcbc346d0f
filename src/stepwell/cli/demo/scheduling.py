"""The week ahead: rows for the groups, and single sessions with counselor, prescriber and family."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.cli.demo.holding import expect
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable import queries as timetables

_OFFICES = {"counselor": "Office 1", "facilitator": "Office 2", "haddad": "Room A"}
_AFTERNOON = ("13:00", "14:00", "15:00", "16:00")
_WEEKLY = {"Ana Reyes", "Jada Brooks", "Ellis Ward", "Liam Sweeney", "Andre Baptiste", "Keisha Daniels"}


def begin_week(clinic: Clinic, monday: date, at: datetime) -> None:
    """Makes the week's sessions and notes in the diary what will happen in them."""
    timetable.extend_horizon(by=stepwell_itself(), at=at, weeks=0, site=clinic.site)
    single_sessions(clinic, monday, at)
    director = clinic.actors["director"]
    for session in timetables.sessions_between(director, monday, monday + timedelta(days=6), cancelled=False):
        expect(clinic, session)


def single_sessions(clinic: Clinic, monday: date, at: datetime) -> None:
    """Individual sessions weekly or every other week, medical visits every four weeks, family sessions monthly."""
    week = monday.toordinal() // 7
    for life in clinic.lives:
        if not life.in_treatment or clinic.diary.day_of(life.episode.admitted_at) > monday:
            continue
        if life.name in _WEEKLY or (life.number + week) % 2 == 0:
            _individual(clinic, life, monday, at)
        if "orders" in life.facts and (life.number + week) % 4 == 0:
            _medical(clinic, life, monday, at)
        if life.family and life.facts["circle"][0][4] in ("live", "soon") and (life.number + week) % 4 == 1:
            _family(clinic, life, monday, at)


def _individual(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    who = clinic.counselor_of(life)
    wishes = [(day, clock) for day in range(5) for clock in _AFTERNOON]
    start = life.number * 7 % len(wishes)
    topic = dice("individual", life.number, monday).choice(texts("individual", "topics"))
    for day, clock in wishes[start:] + wishes[:start]:
        if _schedule(clinic, "individual", "individual", monday + timedelta(days=day), clock, 50, who,
                     [life], _OFFICES[who], topic, at):  # fmt: skip
            return


def _medical(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    for place in range(8):
        clock = f"{13 + place // 3}:{place % 3 * 20:02}"
        if _schedule(clinic, "medical", "medical", monday + timedelta(days=4), clock, 20, "prescriber",
                     [life], "Clinic", "Medication visit", at):  # fmt: skip
            return


def _family(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    for clock in ("16:00", "15:00", "14:00"):
        if _schedule(clinic, "family", "family", monday + timedelta(days=1), clock, 50, "haddad",
                     [life], "Room B", "Family session", at):  # fmt: skip
            return


def _schedule(
    clinic: Clinic, kind: str, treatment: str, day: date, clock: str, minutes: int, who: str,
    people: list[Life], room: str, topic: str, at: datetime,
) -> Any:  # fmt: skip
    """The session, or None when somebody or the room is taken."""
    starts = clinic.diary.moment(day, clock)
    if starts <= at:
        return None
    try:
        return timetable.schedule_session(
            by=clinic.actors[who] if who != "prescriber" else clinic.actors["desk"],
            at=at,
            site=clinic.site,
            kind=kind,
            treatment=treatment,
            starts=starts,
            ends=starts + timedelta(minutes=minutes),
            facilitator=clinic.staff[who],
            patients=[life.patient for life in people],
            room=clinic.rooms[room],
            topic=topic,
        )
    except Refused:
        return None
