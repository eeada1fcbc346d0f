"""Holding a room, staff and patients for a session, so that the database refuses that two want them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from stepwell.clinic.people.models import Reservation
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_and_clock
from stepwell.clinic.timetable.models import Occurrence

_FREE = Q(released_at__isnull=True)


def _rows(
    occurrence: Occurrence,
    at: datetime,
    *,
    rooms: Iterable[int | None] = (),
    staff: Iterable[int | None] = (),
    patients: Iterable[int] = (),
) -> list[Reservation]:
    """Unsaved reservations for the session. In the order of ids: two writers then wait instead of deadlocking."""
    during = DateTimeTZRange(occurrence.starts, occurrence.ends, "[)")

    def row(**who: int) -> Reservation:
        return Reservation(
            during=during,
            subject=Reservation.For.OCCURRENCE,
            subject_id=occurrence.pk,
            made_at=at,
            **who,
        )

    return [
        *(row(room_id=one) for one in sorted({r for r in rooms if r is not None})),
        *(row(staff_id=one) for one in sorted({s for s in staff if s is not None})),
        *(row(patient_id=one) for one in sorted(set(patients))),
    ]


def _hold(rows: Sequence[Reservation]) -> None:
    """All of them or none. Raises `Refused` with what clashes."""
    try:
        with transaction.atomic():
            Reservation.objects.bulk_create(rows)
    except IntegrityError as clash:
        raise Refused(_what_clashes(rows)) from clash


def _hold_what_is_free(rows: Sequence[Reservation]) -> set[tuple[int, str, int]]:
    """Those that clash with nothing; returns (session, kind, id) of what is held afterwards."""
    Reservation.objects.bulk_create(rows, ignore_conflicts=True)
    held = Reservation.objects.filter(
        _FREE, subject=Reservation.For.OCCURRENCE, subject_id__in={row.subject_id for row in rows}
    )
    return {
        (session, "room", room)
        if room
        else (session, "staff", staff)
        if staff
        else (session, "patient", patient)
        for session, room, staff, patient in held.values_list(
            "subject_id", "room_id", "staff_id", "patient_id"
        )
    }


def _let_go(occurrence_ids: Iterable[int], at: datetime, *, only: Q | None = None) -> None:
    """Frees what sessions hold; the rows stay."""
    held = Reservation.objects.filter(
        _FREE, subject=Reservation.For.OCCURRENCE, subject_id__in=list(occurrence_ids)
    )
    (held.filter(only) if only is not None else held).update(released_at=at)


def _what_clashes(rows: Sequence[Reservation]) -> str:
    """The sentence for the first reservation that stands in the way."""
    mine = {row.pk for row in rows if row.pk}
    wanted = [
        Q(room_id=r.room_id, staff_id=r.staff_id, patient_id=r.patient_id, during__overlap=r.during)
        for r in rows
    ]
    found = (
        Reservation.objects.filter(_FREE, reduce(or_, wanted))
        .exclude(pk__in=mine)
        .select_related("room__site", "staff__site", "patient__site")
        .order_by("during", "room", "staff", "pk")  # the room first: it is the easiest to change
        .first()
    )
    if found is None:
        return "Somebody was quicker: the time was just taken and is free again. Nothing was saved; try once more."
    return _says(found)


def _says(found: Reservation) -> str:
    where = found.room or found.staff or found.patient
    assert where is not None  # noqa: S101 - a constraint of the table says so
    when = day_and_clock(found.during.lower, ZoneInfo(where.site.zone))
    what = "an intake appointment"
    if found.subject == Reservation.For.OCCURRENCE:
        what = Occurrence.objects.values_list("title", flat=True).get(pk=found.subject_id)
    if found.room:
        return (
            f"{found.room.name} is taken by {what} on {when}. Choose another room or time; nothing was saved."
        )
    if found.staff:
        who, rest = found.staff.short_name, "Choose somebody else or another time; nothing was saved."
        return f"{who} already has {what} on {when}. {rest}"
    assert found.patient is not None  # noqa: S101 - a constraint of the table says so
    return (
        f"{found.patient.board_name} already has {what} on {when}. Choose another time; nothing was booked."
    )
