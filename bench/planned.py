"""A week in the making: 60 sessions, a version of it as a planner sees it, and all that the board judges it by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.people.models import Patient, Room, Site, SiteHours, Staff
from stepwell.clinic.timetable.models import (
    Enrollment,
    Meeting,
    Occurrence,
    PatientTag,
    PatientWindow,
    PlannedSeat,
    PlannedSession,
    Seat,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
    Week,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.versions import stood_of

COHORTS = 10
"""So many groups of a tenth of the people meet six times each: 60 sessions."""
_DAYS = (0, 2, 4)
_CLOCKS = ((time(9), time(11)), (time(17), time(19)))
"""Every second cohort meets in the morning, the others in the evening."""
_WHOLE_DAY = (time(8), time(21))
_SINCE = date(2020, 1, 1)
SHORT = 25
"""People who lack one session in the version: so many that the page has something to say and to mend."""
MOVED = 6
"""Sessions that the version holds an hour later than the calendar."""


def plan_week(
    site: Site, starts_on: date, staff: list[Staff], patients: list[Patient], at: datetime
) -> dict[str, Any]:
    """Books the week and makes a version of it; gives its first day and the version's id."""
    _when_they_can(site, staff, patients, at)
    size = -(-len(patients) // COHORTS)
    cohorts = [patients[n : n + size] for n in range(0, len(patients), size)]
    rooms = Room.objects.bulk_create(
        Room(site=site, name=f"Hall {n}", capacity=size + 5) for n in range(COHORTS)
    )
    members: dict[int, list[Patient]] = {}
    occurrences: list[Occurrence] = []
    for number, cohort in enumerate(cohorts):
        for occurrence in _sessions(site, starts_on, number, size, staff[number], rooms[number]):
            members[len(occurrences)] = cohort
            occurrences.append(occurrence)
    Occurrence.objects.bulk_create(occurrences)
    Enrollment.objects.bulk_create(
        Enrollment(patient=p, group=o.group, starts_on=_SINCE, at=at)
        for n, o in enumerate(occurrences)
        if n % 6 == 0
        for p in members[n]
    )
    Seat.objects.bulk_create(
        Seat(occurrence=o, patient=p, number=place + 1, capacity=size, at=at)
        for n, o in enumerate(occurrences)
        for place, p in enumerate(members[n])
    )
    week = Week.objects.create(site=site, starts_on=starts_on)
    version = WeekVersion.objects.create(
        week=week,
        number=1,
        origin="solved",
        cost=1000,
        bound=990,
        short_minutes=SHORT * 90,
        seconds=60.0,
        shortfalls=[_shortfall(p, cohorts[0][0], rooms[0]) for p in cohorts[0][:SHORT]],
        stood=stood_of(week),
        at=at,
        by=staff[0],
    )
    planned = PlannedSession.objects.bulk_create(
        _planned(version, o, later=n % (len(occurrences) // MOVED) == 5) for n, o in enumerate(occurrences)
    )
    PlannedSeat.objects.bulk_create(
        PlannedSeat(session=one, patient=p)
        for n, one in enumerate(planned)
        for place, p in enumerate(members[n])
        if n or place >= SHORT
    )
    return {"planned_from": starts_on.isoformat(), "version": version.pk}


def _sessions(
    site: Site, starts_on: date, number: int, size: int, leader: Staff, room: Room
) -> list[Occurrence]:
    """The six sessions of one cohort."""
    group = TherapyGroup.objects.create(
        site=site,
        name=f"Whole {number}",
        kind="skills",
        facilitator=leader,
        room=room,
        capacity=size,
        each_week=6,
        starts_on=_SINCE,
    )
    zone = ZoneInfo(site.zone)
    found = []
    for day in _DAYS:
        for clock in _CLOCKS[number % 2]:
            on = starts_on + timedelta(days=day)
            meeting = Meeting.objects.create(
                group=group, weekday=on.weekday(), starts_at=clock, minutes=90, first_on=on
            )
            starts = datetime.combine(on, clock, zone).astimezone(UTC)
            found.append(
                Occurrence(
                    site=site,
                    group=group,
                    meeting=meeting,
                    local_date=on,
                    kind="group",
                    treatment="skills",
                    title=group.name,
                    starts=starts,
                    ends=starts + timedelta(minutes=90),
                    facilitator=leader,
                    room=room,
                    mode="on_site",
                    capacity=size,
                )
            )
    return found


def _planned(version: WeekVersion, one: Occurrence, *, later: bool) -> PlannedSession:
    turn = timedelta(minutes=30 if later else 0)
    return PlannedSession(
        version=version,
        key=f"xc{one.pk}",
        occurrence=one,
        group=one.group,
        kind=one.kind,
        treatment=one.treatment,
        title=one.title,
        starts=one.starts + turn,
        ends=one.ends + turn,
        local_date=one.local_date,
        facilitator=one.facilitator,
        room=one.room,
        mode=one.mode,
        capacity=one.capacity,
    )


def _when_they_can(site: Site, staff: list[Staff], patients: list[Patient], at: datetime) -> None:
    opens, closes = _WHOLE_DAY
    SiteHours.objects.bulk_create(
        SiteHours(site=site, weekday=n, opens=opens, closes=closes) for n in range(7)
    )
    StaffAvailability.objects.bulk_create(
        StaffAvailability(staff=s, site=site, weekday=n, starts_at=opens, ends_at=closes, first_on=_SINCE)
        for s in staff
        for n in range(7)
    )
    StaffLoad.objects.bulk_create(
        StaffLoad(staff=s, first_on=_SINCE, day_most=480, week_most=1500, week_usual=1200, rest=15, travel=0)
        for s in staff
    )
    StaffTreatment.objects.bulk_create(StaffTreatment(staff=s, kind="skills") for s in staff)
    PatientWindow.objects.bulk_create(
        PatientWindow(patient=p, weekday=n, starts_at=opens, ends_at=closes, first_on=_SINCE, at=at)
        for p in patients
        for n in range(7)
    )
    PatientTag.objects.bulk_create(PatientTag(patient=p, tag="new", at=at) for p in patients[::10])


def _shortfall(patient: Patient, other: Patient, room: Room) -> dict[str, object]:
    """As computing a week leaves it."""
    return {
        "patient": f"p{patient.pk}",
        "minutes": 90,
        "because": f"540 minutes are ordered and 450 found: r{room.pk} is full on day 1 at 09:00-10:30.",
        "mends": [
            {
                "sentence": f"p{other.pk} can change on day 3 at 17:00-18:30.",
                "minutes": 90,
                "also": [],
            }
        ],
    }
