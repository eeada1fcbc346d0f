"""The statements behind a version of a week as a board: always the same ones, sent together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Credential, Reservation, Room, SiteHours, Staff, StaffRole
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.models import (
    Closure,
    Enrollment,
    KeptApart,
    Meeting,
    Occurrence,
    PatientTag,
    PatientWindow,
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    RoomOut,
    Seat,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
)
from stepwell.clinic.timetable.rules.planned import DAY, Span


@dataclass(frozen=True, kw_only=True)
class WeekSpan:
    """The week: its days, its instants [begins, ends), and the zone of its site."""

    first: date
    begins: datetime
    ends: datetime
    zone: ZoneInfo

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    def minutes(self, starts: datetime, stops: datetime) -> Span:
        """Both as minutes of the week, as far as they lie in it."""
        return (
            max(0, minute_number(starts, self.first, self.zone)),
            min(7 * DAY, minute_number(stops, self.first, self.zone)) if stops < self.ends else 7 * DAY,
        )


Rows = Callable[[], list[Any]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The statements behind a board, all under way (`clinic.ahead`); each gives its rows when they are needed."""

    sessions: Rows
    seats: Rows
    changes: Rows
    taken: Rows
    closed: Rows
    hours: Rows
    orders: Rows
    named: Rows
    windows: Rows
    tags: Rows
    apart: Rows
    groups: Rows
    meetings: Rows
    members: Rows
    tracks: Rows
    staff: Rows
    available: Rows
    loads: Rows
    treatments: Rows
    absences: Rows
    credentials: Rows
    outs: Rows
    rooms: Rows


def ask_parts(by: Actor, site_id: int, week: WeekSpan, version_id: int) -> Asked:
    """Sends the statements, the same ones whatever the week holds."""
    days = {"first": week.first, "last": week.last}
    bounds = {"begins": week.begins, "ends": week.ends}
    here = {"site_id": site_id}
    return Asked(
        sessions=_SESSIONS.ahead(version_id=version_id),
        seats=_SEATS.ahead(version_id=version_id),
        named=_NAMED.ahead(by, version_id=version_id, begins=week.begins, last=week.last, **here),
        windows=_WINDOWS.ahead(begins=week.begins, **days, **here),
        orders=_ORDERS.ahead(begins=week.begins, last=week.last, **here),
        tags=_TAGS.ahead(begins=week.begins, **here),
        apart=_APART.ahead(**here),
        taken=_TAKEN.ahead(**days, **bounds, **here),
        groups=_GROUPS.ahead(version_id=version_id, **days, **here),
        meetings=_MEETINGS.ahead(**here),
        members=_MEMBERS.ahead(**days, **here),
        tracks=_TRACKS.ahead(**here),
        staff=_STAFF.ahead(**days, **here),
        available=_AVAILABLE.ahead(**days, **here),
        loads=_LOADS.ahead(**days, **here),
        treatments=_TREATMENTS.ahead(**days, **here),
        absences=_ABSENCES.ahead(**days, **bounds, **here),
        credentials=_CREDENTIALS.ahead(**days, **here),
        outs=_OUTS.ahead(**bounds, **here),
        rooms=_ROOMS.ahead(**here),
        closed=_CLOSED.ahead(**days, **here),
        hours=_HOURS.ahead(**here),
        changes=_CHANGES.ahead(version_id=version_id),
    )


_SESSIONS = Prepared(
    lambda *, version_id: (
        PlannedSession.objects.filter(version_id=version_id).order_by("starts", "pk").values()
    )
)


_SEATS = Prepared(
    lambda *, version_id: (
        PlannedSeat.objects.filter(session__version_id=version_id)
        .order_by()
        .values_list("session_id")
        .annotate(people=ArrayAgg("patient_id"))
    )
)


_CHANGES = Prepared(
    lambda *, version_id: (
        PlannedChange.objects.filter(version_id=version_id, lost_at__isnull=True)
        .order_by("number")
        .values_list("verb", "title", "undone_at")
    )
)


_CLOSED = Prepared(
    lambda *, site_id, first, last: Closure.objects.filter(
        site_id=site_id, withdrawn_at__isnull=True, on__gte=first, on__lte=last
    ).values_list("on")
)


_HOURS = Prepared(
    lambda *, site_id: SiteHours.objects.filter(site_id=site_id).values_list("weekday", "opens", "closes")
)


def _groups(*, site_id: int, first: date, last: date, version_id: int) -> Any:
    """Groups that meet in the week, and those that the version holds all the same."""
    used = PlannedSession.objects.filter(version_id=version_id, group__isnull=False)
    return TherapyGroup.objects.filter(
        Q(pk__in=used.values("group"))
        | Q(starts_on__lte=last) & (Q(ends_on__isnull=True) | Q(ends_on__gte=first)),
        site_id=site_id,
    ).order_by("name", "pk")


_GROUPS = Prepared(_groups)


_MEETINGS = Prepared(
    lambda *, site_id: (
        Meeting.objects.filter(group__site_id=site_id)
        .order_by("first_on", "pk")
        .values_list("group_id", "minutes")
    )
)


# Of closed series, and of groups with tracks: by them it is known of which track somebody is.
_MEMBERS = Prepared(
    lambda *, site_id, first, last: (
        Enrollment.objects.filter(
            Q(group__closed_series=True) | Q(group__in=_of_tracks(site_id).values("therapygroup")),
            Q(ends_on__isnull=True) | Q(ends_on__gte=first),
            group__site_id=site_id,
            starts_on__lte=last,
        )
        .order_by("starts_on", "pk")
        .values_list("group_id", "patient_id", "ends_on")
    )
)


def _of_tracks(site_id: int) -> Any:
    return TherapyGroup.tracks.through.objects.filter(therapygroup__site_id=site_id)


