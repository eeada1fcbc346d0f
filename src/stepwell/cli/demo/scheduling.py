"""The week ahead: rows for the groups, and single sessions with counselor, prescriber and family."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

import holidays

from stepwell.accounts.actor import stepwell_itself
from stepwell.cli.demo.holding import expect
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable import queries as timetables

_OFFICES = {"counselor": "Office 1", "facilitator": "Office 2", "haddad": "Room A"}
_AFTERNOON = ("13:00", "14:00", "15:00", "16:00")
_WEEKLY = {"Ana Reyes", "Jada Brooks", "Ellis Ward", "Liam Sweeney", "Andre Baptiste", "Keisha Daniels"}


@cache
def is_holiday(day: date) -> bool:
    """Whether the site is closed: the timetable leaves out federal holidays."""
    return day in holidays.country_holidays("US", years=day.year)


def begin_week(clinic: Clinic, monday: date, at: datetime) -> None:
    """Makes the week's sessions and notes in the diary what will happen in them."""
    timetable.extend_horizon(by=stepwell_itself(), at=at, weeks=0, site=clinic.site)
    clinic.taken.clear()
    clinic.expected.clear()
    single_sessions(clinic, monday, at)
    director = clinic.actors["director"]
    for session in timetables.sessions_between(director, monday, monday + timedelta(days=6), cancelled=False):
        expect(clinic, session)


def single_sessions(clinic: Clinic, monday: date, at: datetime) -> None:
    """Individual sessions weekly or every four weeks, medical visits and family sessions every four weeks."""
    week = monday.toordinal() // 7
    for life in clinic.lives:
        if not life.in_treatment or clinic.diary.day_of(life.episode.admitted_at) > monday:
            continue
        if life.name in _WEEKLY or (life.number + week) % 4 == 0:
            _individual(clinic, life, monday, at)
        if "orders" in life.facts and (life.number + week) % 4 == 2:
            _medical(clinic, life, monday, at)
        if life.family and life.facts["circle"][0][4] in ("live", "soon") and (life.number + week) % 4 == 1:
            _family(clinic, life, monday, at)


def _individual(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    who = clinic.counselor_of(life)
    wishes = [(day, clock) for day in range(5) for clock in _AFTERNOON]
    start = life.number * 7 % len(wishes)
    topic = dice("individual", life.number, monday).choice(texts("individual", "topics"))
    for day, clock in wishes[start:] + wishes[:start]:
        if _schedule(
            clinic, "individual", monday + timedelta(days=day), clock, 50, who, life, _OFFICES[who], topic, at
        ):
            return


def _medical(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    friday = monday + timedelta(days=4)
    for place in range(9):
        clock = f"{13 + place // 3}:{place % 3 * 20:02}"
        if _schedule(
            clinic, "medical", friday, clock, 20, "prescriber", life, "Clinic", "Medication visit", at
        ):
            return


def _family(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    tuesday = monday + timedelta(days=1)
    for clock in ("16:00", "15:00", "14:00"):
        if _schedule(clinic, "family", tuesday, clock, 50, "haddad", life, "Room B", "Family session", at):
            return


def _schedule(
    clinic: Clinic, kind: str, day: date, clock: str, minutes: int, who: str, life: Life, room: str, topic: str,
    at: datetime,
) -> bool:  # fmt: skip
    """Whether it could be scheduled: ahead, on an open day, and nobody elsewhere at that time."""
    starts = clinic.diary.moment(day, clock)
    ends = starts + timedelta(minutes=minutes)
    if starts <= at or is_holiday(day) or not clinic.free(starts, ends, who, room, life):
        return False
    timetable.schedule_session(
        by=clinic.actors["desk" if who == "prescriber" else who],
        at=at,
        site=clinic.site,
        kind=kind,
        treatment=kind,
        starts=starts,
        ends=ends,
        facilitator=clinic.staff[who],
        patients=[life.patient],
        room=clinic.rooms[room],
        topic=topic,
    )
    clinic.taken.append((starts, ends, {who, room, life.name}))
    return True
