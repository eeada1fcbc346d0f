"""What closed days take away: sessions that were cancelled for one, or never made, with those who would have come."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.timetable.models import Occurrence, Seat
from stepwell.clinic.timetable.queries.case_of_sessions import mode_of
from stepwell.clinic.timetable.queries.case_of_site import meetings_of
from stepwell.clinic.timetable.queries.week_rows import DAY
from stepwell.clinic.timetable.queries.weekcase import WeekCase
from stepwell.clinic.timetable.rules.closing import CLOSED
from weekplan.case import Case, Mode, Span
from weekplan.plan import Session


def sessions_lost(found: WeekCase) -> tuple[Session, ...]:
    """The week's sessions that its closed days took away, as they would have been held. Three statements at most.

    Their ids begin with `lost`. A session alone with one person counts while it is still owed to her.
    """
    rows = found.rows
    days = {one.on for one in rows.closures}
    if not days:
        return ()
    there = list(
        Occurrence.objects.filter(site=rows.site)
        .annotate(day=Coalesce("instead_of", "local_date"))
        .filter(day__in=days)
    )
    gone = {
        one.pk: one
        for one in there
        if one.cancelled_at and one.cancelled_because.startswith(CLOSED) and one.starts > rows.at
    }
    people: dict[int, list[int]] = defaultdict(list)
    seats = Seat.objects.filter(occurrence__in=gone, released_at=F("occurrence__cancelled_at"))
    for occurrence, patient in seats.order_by("pk").values_list("occurrence_id", "patient_id"):
        people[occurrence].append(patient)
    owed = _still_owed(found.case)
    lost = []
    for pk, one in gone.items():
        span = Span(*rows.span_of(one))
        mode = mode_of(one.mode, one.room_id)
        if one.group_id:
            lost.append(_held(found, f"lost-{pk}", one.group_id, span, mode, people[pk]))
            continue
        for patient in people[pk]:
            name = next((o for o in owed[patient, one.treatment]), None)
            if name is not None:
                owed[patient, one.treatment].remove(name)
                lost.append(_alone(f"lost-{pk}-{patient}", name, one.treatment, span, mode, patient))
    made = {(one.meeting_id, one.day) for one in there}
    lost += _never_made(found, days, made)
    return tuple(one for one in lost if one is not None and one.people)


def _still_owed(case: Case) -> dict[tuple[int, str], list[str]]:
    """Sessions owed to a patient by kind that stand nowhere yet."""
    placed = {one.owed for one in case.standing}
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for patient in case.patients:
        for one in patient.owed:
            if one.id not in placed:
                found[int(patient.id[1:]), one.kind].append(one.id)
    return found


def _never_made(found: WeekCase, days: set[date], made: set[tuple[int | None, date]]) -> list[Session | None]:
    """Meetings of groups on days that were closed before their sessions were made."""
    rows, lost = found.rows, []
    for group in rows.groups:
        for meeting, span in meetings_of(rows, group):
            day = rows.starts_on + timedelta(days=span.day)
            if day not in days or (meeting.pk, day) in made or rows.instant_of(span.start) <= rows.at:
                continue
            people = [
                one.patient_id
                for one in rows.enrollments
                if one.group_id == group.pk and one.starts_on <= day and (one.ends_on or day) >= day
            ]
            mode = mode_of(group.mode, group.room_id)
            lost.append(_held(found, f"lost-{meeting.pk}-{span.day}", group.pk, span, mode, people))
    return lost


def _held(
    found: WeekCase, name: str, group_id: int, span: Span, mode: Mode, people: list[int]
) -> Session | None:
    offer = next((one for one in found.case.offers if one.id == f"g{group_id}-{span.minutes}"), None)
    named = {one.id for one in found.case.patients}
    if offer is None or span.start // DAY > 6:
        return None
    who = tuple(f"p{p}" for p in sorted(set(people)) if f"p{p}" in named)
    return Session(name, offer.id, None, offer.kind, span, mode, None, (), who, "no", 0)


def _alone(name: str, owed: str, kind: str, span: Span, mode: Mode, patient: int) -> Session:
    return Session(name, None, owed, kind, span, mode, None, (), (f"p{patient}",), "no", 0)


def people_by_closed_day(by: Actor, at: datetime) -> dict[date, int]:
    """Closed days to come at the home site -> how many people lost a seat by it. One statement."""
    here = by.home.site_id if by.home.site_id in by.sites_with(Permission.TIMETABLE_READ) else 0
    rows = (
        Seat.objects.filter(
            Q(occurrence__cancelled_because__startswith=CLOSED),
            occurrence__site_id=here,
            occurrence__starts__gt=at,
            released_at=F("occurrence__cancelled_at"),
            patient__in=patients_for(by, Permission.TIMETABLE_READ),
        )
        .values("occurrence__local_date")
        .annotate(people=Count("patient", distinct=True))
        .order_by("occurrence__local_date")
    )
    return {row["occurrence__local_date"]: row["people"] for row in rows}