_TRACKS = Prepared(
    lambda *, site_id: _of_tracks(site_id).order_by("track_id").values_list("therapygroup_id", "track_id")
)


def topics_had(topics: Mapping[int, tuple[str, int]], first: date) -> list[tuple[int, int]]:
    """(Patient, group) of who had the group's topic of this week in the running turn. `topics`: group -> the topic and
    how many weeks a turn has. One statement, none where no topics roll."""
    if not topics:
        return []
    of = Q()
    for group, (topic, weeks) in topics.items():
        since = first - timedelta(weeks=weeks - 1)
        of |= Q(occurrence__group_id=group, occurrence__topic=topic, occurrence__local_date__gte=since)
    return list(
        Seat.objects.filter(
            of, occurrence__local_date__lt=first, released_at__isnull=True, attendance__outcome="present"
        )
        .order_by()
        .values_list("patient_id", "occurrence__group_id")
        .distinct()
    )


def _staff(*, site_id: int, first: date, last: date) -> Any:
    here = Q(site_id=site_id) | Q(
        pk__in=StaffRole.objects.filter(site_id=site_id, ends_on__isnull=True).values("staff")
    )
    return Staff.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), here, starts_on__lte=last)


_STAFF = Prepared(lambda **who: _staff(**who).order_by("short_name", "pk").values_list("pk", "short_name"))


_AVAILABLE = Prepared(
    lambda *, site_id, first, last: StaffAvailability.objects.filter(
        _holds_in(first, last), staff__in=_staff(site_id=site_id, first=first, last=last), site_id=site_id
    ).values_list("staff_id", "weekday", "starts_at", "ends_at")
)


_LOADS = Prepared(
    lambda *, last, **who: (
        StaffLoad.objects.filter(staff__in=_staff(last=last, **who), first_on__lte=last)
        .order_by("first_on")
        .values_list("staff_id", "day_most", "week_most", "rest", "travel")
    )
)


_TREATMENTS = Prepared(
    lambda **who: StaffTreatment.objects.filter(staff__in=_staff(**who)).values_list(
        "staff_id", "kind", "leads"
    )
)


_ABSENCES = Prepared(
    lambda *, begins, ends, **who: StaffAbsence.objects.filter(
        staff__in=_staff(**who), withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
    ).values_list("staff_id", "starts", "ends")
)


_CREDENTIALS = Prepared(lambda **who: Credential.objects.filter(staff__in=_staff(**who)))


_OUTS = Prepared(
    lambda *, site_id, begins, ends: RoomOut.objects.filter(
        room__site_id=site_id, withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
    ).values_list("room_id", "starts", "ends")
)


_ROOMS = Prepared(lambda *, site_id: Room.objects.filter(site_id=site_id).order_by("name", "pk"))


def _orders(*, site_id: int, begins: datetime, last: date) -> Any:
    return TreatmentOrder.objects.filter(
        Q(episode__closed_at__isnull=True) | Q(episode__closed_at__gt=begins),
        episode__patient__site_id=site_id,
        starts_on__lte=last,
    )


def _in_treatment(begins: datetime) -> Q:
    # By a join, not by hundreds of numbers in the statement.
    return Q(patient__episodes__closed_at__isnull=True) | Q(patient__episodes__closed_at__gt=begins)


_ORDERS = Prepared(
    lambda **those: _orders(**those).values_list(
        "episode__patient_id",
        "minutes_per_week",
        "days_least",
        "days_most",
        "doses",
        "starts_on",
        "episode__closed_at",
    )
)


_NAMED = Prepared(
    lambda by, *, version_id, **those: (
        patients_for(by, Permission.HOURS_READ)
        .filter(
            Q(pk__in=_orders(**those).values("episode__patient"))
            | Q(pk__in=PlannedSeat.objects.filter(session__version_id=version_id).values("patient"))
        )
        .order_by("family_name", "given_name", "pk")
        .values_list("pk", "code", "given_name", "preferred_name", "family_name")
    )
)


_WINDOWS = Prepared(
    lambda *, site_id, first, last, begins: PatientWindow.objects.filter(
        _holds_in(first, last), _in_treatment(begins), patient__site_id=site_id
    ).values_list("patient_id", "weekday", "starts_at", "ends_at", "on_site", "video")
)


_TAGS = Prepared(
    lambda *, site_id, begins: PatientTag.objects.filter(
        _in_treatment(begins), patient__site_id=site_id, ended_at__isnull=True
    ).values_list("patient_id", "tag")
)


_APART = Prepared(
    lambda *, site_id: KeptApart.objects.filter(
        first__site_id=site_id, second__site_id=site_id, ended_at__isnull=True
    ).values_list("first_id", "second_id")
)


def _taken(*, site_id: int, first: date, last: date, begins: datetime, ends: datetime) -> Any:
    ours = Occurrence.objects.filter(site_id=site_id, local_date__gte=first, local_date__lte=last)
    return (
        Reservation.objects.filter(
            Q(room__site_id=site_id) | Q(staff__site_id=site_id) | Q(patient__site_id=site_id),
            released_at__isnull=True,
            during__startswith__lt=ends,
            during__endswith__gt=begins,
        )
        .exclude(subject=Reservation.For.OCCURRENCE, subject_id__in=ours.values("pk"))
        .values_list("room_id", "staff_id", "patient_id", "during")
    )


_TAKEN = Prepared(_taken)


def _holds_in(first: date, last: date) -> Q:
    return Q(first_on__lte=last) & (Q(last_on__isnull=True) | Q(last_on__gte=first))


def minute_number(instant: datetime, first: date, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return (local.date() - first).days * DAY + local.hour * 60 + local.minute
