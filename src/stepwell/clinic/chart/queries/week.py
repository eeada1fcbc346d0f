"""The sessions of one person's week and the ledger over them, in one query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.hours import rules as hours
from stepwell.clinic.hours.queries import absent_minutes, orders_from
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
    return ask_week(by, patient, at=at)()


def ask_week(by: Actor, patient: Any, *, at: datetime) -> Callable[[], ChartWeek]:
    """Sends the statement (`clinic.ahead`); what is given back waits for the week."""
    zone = ZoneInfo(patient.site.zone)
    day = at.astimezone(zone).date()
    first = hours.week_start_of(day, patient.site.week_starts_on)
    begins, ends = hours.week_bounds(first, zone)
    asked = _SEATS.ahead(by, patient_id=patient.pk, begins=begins, ends=ends)

    def week() -> ChartWeek:
        seats = [_Seat(*row) for row in asked()]
        orders = orders_from(patient.orders_of, zone)
        return ChartWeek(
            hours.ledger(
                orders,
                [_for_ledger(s, at) for s in seats],
                first,
                zone,
                at,
                missed=absent_minutes(patient.absences_of, at),
            ),
            tuple(_session(s, at) for s in seats),
        )

    return week


def _seats(by: Actor, *, patient_id: int, begins: datetime, ends: datetime) -> Any:
    return (
        Seat.objects.filter(
            patient_id=patient_id,
            patient__in=patients_for(by, Permission.CHART_READ),
            released_at__isnull=True,
            occurrence__starts__gte=begins,
            occurrence__starts__lt=ends,
        )
        .values_list(*_COLUMNS)
        .order_by("occurrence__starts")
    )


class _Seat(NamedTuple):
    """A seat with what the page says of its session; `outcome` and what follows are None before the attendance."""

    number: int
    title: str
    treatment: str
    mode: str
    starts: datetime
    ends: datetime
    cancelled_at: datetime | None
    facilitator_id: int | None
    who: str | None
    room_id: int | None
    room: str | None
    seat_mode: str
    outcome: str | None
    left_at: datetime | None
    minutes: int | None


_COLUMNS = (
    *(f"occurrence__{c}" for c in ("id", "title", "treatment", "mode", "starts", "ends", "cancelled_at")),
    *(f"occurrence__{c}" for c in ("facilitator_id", "facilitator__short_name", "room_id", "room__name")),
    *("mode", "attendance__outcome", "attendance__left_at", "attendance__minutes"),
)

_SEATS = Prepared(_seats)


def _for_ledger(seat: _Seat, at: datetime) -> hours.Session:
    trouble = []
    if seat.facilitator_id is None:
        trouble.append("no facilitator")
    if seat.room_id is None and seat.mode == "on_site":
        trouble.append("no room")
    return hours.Session(
        id=seat.number,
        kind=seat.treatment,
        starts=seat.starts,
        ends=seat.ends,
        minutes_attended=_counted(seat, at),
        cancelled=seat.cancelled_at is not None,
        trouble=tuple(trouble),
    )


def _counted(seat: _Seat, at: datetime) -> int | None:
    """Minutes once they are known: somebody still in the room has none yet."""
    if seat.outcome is None or (seat.outcome == "present" and seat.left_at is None and at < seat.ends):
        return None
    return int(seat.minutes or 0)


def _session(seat: _Seat, at: datetime) -> WeekSession:
    if seat.cancelled_at is not None:
        state = "gone"
    elif seat.outcome is not None and seat.outcome != "present":
        state = "missed"
    elif seat.starts <= at < seat.ends:
        state = "now"
    elif seat.outcome is not None or seat.ends <= at:
        state = "done"
    else:
        state = "ahead"
    return WeekSession(
        number=seat.number,
        title=seat.title,
        treatment=seat.treatment,
        starts=seat.starts,
        ends=seat.ends,
        who=seat.who or "",
        where="video" if seat.seat_mode == "video" else seat.room or "",
        minutes=_counted(seat, at),
        state=state,
    )
