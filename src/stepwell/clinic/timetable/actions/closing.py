"""Somebody is away, a room cannot be used, the site is closed for a day. And taking each of them back."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

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


@transaction.atomic
def declare_absence(
    *, by: Actor, at: datetime, staff: Staff, starts: datetime, ends: datetime, because: str
) -> StaffAbsence:
    """Somebody cannot lead from `starts` to `ends`. Cancels nothing: who stands in is decided with the week."""
    policies.may_say_absent(by, staff)
    _still_to_come(at, starts, ends, because)
    row = StaffAbsence.objects.create(
        staff=staff, starts=starts, ends=ends, because=because.strip()[:200], at=at, by_id=by.staff_id
    )
    announce(f"site:{staff.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.declare_absence",
        subject=f"StaffAbsence {row.pk}",
        detail={"staff": staff.pk, "starts": starts.isoformat(), "ends": ends.isoformat()},
    )
    return row


@transaction.atomic
def withdraw_absence(*, by: Actor, at: datetime, absence: StaffAbsence) -> StaffAbsence:
    """They can lead after all. Raises `Refused` the second time."""
    row = StaffAbsence.objects.select_for_update(of=("self",)).select_related("staff").get(pk=absence.pk)
    policies.may_say_absent(by, row.staff)
    _not_yet(row.withdrawn_at)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    announce(f"site:{row.staff.site_id}")
    trail.record(by=by, at=at, action="timetable.withdraw_absence", subject=f"StaffAbsence {row.pk}")
    return row


@transaction.atomic
def take_room_out(
    *, by: Actor, at: datetime, room: Room, starts: datetime, ends: datetime, because: str
) -> RoomOut:
    """A room cannot be used from `starts` to `ends`. Cancels nothing."""
    policies.may_set_up(by, room.site_id)
    _still_to_come(at, starts, ends, because)
    row = RoomOut.objects.create(
        room=room, starts=starts, ends=ends, because=because.strip()[:200], at=at, by_id=by.staff_id
    )
    announce(f"site:{room.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.take_room_out",
        subject=f"RoomOut {row.pk}",
        detail={"room": room.pk, "starts": starts.isoformat(), "ends": ends.isoformat()},
    )
    return row


@transaction.atomic
def put_room_back(*, by: Actor, at: datetime, out: RoomOut) -> RoomOut:
    """The room can be used again. Raises `Refused` the second time."""
    row = RoomOut.objects.select_for_update(of=("self",)).select_related("room").get(pk=out.pk)
    policies.may_set_up(by, row.room.site_id)
    _not_yet(row.withdrawn_at)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    announce(f"site:{row.room.site_id}")
    trail.record(by=by, at=at, action="timetable.put_room_back", subject=f"RoomOut {row.pk}")
    return row


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
    announce(f"site:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="timetable.close_day",
        subject=f"Closure {row.pk}",
        detail={"on": on.isoformat(), "cancelled": cancelled},
    )
    return row, cancelled


@transaction.atomic
def open_day(*, by: Actor, at: datetime, closure: Closure) -> Closure:
    """The site is open on that day after all; what was cancelled stays so until it is planned again."""
    row = Closure.objects.select_for_update(of=("self",)).select_related("site").get(pk=closure.pk)
    policies.may_set_up(by, row.site_id)
    _not_yet(row.withdrawn_at)
    if row.on < site_day(row.site, at):
        raise Refused("That day is over, so it stays as it was.")
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    announce(f"site:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.open_day",
        subject=f"Closure {row.pk}",
        detail={"on": row.on.isoformat()},
    )
    return row


@transaction.atomic
def keep_open(*, by: Actor, at: datetime, site: Site, on: date, because: str) -> Closure:
    """The site is open on a holiday: the proposal is answered, and the night's timer closes nothing by itself."""
    policies.may_set_up(by, site.pk)
    if Closure.objects.filter(site=site, on=on).exists():
        raise Refused(f"It is said already whether the site is open on {day_words(on)}.")
    row = Closure.objects.create(
        site=site, on=on, because=because.strip()[:180], at=at, by_id=by.staff_id, withdrawn_at=at
    )
    trail.record(
        by=by,
        at=at,
        action="timetable.keep_open",
        subject=f"Closure {row.pk}",
        detail={"on": on.isoformat()},
    )
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


def _still_to_come(at: datetime, starts: datetime, ends: datetime, because: str) -> None:
    if ends <= starts:
        raise Refused("The end is before the beginning. Change one of the times; nothing was saved.")
    if ends <= at:
        raise Refused("That time is over. Choose a time to come; nothing was saved.")
    if not because.strip():
        raise Refused("Say why, in a word or two; only staff read it.")


def _not_yet(withdrawn_at: datetime | None) -> None:
    if withdrawn_at is not None:
        raise Refused("This was taken back already.")
