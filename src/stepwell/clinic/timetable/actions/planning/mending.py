"""A week mended in a moment: somebody calls in sick, a room floods, a day is declared closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.planning.made import _locked_week, _new_version, _rows_of_plan
from stepwell.clinic.timetable.models import VersionOrigin, Week, WeekVersion
from stepwell.clinic.timetable.queries.closed_days import sessions_lost
from stepwell.clinic.timetable.queries.versions import stood_of
from stepwell.clinic.timetable.queries.week_rows import WeekRows
from stepwell.clinic.timetable.queries.weekcase import WeekCase, case_of
from weekplan.case import DAY, Span
from weekplan.changes import Change, Closed, LeaderOut, RoomOut
from weekplan.costing import costs, met
from weekplan.plan import Session

_SECONDS = 1.0
"""For each change; hundredths are enough, and nobody waits longer."""


@dataclass(frozen=True)
class Trouble:
    """Something that breaks sessions of the week: the change for the optimiser, and how it is said."""

    change: Change
    note: str
    because: str


@transaction.atomic
def mend_week(*, by: Actor, at: datetime, week: Week) -> WeekVersion:
    """A draft of the week with every absence, room out of use and closed day that breaks sessions still to come mended.

    Only what is broken changes, ordered hours first and then the fewest people moved. Who lost a seat by a closed day,
    cancelled or never made, is given another one where there is any. Raises `Refused` when nothing is broken.
    """
    from weekplan.repairing import (
        repair,  # the solver takes a second to load: only who mends a week waits for it
    )

    policies.may_set_up(by, week.site_id)
    week = _locked_week(week.pk)
    found = case_of(by, week, at)
    stood = stood_of(week)
    sessions, mended = standing_sessions(found), []
    lost = sessions_lost(found)
    for trouble in troubles_of(found.rows):
        gone = tuple(one for one in lost if trouble.change == Closed(one.span.day))
        answer = repair(found.case, (*sessions, *gone), trouble.change, seconds=_SECONDS)
        after = tuple(one for one in answer.sessions if one not in gone)
        if _as_held(after) != _as_held(sessions):
            sessions = after
            mended.append(trouble)
    if not mended and lost:
        raise Refused(
            f"{_people(lost)} a seat by a closed day, and no other seat of this week fits. "
            "Hours to save shows who is short and what else would help."
        )
    if not mended:
        raise Refused(
            "No session to come is without its leader, its room or its day. There is nothing to mend."
        )
    points = costs(found.case, sessions)
    version = _new_version(
        by,
        at,
        week,
        VersionOrigin.REPAIR,
        _rows_of_plan(week, found.case, sessions, stood, None),
        note="; ".join(dict.fromkeys(one.note for one in mended))[:200],
        because=mended[0].because,
        cost=sum(points.values()),
        short_minutes=sum(one.short for one in met(found.case, sessions)),
        stood=stood,
    )
    announce(f"week:{week.pk}")
    trail.record(
        by=by,
        at=at,
        action="timetable.mend_week",
        subject=f"WeekVersion {version.pk}",
        detail={"week": week.pk, "number": version.number, "changes": len(mended)},
    )
    return version


def _as_held(sessions: Iterable[Session]) -> set[Session]:
    """Whatever the order of sessions and people."""
    return {replace(one, people=tuple(sorted(one.people))) for one in sessions}


def _people(lost: Iterable[Session]) -> str:
    number = len({name for one in lost for name in one.people})
    return "One person lost" if number == 1 else f"{number} people lost"


def standing_sessions(found: WeekCase) -> tuple[Session, ...]:
    """The calendar as the optimiser's sessions."""
    kinds = {offer.id: offer.kind for offer in found.case.offers}
    owed = {one.id: one.kind for patient in found.case.patients for one in patient.owed}
    return tuple(
        Session(
            id=one.id,
            offer=one.offer,
            owed=one.owed,
            kind=kinds[one.offer] if one.offer is not None else owed[one.owed or ""],
            span=one.span,
            mode=one.mode,
            room=one.room,
            leaders=one.leaders,
            people=one.people,
            fixed=one.fixed.value,
            others=one.others,
        )
        for one in found.case.standing
    )


def troubles_of(rows: WeekRows) -> list[Trouble]:
    """What stands in the way of sessions in this week, as its rows say."""
    names = {staff.pk: staff.short_name for staff in rows.staff}
    rooms = {room.pk: room.name for room in rows.rooms}
    found = [
        Trouble(
            LeaderOut(f"s{one.staff_id}", _span(rows, one.starts, one.ends)),
            f"{names[one.staff_id]} is away",
            "The facilitator is away.",
        )
        for one in rows.absences
    ]
    found += [
        Trouble(
            RoomOut(f"r{one.room_id}", _span(rows, one.starts, one.ends)),
            f"{rooms[one.room_id]} cannot be used",
            "The room cannot be used.",
        )
        for one in rows.room_outs
    ]
    found += [
        Trouble(
            Closed((one.on - rows.starts_on).days),
            f"{one.on:%A} is closed",
            f"The program is closed: {one.because}"[:200],
        )
        for one in rows.closures
    ]
    return found


def _span(rows: WeekRows, starts: datetime, ends: datetime) -> Span:
    return Span(max(0, rows.minute_of(starts)), min(7 * DAY, rows.minute_of(ends)))
