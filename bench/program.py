"""A program of 500 patients and one chart of 1,000 events, written straight into the tables.

Not the demo clinic: names are numbers, texts are filler. Rows are made in bulk because a benchmark needs the
tables full, not the history true; every constraint of the database still holds.

The day of the run is always the Wednesday of the program and its clock stands at ten in the morning, whatever the
day and the hour: half of the day's 84 sessions are going on, the others begin within the hour. So a run on a Sunday
night measures what a run on a busy morning measures.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from bench.planned import plan_week
from bench.scores import long_trend
from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.people.models import Credential, Patient, Room, Site, Staff, StaffRole
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import Goal, Intervention, Objective, Plan, Problem, TreatmentOrder
from stepwell.clinic.recovery.models import CheckIn
from stepwell.clinic.sessions.models import Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.timetable.models import (
    Enrollment,
    Meeting,
    Occurrence,
    Program,
    ProgramListing,
    Seat,
    TherapyGroup,
    Track,
)

EVENTS = 1000
GROUP_SIZE = 12
LONG_CHART = "LONG22"
"""Code of the patient with `EVENTS` events."""
LONG_TREND = "TREND2"
"""Code of the patient with a thousand filled questionnaires."""

CLOCK = 10
"""Hour at the site when the program is made: the first session of the day began at nine, the second is at eleven."""
DAYS_BEFORE_TODAY = 2
"""Days of the site's week that are over: the week begins two days before the run, whatever day that is."""
_DAYS = (-DAYS_BEFORE_TODAY, 0, 2)
"""Days with sessions, counted from the day of the run."""
_SLOTS = (-1, 1)
"""When a day's two sessions begin, in hours from `CLOCK`."""
WEEKS_AHEAD = timedelta(weeks=3)
"""From the week of the run to the week that is being planned: beyond what the program has booked."""
KEEPS = timedelta(minutes=25)
"""So long the sessions that were going on when the program was made still are."""

_PART = "Took part, practiced the skill with a partner and named one risky hour of the coming week. "


def fill(at: datetime, people: int) -> dict[str, Any]:
    """Fills an empty, migrated database with a program of `people` patients, all or nothing.

    Returns the ids that the measurements speak of.
    """
    with transaction.atomic():
        facts = _everything(at, people)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return facts


def _everything(at: datetime, people: int) -> dict[str, Any]:
    draw = random.Random(500)
    zone = zone_at(at)
    today = at.astimezone(ZoneInfo(zone)).date()
    site = Site.objects.create(
        name="Bench",
        zone=zone,
        week_starts_on=(today.weekday() - DAYS_BEFORE_TODAY) % 7,
        crisis_line="555-0100",
    )
    rooms = Room.objects.bulk_create(
        Room(site=site, name=f"Room {n}", capacity=GROUP_SIZE + 2) for n in range(60)
    )
    staff = _staff(site)
    program = Program.objects.create(
        site=site, name="Intensive outpatient", level="2.1", minutes_least=540, minutes_most=1140
    )
    track = Track.objects.create(program=program, name="Day", kind="day")
    ProgramListing.objects.create(program=program, published=True, words_en="Every day.", changed_at=at)
    patients, episodes = _patients(site, staff[0], at, people)
    objectives = _plans(episodes, staff[0], at)
    week = _groups_and_weeks(site, rooms, staff, patients, objectives, at, draw)
    _long_chart(site, staff[0], patients[0], objectives[patients[0].pk], at)
    long_trend(patients[1], staff[0], at)
    ahead = plan_week(site, date.fromisoformat(week["week"]) + WEEKS_AHEAD, staff, patients, at)
    for group in TherapyGroup.objects.filter(site=site):  # the public's finder counts their free seats
        group.tracks.add(track)
    return {"site": site.pk, "counselor": staff[0].pk, "patients": len(patients), **week, **ahead}


def zone_at(at: datetime) -> str:
    """A zone without summer time where it is `CLOCK` at that instant."""
    east = (CLOCK - at.astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}"


def _staff(site: Site) -> list[Staff]:
    password = make_password("bench-password")
    users = User.objects.bulk_create(
        User(email=f"staff{n}@bench.example", name=f"Staff {n}", password=password, is_staff=True)
        for n in range(60)
    )
    staff = Staff.objects.bulk_create(
        Staff(user=u, site=site, name=u.name, short_name=u.name, starts_on=date(2020, 1, 1)) for u in users
    )
    roles = (Role.COUNSELOR, Role.FACILITATOR, Role.ADMISSIONS, Role.DIRECTOR)
    StaffRole.objects.bulk_create(
        StaffRole(staff=s, role=role, site=site, starts_on=date(2020, 1, 1)) for s in staff for role in roles
    )
    Credential.objects.bulk_create(
        Credential(staff=s, kind="LPC", issued_on=date(2020, 1, 1), expires_on=date(2090, 1, 1))
        for s in staff
    )
    return staff


