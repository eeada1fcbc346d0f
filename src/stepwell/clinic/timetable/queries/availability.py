"""Who can when: staff, rooms and days of the home site, and one patient's windows. Fixed numbers of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient, Room, Site, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.timetable.models import (
    Closure,
    KeptApart,
    Occurrence,
    PatientTag,
    PatientWindow,
    RoomOut,
    Seat,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
)
from stepwell.clinic.timetable.queries.board import _home, coming_seats, staff_here
from stepwell.clinic.timetable.rules.closing import Holiday, proposed, state_of
from stepwell.clinic.timetable.rules.windows import Fit, Window, fit, window_of


def in_force(on: date) -> Q:
    """Rows with `first_on` and `last_on` that hold on a day."""
    return Q(first_on__lte=on) & (Q(last_on__isnull=True) | Q(last_on__gte=on))


def staff_with_hours(by: Actor, at: datetime, today: date) -> Any:
    """Staff who work here, with `.hours` of today and later, `.limits` (newest first), kinds and `.away`. Five statements."""
    later = StaffAvailability.objects.filter(Q(last_on__isnull=True) | Q(last_on__gte=today))
    return staff_here(by, today).prefetch_related(
        Prefetch("availability", later.order_by("first_on", "weekday", "starts_at"), to_attr="hours"),
        Prefetch("loads", StaffLoad.objects.order_by("-first_on"), to_attr="limits"),
        Prefetch("treatments", StaffTreatment.objects.order_by("kind"), to_attr="kinds"),
        Prefetch(
            "absences",
            StaffAbsence.objects.filter(withdrawn_at__isnull=True, ends__gt=at).order_by("starts"),
            to_attr="away",
        ),
    )


def staff_hours(by: Actor, staff_id: int, at: datetime, today: date) -> Staff:
    """One of them; `Staff.DoesNotExist` for somebody of another site."""
    found: Staff = staff_with_hours(by, at, today).get(pk=staff_id)
    return found


def own_staff(by: Actor) -> Staff:
    """Who asks, as staff. `Staff.DoesNotExist` for anybody else."""
    return Staff.objects.select_related("site").get(pk=by.staff_id or 0)


def own_hours(by: Actor, on: date) -> list[StaffAvailability]:
    """The weekly hours in force of who asks. One statement."""
    rows = StaffAvailability.objects.filter(in_force(on), staff_id=by.staff_id or 0)
    return list(rows.order_by("weekday", "starts_at"))


def windows_on(rows: Iterable[StaffAvailability], on: date) -> list[Window]:
    """The weekly times of loaded staff rows that hold on a day."""
    return [
        Window(weekday=row.weekday, starts_at=row.starts_at, ends_at=row.ends_at)
        for row in rows
        if row.first_on <= on and (row.last_on is None or row.last_on >= on)
    ]


def absences(by: Actor, at: datetime) -> Any:
    """Who of the home site is or will be away, by time. One statement."""
    return (
        StaffAbsence.objects.filter(withdrawn_at__isnull=True, ends__gt=at, staff__site_id__in=_home(by))
        .select_related("staff")
        .order_by("starts", "pk")
    )


def absence_for(by: Actor, number: int) -> StaffAbsence:
    """One absence of the home site; `StaffAbsence.DoesNotExist` for another's."""
    return StaffAbsence.objects.select_related("staff").get(pk=number, staff__site_id__in=_home(by))


def rooms_out(by: Actor, at: datetime) -> Any:
    """Rooms of the home site that cannot be used now or later. One statement."""
    return (
        RoomOut.objects.filter(withdrawn_at__isnull=True, ends__gt=at, room__site_id__in=_home(by))
        .select_related("room")
        .order_by("starts", "pk")
    )


def room_out_for(by: Actor, number: int) -> RoomOut:
    """One of them; `RoomOut.DoesNotExist` for another site's."""
    return RoomOut.objects.select_related("room").get(pk=number, room__site_id__in=_home(by))


def closures(by: Actor, today: date) -> Any:
    """Days from today on that the home site is closed, by day. One statement."""
    return Closure.objects.filter(withdrawn_at__isnull=True, site_id__in=_home(by), on__gte=today).order_by(
        "on"
    )


def closed_between(by: Actor, first: date, last: date) -> Any:
    """Closed days of the home site from first to last, both included. One statement."""
    return Closure.objects.filter(
        withdrawn_at__isnull=True, site_id__in=_home(by), on__gte=first, on__lte=last
    ).order_by("on")


def out_between(
    site_ids: Collection[int], begins: datetime, ends: datetime
) -> tuple[list[StaffAbsence], list[RoomOut], list[Closure]]:
    """Who of some sites is away, which rooms cannot be used and which days are closed, in a span. Three statements."""
    span = Q(withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins)
    works_there = Q(staff__site_id__in=site_ids) | Q(staff__roles__site_id__in=site_ids)
    day = timedelta(days=1)
    return (
        list(StaffAbsence.objects.filter(span, works_there).distinct()),
        list(RoomOut.objects.filter(span, room__site_id__in=site_ids)),
        list(
            Closure.objects.filter(
                withdrawn_at__isnull=True,
                site_id__in=site_ids,
                on__gte=(begins - day).date(),
                on__lte=(ends + day).date(),
            )
        ),
    )


def closure_for(by: Actor, number: int) -> Closure:
    """One closed day of the home site; `Closure.DoesNotExist` for another's."""
    return Closure.objects.select_related("site").get(pk=number, site_id__in=_home(by))


