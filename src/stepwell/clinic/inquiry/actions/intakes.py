"""The intake: booked for a member of staff and a room that are both free, cancelled, and the person arrives."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.actions.letting_go import _let_go
from stepwell.clinic.inquiry.actions.story import _happens, _locked
from stepwell.clinic.inquiry.models import Inquiry, InquiryEventKind, IntakeAppointment
from stepwell.clinic.inquiry.queries.inquiries import intake_staff, open_hours
from stepwell.clinic.people.models import Reservation, Room, Staff
from stepwell.clinic.refusal import Refused

MODES = ("on_site", "video")


@transaction.atomic
def book_intake(
    *,
    by: Actor,
    at: datetime,
    inquiry: Inquiry,
    staff: Staff,
    room: Room | None,
    starts: datetime,
    minutes: int,
    mode: str = "on_site",
    out: rules.Out = rules.NOTHING_OUT,
) -> IntakeAppointment:
    """Book the intake within the site's hours and hold staff, room and, once known, the patient.

    `out` is what a later step knows of staff who are away, rooms out of use and closed days. `minutes` from 15 to 240; `mode` is on_site, with a room, or video, without. When two people book the same
    time, the database lets one of them through. Raises `Refused`, naming what clashes.
    """
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    _check_length(at, starts, minutes)
    ends = starts + timedelta(minutes=minutes)
    _check(row, staff, room, starts, ends, mode)
    fault = rules.out_fault(
        out,
        site_id=row.site_id,
        zone=ZoneInfo(row.site.zone),
        starts=starts,
        ends=ends,
        staff=(staff.pk, staff.short_name),
        room=(room.pk, room.name) if room else None,
    )
    if fault:
        raise Refused(f"{fault}. Choose another time; nothing was booked.")
    # Held in one order, so that two who book the same pair wait for each other instead of deadlocking.
    Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=staff.pk)
    if room is not None:
        Room.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.pk)
    _happens(by, at, row, InquiryEventKind.BOOKED)
    intake = IntakeAppointment.objects.create(
        inquiry=row,
        patient=row.patient,
        site=row.site,
        staff=staff,
        room=room,
        mode=mode,
        starts=starts,
        ends=ends,
        booked_at=at,
    )
    _hold(intake, at)
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.book_intake",
        subject=f"IntakeAppointment {intake.pk}",
        patient_id=row.patient_id,
        detail={"inquiry": row.pk, "staff": staff.pk, "room": room.pk if room else None, "mode": mode},
    )
    return intake


@transaction.atomic
def cancel_intake(*, by: Actor, at: datetime, intake: IntakeAppointment, note: str = "") -> IntakeAppointment:
    """Cancel a booked intake: the time is free again, and the inquiry waits for an answer again.

    After its time it is written down that the person did not come. Cancelling it twice is done once. Raises `Refused` when the person has arrived.
    """
    inquiry = intake.inquiry
    assert inquiry is not None  # noqa: S101 - only intakes of inquiries are shown with this action
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    held = IntakeAppointment.objects.select_for_update().get(pk=intake.pk)
    if held.cancelled_at is not None:
        return held
    if held.arrived_at is not None:
        raise Refused(
            "The person has arrived for this intake, so it cannot be cancelled. Nothing was changed."
        )
    _let_go(held, at)
    missed = held.ends <= at
    _happens(
        by, at, row, InquiryEventKind.REOPENED,
        reason="did_not_come" if missed else "intake_cancelled", note=note,
    )  # fmt: skip
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.cancel_intake",
        subject=f"IntakeAppointment {held.pk}",
        patient_id=row.patient_id,
        detail={"inquiry": row.pk},
    )
    return held


@transaction.atomic
def arrive_intake(*, by: Actor, at: datetime, intake: IntakeAppointment) -> IntakeAppointment:
    """The person is here. Twice is once. Raises `Refused` before the day and for a cancelled intake.

    Written down on a later day, the person counts as come at the time that was booked.
    """
    inquiry = intake.inquiry
    assert inquiry is not None  # noqa: S101 - only intakes of inquiries are shown with this action
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    held = IntakeAppointment.objects.select_for_update().get(pk=intake.pk)
    if held.arrived_at is not None:
        return held
    if held.cancelled_at is not None:
        raise Refused("This intake was cancelled. Book a new one; nothing was saved.")
    zone = ZoneInfo(row.site.zone)
    day, today = held.starts.astimezone(zone).date(), at.astimezone(zone).date()
    if today < day:
        raise Refused(
            f"This intake is on {_day_and_clock(held.starts, zone)}. Move it to today first; nothing was saved."
        )
    held.arrived_at = at if today == day else held.starts
    held.save(update_fields=["arrived_at"])
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.arrive_intake",
        subject=f"IntakeAppointment {held.pk}",
        patient_id=row.patient_id,
        detail={"inquiry": row.pk, "later": today > day},
    )
    return held


def _check_length(at: datetime, starts: datetime, minutes: int) -> None:
    rule = rules.load_intake_rule()
    if not rule.shortest_minutes <= minutes <= rule.longest_minutes:
        raise Refused(
            f"An intake takes between {rule.shortest_minutes} and {rule.longest_minutes} minutes. "
            "Nothing was booked."
        )
    if starts < at:
        raise Refused("That time is over. Choose a later one; nothing was booked.")
    if starts - at > timedelta(days=rule.booked_ahead_days):
        raise Refused(
            f"That is more than {rule.booked_ahead_days} days ahead. Check the date; nothing was booked."
        )


def _check(
    row: Inquiry,
    staff: Staff,
    room: Room | None,
    starts: datetime,
    ends: datetime,
    mode: str,
) -> None:
    zone = ZoneInfo(row.site.zone)
    if mode not in MODES:
        raise Refused("Say whether the intake is on site or by video. Nothing was booked.")
    if mode == "on_site" and room is None:
        raise Refused("Choose a room, or make it an intake by video. Nothing was booked.")
    if mode == "video" and room is not None:
        raise Refused("An intake by video takes no room. Leave the room empty; nothing was booked.")
    if room is not None and room.site_id != row.site_id:
        raise Refused(f"{room.name} belongs to another site. Choose a room of this one; nothing was booked.")
    closed = rules.outside_hours(starts, ends, zone, open_hours(row.site))
    if closed:
        raise Refused(closed)
    if staff.pk not in {one.pk for one in intake_staff(row.site, starts.astimezone(zone).date())}:
        raise Refused(
            f"{staff.short_name} does not take intakes at {row.site.name} on that day. Choose somebody else; "
            "nothing was booked."
        )


def _hold(intake: IntakeAppointment, at: datetime) -> None:
    """Room, staff and patient, or none of them."""

    def row(**who: int | None) -> Reservation:
        return Reservation(
            during=DateTimeTZRange(intake.starts, intake.ends, "[)"),
            subject=Reservation.For.INTAKE,
            subject_id=intake.pk,
            made_at=at,
            **who,
        )

    wanted = [
        *([row(room_id=intake.room_id)] if intake.room_id else []),
        row(staff_id=intake.staff_id),
        *([row(patient_id=intake.patient_id)] if intake.patient_id else []),
    ]
    try:
        with transaction.atomic():
            Reservation.objects.bulk_create(wanted)
    except IntegrityError as clash:
        raise Refused(_what_clashes(wanted)) from clash


def _what_clashes(wanted: list[Reservation]) -> str:
    """The sentence for the first reservation that stands in the way."""
    overlapping = Q(pk__in=[])
    for one in wanted:
        overlapping |= Q(
            room_id=one.room_id,
            staff_id=one.staff_id,
            patient_id=one.patient_id,
            during__overlap=one.during,
        )
    found = (
        Reservation.objects.filter(overlapping, released_at=None)
        .select_related("room__site", "staff__site", "patient__site")
        .order_by("during", "room", "staff", "pk")  # the room first: it is the easiest to change
        .first()
    )
    who = (found.room or found.staff or found.patient) if found is not None else None
    if found is None or who is None:
        return "Somebody was quicker, and the time is free again now. Nothing was booked; try once more."
    zone = ZoneInfo(who.site.zone)
    what = "an intake" if found.subject == Reservation.For.INTAKE else "a session"
    when = f"{_day_and_clock(found.during.lower, zone)} to {_clock(found.during.upper, zone)}"
    if found.room:
        return (
            f"{found.room.name} is taken by {what}, {when}. Choose another room or time; nothing was booked."
        )
    name = found.staff.short_name if found.staff else found.patient.board_name  # type: ignore[union-attr] # a constraint of the table says so
    return f"{name} already has {what}, {when}. Choose another time; nothing was booked."


def _day_and_clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b}, {_clock(at, zone)}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