def _patients(site: Site, by: Staff, at: datetime, people: int) -> tuple[list[Patient], list[Episode]]:
    patients = Patient.objects.bulk_create(
        Patient(
            code=(LONG_CHART, LONG_TREND)[n] if n < 2 else f"B{n:05d}",
            site=site,
            given_name=f"Given{n}",
            family_name=f"Family{n}",
            birth_date=date(1980, 1, 1) + timedelta(days=n),
            made_at=at,
            made_by="bench",
        )
        for n in range(people)
    )
    admitted = at - timedelta(weeks=11)
    episodes = Episode.objects.bulk_create(
        Episode(patient=p, site=site, admitted_at=admitted, admitted_by=by) for p in patients
    )
    Placement.objects.bulk_create(
        Placement(
            episode=e,
            number=1,
            kind="admit",
            level="2.1",
            because="bench",
            starts_at=admitted,
            at=admitted,
            by=by,
        )
        for e in episodes
    )
    TreatmentOrder.objects.bulk_create(
        TreatmentOrder(
            episode=e,
            minutes_per_week=540,
            days_least=3,
            days_most=5,
            starts_on=admitted.date(),
            at=admitted,
            by=by,
        )
        for e in episodes
    )
    return patients, episodes


def _plans(episodes: list[Episode], by: Staff, at: datetime) -> dict[int, Objective]:
    begun = at - timedelta(weeks=11)
    plans = Plan.objects.bulk_create(
        Plan(episode=e, version=1, review_due_on=at.date(), begun_at=begun, begun_by=by) for e in episodes
    )
    problems = Problem.objects.bulk_create(Problem(plan=p, number=1, statement="Craving") for p in plans)
    goals = Goal.objects.bulk_create(Goal(problem=p, number=1, words="I want to sleep.") for p in problems)
    objectives = Objective.objects.bulk_create(
        Objective(goal=g, number=1, measure="Days", target="30", due_on=at.date()) for g in goals
    )
    Intervention.objects.bulk_create(
        Intervention(objective=o, kind="skills", minutes_per_week=540) for o in objectives
    )
    Plan.objects.filter(pk__in=[p.pk for p in plans]).update(signed_at=begun)
    return {e.patient_id: o for e, o in zip(episodes, objectives, strict=True)}


def _groups_and_weeks(
    site: Site,
    rooms: list[Room],
    staff: list[Staff],
    patients: list[Patient],
    objectives: dict[int, Objective],
    at: datetime,
    draw: random.Random,
) -> dict[str, Any]:
    """42 cohorts of 12, six sessions a week each: 10 weeks signed, the last one open, this one half held, the next booked."""
    cohorts = [patients[n : n + GROUP_SIZE] for n in range(0, len(patients), GROUP_SIZE)]
    ten = at.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=at.minute // 5 * 5)
    zone = ZoneInfo(site.zone)
    week_began = ten.astimezone(zone).replace(hour=0, minute=0) - timedelta(days=DAYS_BEFORE_TODAY)
    to_sign: list[int] = []
    for number, members in enumerate(cohorts):
        leader = staff[number % len(staff)]
        group = TherapyGroup.objects.create(
            site=site,
            name=f"Skills {number}",
            kind="skills",
            facilitator=leader,
            room=rooms[number % len(rooms)],
            capacity=GROUP_SIZE,
            starts_on=date(2020, 1, 1),
        )
        meetings = Meeting.objects.bulk_create(
            Meeting(
                group=group,
                weekday=(ten + timedelta(days=day)).astimezone(zone).weekday(),
                starts_at=(ten + timedelta(hours=slot)).astimezone(zone).time(),
                minutes=90,
                first_on=date(2020, 1, 1),
            )
            for day in _DAYS
            for slot in _SLOTS
        )
        starts = [ten + timedelta(days=day, hours=slot) for day in _DAYS for slot in _SLOTS]
        Enrollment.objects.bulk_create(
            Enrollment(patient=p, group=group, starts_on=date(2020, 1, 1), at=at) for p in members
        )
        occurrences = Occurrence.objects.bulk_create(
            _occurrence(site, group, meeting, leader, first + timedelta(weeks=week), zone)
            for week in range(-11, 2)
            for meeting, first in zip(meetings, starts, strict=True)
        )
        _seats_and_notes(occurrences, members, leader, objectives, at, week_began, draw)
        to_sign += [o.pk for o in occurrences if week_began - timedelta(days=7) <= o.starts < week_began]
    return {"to_sign": to_sign, "week": week_began.date().isoformat()}


def _occurrence(
    site: Site, group: TherapyGroup, meeting: Meeting, leader: Staff, starts: datetime, zone: ZoneInfo
) -> Occurrence:
    return Occurrence(
        site=site,
        group=group,
        meeting=meeting,
        local_date=starts.astimezone(zone).date(),
        kind="group",
        treatment="skills",
        title=group.name,
        topic="Craving and how it passes",
        starts=starts,
        ends=starts + timedelta(minutes=90),
        facilitator=leader,
        room=group.room,
        mode="on_site",
        capacity=GROUP_SIZE,
    )


