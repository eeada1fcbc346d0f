"""Somebody is away, a room cannot be used, the site is closed for a day. And taking each of them back."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Room, Site, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_words
from stepwell.clinic.site_days import site_day
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _let_go
from stepwell.clinic.timetable.actions.offered import _answer
from stepwell.clinic.timetable.models import (
    Closure,
    MakeUpOffer,
    Occurrence,
    OfferAnswer,
    RoomOut,
    Seat,
    StaffAbsence,
)
from stepwell.clinic.timetable.rules.closing import CLOSED

_Row = TypeVar("_Row", StaffAbsence, RoomOut, Closure)
_OutRow = TypeVar("_OutRow", StaffAbsence, RoomOut)


@transaction.atomic
def declare_absence(
    *, by: Actor, at: datetime, staff: Staff, starts: datetime, ends: datetime, because: str
) -> StaffAbsence:
    """Somebody cannot lead from `starts` to `ends`. Cancels nothing: who stands in is decided with the week."""
    policies.may_say_absent(by, staff)
    row = StaffAbsence(staff=staff, starts=starts, ends=ends, because=because.strip()[:200])
    return _out(by, at, row, "declare_absence", staff.site_id, staff=staff.pk)


@transaction.atomic
def withdraw_absence(*, by: Actor, at: datetime, absence: StaffAbsence) -> StaffAbsence:
    """They can lead after all. Raises `Refused` the second time."""
    row = StaffAbsence.objects.select_for_update(of=("self",)).select_related("staff").get(pk=absence.pk)
    policies.may_say_absent(by, row.staff)
    return _back(by, at, row, "withdraw_absence", row.staff.site_id)


@transaction.atomic
def take_room_out(
    *, by: Actor, at: datetime, room: Room, starts: datetime, ends: datetime, because: str
) -> RoomOut:
    """A room cannot be used from `starts` to `ends`. Cancels nothing."""
    policies.may_set_up(by, room.site_id)
    row = RoomOut(room=room, starts=starts, ends=ends, because=because.strip()[:200])
    return _out(by, at, row, "take_room_out", room.site_id, room=room.pk)


@transaction.atomic
def put_room_back(*, by: Actor, at: datetime, out: RoomOut) -> RoomOut:
    """The room can be used again. Raises `Refused` the second time."""
    row = RoomOut.objects.select_for_update(of=("self",)).select_related("room").get(pk=out.pk)
    policies.may_set_up(by, row.room.site_id)
    return _back(by, at, row, "put_room_back", row.room.site_id)


@transaction.atomic
def close_day(
    *, by: Actor, at: datetime, site: Site, on: date, because: str, cancel: bool = False
) -> tuple[Closure, int]:
    """The site is closed on a day: no session is made for it any more.

    With `cancel` the sessions of that day that have not begun are cancelled too, and how many is returned;
    otherwise they stand until the week is mended. Raises `Refused` for a day that is over or closed already.
    """
    policies.may_set_up(by, site.pk)
    if not because.strip():
        raise Refused("Say why the site is closed; patients and staff read it.")
    if on < site_day(site, at):
        raise Refused("That day is over. Choose a day to come; nothing was saved.")
    try:
        with transaction.atomic():
            row = Closure.objects.create(
                site=site, on=on, because=because.strip()[:180], at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:
        raise Refused(f"{day_words(on)} is declared closed already.") from twice
    cancelled = _cancel_the_day(by, at, row) if cancel else 0
    _tell(by, at, row, "close_day", site.pk, {"on": on.isoformat(), "cancelled": cancelled})
    return row, cancelled


@transaction.atomic
def open_day(*, by: Actor, at: datetime, closure: Closure) -> Closure:
    """The site is open on that day after all; what was cancelled stays so until it is planned again."""
    row = Closure.objects.select_for_update(of=("self",)).select_related("site").get(pk=closure.pk)
    policies.may_set_up(by, row.site_id)
    if row.withdrawn_at is None and row.on < site_day(row.site, at):
        raise Refused("That day is over, so it stays as it was.")
    return _back(by, at, row, "open_day", row.site_id, on=row.on.isoformat())


@transaction.atomic
def keep_open(*, by: Actor, at: datetime, site: Site, on: date, because: str) -> Closure:
    """The site is open on a holiday: the proposal is answered, and the night's timer closes nothing by itself."""
    policies.may_set_up(by, site.pk)
    if Closure.objects.filter(site=site, on=on).exists():
        raise Refused(f"It is said already whether the site is open on {day_words(on)}.")
    row = Closure.objects.create(
        site=site, on=on, because=because.strip()[:180], at=at, by_id=by.staff_id, withdrawn_at=at
    )
    _tell(by, at, row, "keep_open", site.pk, {"on": on.isoformat()})
    return row


def _cancel_the_day(by: Actor, at: datetime, closure: Closure) -> int:
    """Sessions that have not begun: seats, rooms and staff are free again, and each patient's trail says so."""
    because = f"{CLOSED}{closure.because}"
    gone = list(
        Occurrence.objects.select_for_update(no_key=True)
        .filter(site_id=closure.site_id, local_date=closure.on, starts__gt=at, cancelled_at__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    of: dict[int, list[int]] = defaultdict(list)
    seats = Seat.objects.filter(occurrence_id__in=gone, released_at__isnull=True)
    for patient_id, occurrence_id in seats.order_by("pk").values_list("patient_id", "occurrence_id"):
        of[patient_id].append(occurrence_id)
    seats.update(released_at=at, released_because="The session was cancelled.")
    Occurrence.objects.filter(pk__in=gone).update(cancelled_at=at, cancelled_because=because)
    _let_go(gone, at)
    _answer(
        MakeUpOffer.objects.filter(occurrence_id__in=gone), at, OfferAnswer.WITHDRAWN, because=because[:200]
    )
    if of:
        trail.record_each(
            by=by,
            at=at,
            action="timetable.cancel_occurrence",
            of=[
                (patient_id, f"Closure {closure.pk}", {"occurrences": each})
                for patient_id, each in sorted(of.items())
            ],
        )
    return len(gone)


def _out(by: Actor, at: datetime, row: _OutRow, verb: str, site_id: int, **detail: Any) -> _OutRow:
    """Says what cannot be had, from when to when and why. Raises `Refused` for a time that is none or over."""
    if row.ends <= row.starts:
        raise Refused("The end is before the beginning. Change one of the times; nothing was saved.")
    if row.ends <= at:
        raise Refused("That time is over. Choose a time to come; nothing was saved.")
    if not row.because:
        raise Refused("Say why, in a word or two; only staff read it.")
    row.at, row.by_id = at, by.staff_id
    row.save()
    span = {"starts": row.starts.isoformat(), "ends": row.ends.isoformat()}
    _tell(by, at, row, verb, site_id, {**detail, **span})
    return row


def _back(by: Actor, at: datetime, row: _Row, verb: str, site_id: int, **detail: Any) -> _Row:
    """Takes the locked row back, once."""
    if row.withdrawn_at is not None:
        raise Refused("This was taken back already.")
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    _tell(by, at, row, verb, site_id, detail)
    return row


def _tell(by: Actor, at: datetime, row: Any, verb: str, site_id: int, detail: dict[str, Any]) -> None:
    announce(f"site:{site_id}")
    trail.record(
        by=by, at=at, action=f"timetable.{verb}", subject=f"{type(row).__name__} {row.pk}", detail=detail
    )
