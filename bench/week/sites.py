"""Sites with people to plan for, written straight into the tables: as many as wanted, each with a week nobody has planned.

Nine hours a week in one half of the day, on three to five days; groups of ten in four slots a day from Monday to
Friday; one facilitator for each group, a room for four.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Credential, Patient, Room, Site, Staff, StaffRole
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.models import (
    Meeting,
    PatientWindow,
    StaffAvailability,
    StaffTreatment,
    TherapyGroup,
    Week,
)
from stepwell.clinic.timetable.rules.closing import proposed

ORDERED = 540
_SLOTS = (time(9), time(10, 45), time(17, 30), time(19, 15))
_HALVES = ((time(8, 45), time(12, 30)), (time(17, 15), time(21)))
_LONG_AGO = date(2020, 1, 1)


def fill_sites(at: datetime, sites: int, patients: int) -> list[Week]:
    """Makes the sites and opens the same coming week of each, one without a holiday."""
    monday = week_without_holiday(at)
    weeks = []
    for number in range(sites):
        with transaction.atomic():
            site = _site(at, number, patients, monday)
            opened = planning.open_week(by=stepwell_itself(), at=at, site=site, starts_on=monday)
            weeks.append(opened.week)
    return weeks


def week_without_holiday(at: datetime) -> date:
    """The first Monday from the next on whose week has no holiday in it."""
    day = at.astimezone(UTC).date()
    monday = day + timedelta(days=7 - day.weekday())
    while list(proposed(monday, monday + timedelta(days=6), decided=())):
        monday += timedelta(days=7)
    return monday


def _site(at: datetime, number: int, people: int, monday: date) -> Site:
    site = Site.objects.create(
        name=f"Site {number + 1}", zone="America/New_York", week_starts_on=0, crisis_line="555-0100"
    )
    groups = max(4, -(-people // 8))
    rooms = Room.objects.bulk_create(
        Room(site=site, name=f"Room {n + 1}", capacity=12) for n in range(-(-groups // len(_SLOTS)))
    )
    staff = _staff(site, groups)
    made = TherapyGroup.objects.bulk_create(
        TherapyGroup(
            site=site,
            name=f"Group {n + 1}",
            kind=("skills", "process")[n % 2],
            facilitator=staff[n],
            room=rooms[n // len(_SLOTS)],
            capacity=10,
            least=2,
            good=6,
            starts_on=monday,
        )
        for n in range(groups)
    )
    Meeting.objects.bulk_create(
        Meeting(
            group=group,
            weekday=day,
            starts_at=_SLOTS[n % len(_SLOTS)],
            minutes=90,
            first_on=monday,
        )
        for n, group in enumerate(made)
        for day in range(5)
    )
    _people(site, staff[0], at, people, monday)
    return site


def _staff(site: Site, number: int) -> list[Staff]:
    password = make_password(None)
    users = User.objects.bulk_create(
        User(email=f"staff{n}@site{site.pk}.example", name=f"Staff {n}", password=password, is_staff=True)
        for n in range(number)
    )
    staff = Staff.objects.bulk_create(
        Staff(user=user, site=site, name=user.name, short_name=user.name, starts_on=_LONG_AGO)
        for user in users
    )
    StaffRole.objects.bulk_create(
        StaffRole(staff=one, role=Role.FACILITATOR, site=site, starts_on=_LONG_AGO) for one in staff
    )
    Credential.objects.bulk_create(
        Credential(staff=one, kind="LPC", issued_on=_LONG_AGO, expires_on=date(2090, 1, 1)) for one in staff
    )
    StaffAvailability.objects.bulk_create(
        StaffAvailability(
            staff=one, site=site, weekday=day, starts_at=time(8), ends_at=time(21), first_on=_LONG_AGO
        )
        for one in staff
        for day in range(5)
    )
    StaffTreatment.objects.bulk_create(
        StaffTreatment(staff=one, kind=kind) for one in staff for kind in ("skills", "process")
    )
    return staff


def _people(site: Site, by: Staff, at: datetime, number: int, monday: date) -> None:
    admitted = at - timedelta(weeks=3)
    patients = Patient.objects.bulk_create(
        Patient(
            code=f"{site.pk * 1000 + n:08X}",
            site=site,
            given_name=f"Given{n}",
            family_name=f"Family{n}",
            birth_date=date(1980, 1, 1) + timedelta(days=n),
            made_at=admitted,
            made_by="bench",
        )
        for n in range(number)
    )
    episodes = Episode.objects.bulk_create(
        Episode(patient=one, site=site, admitted_at=admitted, admitted_by=by) for one in patients
    )
    Placement.objects.bulk_create(
        Placement(
            episode=one,
            number=1,
            kind="admit",
            level="2.1",
            because="bench",
            starts_at=admitted,
            at=admitted,
            by=by,
        )
        for one in episodes
    )
    TreatmentOrder.objects.bulk_create(
        TreatmentOrder(
            episode=one,
            minutes_per_week=ORDERED,
            days_least=3,
            days_most=5,
            starts_on=admitted.date(),
            at=admitted,
            by=by,
        )
        for one in episodes
    )
    PatientWindow.objects.bulk_create(
        PatientWindow(
            patient=one,
            weekday=day,
            starts_at=_HALVES[n % 2][0],
            ends_at=_HALVES[n % 2][1],
            first_on=admitted.date(),
            at=admitted,
        )
        for n, one in enumerate(patients)
        for day in range(5)
    )