def _seats_and_notes(
    occurrences: list[Occurrence],
    members: list[Patient],
    leader: Staff,
    objectives: dict[int, Objective],
    at: datetime,
    week_began: datetime,
    draw: random.Random,
) -> None:
    seats = Seat.objects.bulk_create(
        Seat(occurrence=o, patient=p, number=n + 1, capacity=GROUP_SIZE, at=at)
        for o in occurrences
        for n, p in enumerate(members)
    )
    held = [o for o in occurrences if o.ends <= at]
    Attendance.objects.bulk_create(
        Attendance(
            seat=seat,
            occurrence=seat.occurrence,
            patient=seat.patient,
            outcome="present",
            arrived_at=seat.occurrence.starts,
            left_at=seat.occurrence.ends,
            minutes=90,
            recorded_at=at,
        )
        for seat in seats
        if seat.occurrence.ends <= at
    )
    # Of a session that is going on all but one are in the room.
    Attendance.objects.bulk_create(
        Attendance(
            seat=seat,
            occurrence=seat.occurrence,
            patient=seat.patient,
            outcome="present",
            arrived_at=seat.occurrence.starts,
            recorded_at=at,
        )
        for seat in seats
        if seat.occurrence.starts <= at < seat.occurrence.ends and seat.number > 1
    )
    notes = Note.objects.bulk_create(
        Note(
            occurrence=o,
            author=leader,
            shared="The group worked on craving.",
            topic=o.topic,
            begun_at=o.ends,
            saved_at=o.ends,
        )
        for o in held
    )
    NotePart.objects.bulk_create(
        NotePart(
            note=note,
            patient=p,
            participation="active",
            affect="calm",
            response="practiced",
            risk="none",
            objective=objectives[p.pk],
            minutes=90,
            text=f"{_PART}Person {p.pk}, {' '.join(draw.choices(_WORDS, k=18))}.",
        )
        for note in notes
        for p in members
    )
    # The last week and this one stay open: the notes of the last are what the benchmark signs.
    signed = [n for n in notes if n.occurrence.starts < week_began - timedelta(days=7)]
    NoteSignature.objects.bulk_create(
        NoteSignature(
            note=n,
            role="author",
            staff=leader,
            name=leader.name,
            credential="LPC",
            content_hash="0" * 64,
            at=n.saved_at,
        )
        for n in signed
    )
    Note.objects.filter(pk__in=[n.pk for n in signed]).update(signed_at=at, content_hash="0" * 64)


_WORDS = [
    "morning",
    "evening",
    "walk",
    "call",
    "sister",
    "brother",
    "work",
    "shift",
    "bus",
    "rain",
    "payday",
    "rent",
    "kitchen",
    "garden",
    "choir",
    "coach",
    "letter",
    "court",
    "doctor",
    "sleep",
    "coffee",
    "bridge",
    "market",
    "school",
    "daughter",
    "son",
    "neighbor",
    "church",
    "river",
    "bench",
    "library",
    "train",
    "guitar",
    "soccer",
    "paint",
    "movie",
    "dog",
    "cat",
    "phone",
    "window",
    "winter",
    "summer",
    "ticket",
    "bicycle",
    "laundry",
    "cousin",
    "harvest",
]


def _long_chart(site: Site, by: Staff, patient: Patient, objective: Objective, at: datetime) -> None:
    """Fills up to `EVENTS`: screenings, check-ins and notes of earlier years."""
    there = NotePart.objects.filter(patient=patient).count()
    earlier = at - timedelta(days=900)
    Screening.objects.bulk_create(
        Screening(
            patient=patient,
            instrument="phq-9",
            version="1",
            answers={},
            complete=True,
            total=n % 27,
            band="moderate",
            taken_at=earlier + timedelta(days=n * 3),
            recorded_at=earlier + timedelta(days=n * 3),
        )
        for n in range(200)
    )
    CheckIn.objects.bulk_create(
        CheckIn(
            patient=patient,
            mood=n % 10,
            craving=n % 7,
            at=earlier + timedelta(days=n * 2),
            once_key=f"bench-{n}",
        )
        for n in range(300)
    )
    rest = EVENTS - there - 500
    starts = [datetime(2023, 1, 2, 14, tzinfo=UTC) + timedelta(days=n) for n in range(rest)]
    occurrences = Occurrence.objects.bulk_create(
        Occurrence(
            site=site,
            local_date=s.date(),
            kind="individual",
            treatment="individual",
            title="Individual session",
            starts=s,
            ends=s + timedelta(minutes=60),
            facilitator=by,
            mode="on_site",
            capacity=1,
        )
        for s in starts
    )
    notes = Note.objects.bulk_create(
        Note(
            occurrence=o,
            format="DAP",
            author=by,
            shared="Individual session.",
            begun_at=o.ends,
            saved_at=o.ends,
        )
        for o in occurrences
    )
    NotePart.objects.bulk_create(
        NotePart(note=n, patient=patient, objective=objective, text=_PART, minutes=60) for n in notes
    )
    Note.objects.filter(pk__in=[n.pk for n in notes]).update(signed_at=at, content_hash="0" * 64)