def holidays_to_decide(by: Actor, site: Site, today: date, *, days: int) -> tuple[Holiday, ...]:
    """Holidays of the site's state within `days` about which nobody has said whether it is open. One statement."""
    if site.pk not in _home(by):
        return ()
    last = today + timedelta(days=days)
    said = Closure.objects.filter(site=site, on__gte=today, on__lte=last).values_list("on", flat=True)
    return proposed(today, last, state_of(site.address), set(said))


def sessions_on(by: Actor, on: date, at: datetime) -> int:
    """How many sessions of the home site on a day have not begun and are not cancelled. One statement."""
    return Occurrence.objects.filter(
        site_id__in=_home(by), local_date=on, starts__gt=at, cancelled_at__isnull=True
    ).count()


def sessions_hit(
    by: Actor,
    at: datetime,
    *,
    starts: datetime,
    ends: datetime,
    staff: Staff | None = None,
    room: Room | None = None,
) -> Any:
    """Sessions to come that an absence or a room out of use touches, by time. One statement."""
    who = Q(room=room) if staff is None else Q(facilitator=staff) | Q(cofacilitator=staff)
    return Occurrence.objects.filter(
        who, site_id__in=_home(by), starts__lt=ends, ends__gt=max(starts, at), cancelled_at__isnull=True
    ).order_by("starts", "pk")


def windows_of(by: Actor, patient: Patient, on: date) -> list[PatientWindow]:
    """When a patient can come on and after a day: rows in force and later ones, by day. One statement.

    Staff see whom they see the timetable of; a patient the own ones.
    """
    seen = patients_for(by, Permission.TIMETABLE_READ if by.is_staff else Permission.OWN_RECORD)
    return list(
        PatientWindow.objects.filter(
            Q(last_on__isnull=True) | Q(last_on__gte=on), patient=patient, patient__in=seen
        )
        .select_related("by")
        .order_by("first_on", "weekday", "starts_at")
    )


def as_windows(rows: Iterable[PatientWindow], on: date) -> list[Window]:
    """Loaded rows that hold on a day, as the rules know them."""
    return [
        window_of(row) for row in rows if row.first_on <= on and (row.last_on is None or row.last_on >= on)
    ]


def misfits(by: Actor, at: datetime, patient: Patient, *, until: datetime) -> list[Seat]:
    """Coming seats at a time when the patient cannot come, by time; none while nothing is known. Two statements."""
    zone = ZoneInfo(patient.site.zone)
    rows = windows_of(by, patient, at.astimezone(zone).date())
    if not rows:
        return []
    seats = coming_seats(by, at, patient, until=until).filter(
        occurrence__starts__gt=at, occurrence__cancelled_at__isnull=True
    )
    return [seat for seat in seats if not fits(rows, seat, zone)]


def seats_between(by: Actor, patient: Patient, first: date, last: date) -> Any:
    """Seats of a patient on local days first to last, with what was cancelled, by time. One statement."""
    held = Q(released_at__isnull=True) | Q(released_at=F("occurrence__cancelled_at"))
    seen = patients_for(by, Permission.TIMETABLE_READ if by.is_staff else Permission.OWN_RECORD)
    return (
        Seat.objects.filter(
            held,
            patient=patient,
            patient__in=seen,
            occurrence__local_date__gte=first,
            occurrence__local_date__lte=last,
        )
        .select_related("occurrence__room", "occurrence__facilitator")
        .order_by("occurrence__starts", "pk")
    )


def fits(rows: Iterable[PatientWindow], seat: Seat, zone: ZoneInfo) -> bool:
    """Whether a session lies in the windows of its day; with no window known for that day on, it does."""
    o = seat.occurrence
    here = as_windows(rows, o.local_date)
    starts, ends = o.starts.astimezone(zone), o.ends.astimezone(zone)
    return not here or (fit(here, starts.weekday(), starts.time(), ends.time(), seat.mode) is not Fit.NO)


def tags_of(by: Actor, patient: Patient) -> list[str]:
    """What groups may ask for that holds of the patient now. One statement."""
    seen = patients_for(by, Permission.TIMETABLE_READ)
    rows = PatientTag.objects.filter(patient=patient, patient__in=seen, ended_at__isnull=True)
    return list(rows.order_by("tag").values_list("tag", flat=True))


def tags_offered(by: Actor, patient: Patient) -> list[str]:
    """The words that groups of the home site ask for, and this patient's own. Two statements.

    What stands in another chart is not offered: a tag is free text, and may say more than a group asks.
    """
    needs = TherapyGroup.objects.filter(site_id__in=_home(by)).values_list("needs", flat=True)
    return sorted({tag for row in needs for tag in row} | set(tags_of(by, patient)))


def kept_apart_of(by: Actor, patient: Patient) -> Any:
    """That there are rules for this patient, since when and by whom; never with whom. One statement."""
    seen = patients_for(by, Permission.TIMETABLE_READ)
    return (
        KeptApart.objects.filter(Q(first=patient) | Q(second=patient), ended_at__isnull=True)
        .filter(first__in=seen, second__in=seen)
        .select_related("by")
        .defer("because")
        .order_by("at")
    )


def kept_apart_for(by: Actor, patient: Patient, number: int) -> KeptApart:
    """One such rule of this patient."""
    found: KeptApart = kept_apart_of(by, patient).get(pk=number)
    return found
