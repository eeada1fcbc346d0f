"""The sessions of one person's week and the ledger over them, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.hours import rules as hours
from stepwell.clinic.hours.queries import orders_from
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.models import Seat


@dataclass(frozen=True)
class WeekSession:
    """One booked session: `state` is done, missed, now, ahead or gone (cancelled)."""

    number: int
    title: str
    treatment: str
    starts: datetime
    ends: datetime
    who: str
    where: str
    minutes: int | None
    state: str


@dataclass(frozen=True)
class ChartWeek:
    """The week that holds the day asked for: its ledger and its sessions in their order."""

    ledger: hours.Week
    sessions: tuple[WeekSession, ...]


def week_of(by: Actor, patient: Any, *, at: datetime) -> ChartWeek:
    """The week of `at` at the patient's site; the patient carries those of `hours.queries.with_orders`."""
    zone = ZoneInfo(patient.site.zone)
    day = at.astimezone(zone).date()
    first = hours.week_start_of(day, patient.site.week_starts_on)
    begins, ends = hours.week_bounds(first, zone)
    seats = _SEATS.rows(by, patient_id=patient.pk, begins=begins, ends=ends)
    orders = orders_from(patient.orders_of, zone)
    return ChartWeek(
        hours.ledger(orders, [_for_ledger(s, at) for s in seats], first, zone, at),
        tuple(_session(s, at) for s in seats),
    )


def _seats(by: Actor, *, patient_id: int, begins: datetime, ends: datetime) -> Any:
    return (
        Seat.objects.filter(
            patient_id=patient_id,
            patient__in=patients_for(by, Permission.CHART_READ),
            released_at__isnull=True,
            occurrence__starts__gte=begins,
            occurrence__starts__lt=ends,
        )
        .select_related("occurrence__facilitator", "occurrence__room", "attendance")
        .order_by("occurrence__starts")
    )


_SEATS = Prepared(_seats)


def _for_ledger(seat: Seat, at: datetime) -> hours.Session:
    session = seat.occurrence
    attended = getattr(seat, "attendance", None)
    trouble = []
    if session.facilitator_id is None:
        trouble.append("no facilitator")
    if session.room_id is None and session.mode == "on_site":
        trouble.append("no room")
    return hours.Session(
        id=session.pk,
        kind=session.treatment,
        starts=session.starts,
        ends=session.ends,
        minutes_attended=_counted(attended, session.ends, at),
        cancelled=session.cancelled_at is not None,
        trouble=tuple(trouble),
    )


def _counted(attended: Any, ends: datetime, at: datetime) -> int | None:
    """Minutes once they are known: somebody still in the room has none yet."""
    if attended is None or (attended.outcome == "present" and attended.left_at is None and at < ends):
        return None
    return int(attended.minutes)


def _session(seat: Seat, at: datetime) -> WeekSession:
    session, attended = seat.occurrence, getattr(seat, "attendance", None)
    if session.cancelled_at is not None:
        state = "gone"
    elif attended is not None and attended.outcome != "present":
        state = "missed"
    elif session.starts <= at < session.ends:
        state = "now"
    elif attended is not None or session.ends <= at:
        state = "done"
    else:
        state = "ahead"
    room = session.room.name if session.room else ""
    return WeekSession(
        number=session.pk,
        title=session.title,
        treatment=session.treatment,
        starts=session.starts,
        ends=session.ends,
        who=session.facilitator.short_name if session.facilitator else "",
        where="video" if seat.mode == "video" else room,
        minutes=_counted(attended, session.ends, at),
        state=state,
    )
