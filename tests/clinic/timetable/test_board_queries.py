"""A version read as a board: what is on file in the rows, in the words and minutes of the rules, by few statements."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Reservation, Site, SiteHours
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable.actions import book_seat, enroll, set_up_program, set_up_track
from stepwell.clinic.timetable.models import (
    Closure,
    KeptApart,
    Occurrence,
    PatientTag,
    PatientWindow,
    PlannedChange,
    RoomOut,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    WeekVersion,
)
from stepwell.clinic.timetable.queries import case_of
from stepwell.clinic.timetable.queries.draft_board import draft_board, planned_session_for, versions_for
from stepwell.clinic.timetable.rules.breaking import Broken, breaches
from stepwell.clinic.timetable.rules.planned import Leader, Person, Place, Planned, Window
from tests.clinic.timetable.drafts import NEXT_MONDAY, make_draft, on, plan
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, actor, make_room, make_site, make_staff
from weekplan.fitting import may_attend

LONG_AGO = date(2026, 1, 1)


@pytest.fixture
def director(site: Site):
    return actor(make_staff(site, Role.DIRECTOR, name="Dana Director"))


def test_a_planned_session_has_its_minutes_in_wall_time(site: Site, director) -> None:
    group = make_group(site, name="Skills", meets=((5, time(9)),))
    ana = admitted(site)
    session = plan(make_draft(site), group, on(1, 10, 45), [ana], locked=True)
    found = draft_board(director, session.version_id, NOW)
    assert found.board.sessions == {
        session.pk: Planned(
            id=session.pk,
            title="Skills",
            treatment="skills",
            group=group.pk,
            start=1440 + 645,
            minutes=90,
            mode="on_site",
            room=group.room_id,
            leader=group.facilitator_id,
            capacity=4,
            people=frozenset({ana.pk}),
            locked=True,
        )
    }
    assert found.instant_of(1440 + 645) == on(1, 10, 45)
    assert found.codes == {ana.pk: ana.code}


def test_six_in_the_evening_stays_six_when_the_clocks_change(site: Site, director) -> None:
    draft = make_draft(site, starts_on=date(2026, 10, 26))  # on Sunday 1 November summer time ends
    group = make_group(site, meets=((5, time(9)),))
    at = datetime(2026, 11, 1, 23, tzinfo=NOW.tzinfo)  # six in the evening
    session = plan(draft, group, at)
    found = draft_board(director, draft.pk, NOW)
    assert found.board.sessions[session.pk].start == 6 * 1440 + 18 * 60
    assert found.instant_of(6 * 1440 + 18 * 60) == at


def test_a_leader_is_as_the_files_say(site: Site, director) -> None:
    okafor = make_staff(site, Role.FACILITATOR, name="Nia Okafor")
    group = make_group(site, okafor, meets=((5, time(9)),))
    draft = make_draft(site)
    facts = {"staff": okafor, "site": site, "weekday": 1, "first_on": LONG_AGO}
    StaffAvailability.objects.create(starts_at=time(8), ends_at=time(12), **facts)
    StaffAvailability.objects.create(starts_at=time(12), ends_at=time(17), **facts)
    StaffAvailability.objects.create(
        starts_at=time(18), ends_at=time(20), last_on=date(2026, 3, 1), **facts
    )  # over
    StaffLoad.objects.create(
        staff=okafor, first_on=LONG_AGO, day_most=300, week_most=900, week_usual=600, rest=15, travel=30
    )
    StaffTreatment.objects.create(staff=okafor, kind="skills")
    StaffTreatment.objects.create(staff=okafor, kind="family", leads=False)
    StaffAbsence.objects.create(staff=okafor, starts=on(2, 8), ends=on(9, 8), because="leave", at=NOW)
    Reservation.objects.create(
        staff=okafor,
        during=DateTimeTZRange(on(0, 9), on(0, 10), "[)"),
        subject="intake",
        subject_id=1,
        made_at=NOW,
    )
    found = draft_board(director, draft.pk, NOW).board
    assert found.leaders[okafor.pk] == Leader(
        id=okafor.pk,
        name="Okafor",
        leads=frozenset({"skills"}),
        coleads=frozenset({"family"}),
        available=((1440 + 480, 1440 + 1020),),
        away=((2 * 1440 + 480, 7 * 1440),),
        busy=((540, 600),),
        day_most=300,
        week_most=900,
        rest=15,
        travel=30,
    )
    assert found.groups[group.pk].minutes == 90


def test_a_person_is_as_the_files_say(site: Site, director) -> None:
    ana, kim = admitted(site, "Ana", "Reed"), admitted(site, "Kim", "Tate")
    PatientWindow.objects.create(
        patient=ana,
        weekday=3,
        starts_at=time(17),
        ends_at=time(20),
        video=False,
        first_on=LONG_AGO,
        at=NOW,
    )
    PatientTag.objects.create(patient=ana, tag="women", at=NOW)
    first, second = sorted((ana.pk, kim.pk))
    KeptApart.objects.create(first_id=first, second_id=second, because="history", at=NOW)
    found = draft_board(director, make_draft(site).pk, NOW).board
    assert found.people[ana.pk] == Person(
        id=ana.pk,
        name="Ana R.",
        ordered=540,
        most=570,
        days_most=5,
        day_most=360,
        windows=(Window(start=3 * 1440 + 1020, end=3 * 1440 + 1200, video=False),),
        apart=frozenset({kim.pk}),
        tags=frozenset({"women"}),
    )


def test_rooms_closures_and_hours_are_as_the_files_say(site: Site, director) -> None:
    room = make_room(site, name="Room 2", capacity=8, features=["mats"])
    RoomOut.objects.create(room=room, starts=on(1, 0), ends=on(2, 0), because="paint", at=NOW)
    Closure.objects.create(site=site, on=NEXT_MONDAY + timedelta(days=3), because="snow", at=NOW)
    SiteHours.objects.create(site=site, weekday=0, opens=time(8), closes=time(20))
    found = draft_board(director, make_draft(site).pk, NOW).board
    assert found.rooms[room.pk] == Place(
        id=room.pk, name="Room 2", capacity=8, features=frozenset({"mats"}), out=((1440, 2880),)
    )
    assert (found.closed, found.opens) == (frozenset({3}), ((480, 1200),))


def test_who_may_not_see_hours_sees_no_people(site: Site) -> None:
    group = make_group(site, meets=((5, time(9)),))
    session = plan(make_draft(site), group, on(1, 9), [admitted(site)])
    found = draft_board(actor(make_staff(site, Role.COMPLIANCE)), session.version_id, NOW)
    assert (found.board.people, found.codes) == ({}, {})
    assert len(found.board.sessions[session.pk].people) == 1


def test_a_strangers_draft_is_not_there(site: Site) -> None:
    session = plan(make_draft(site), make_group(site, meets=((5, time(9)),)), on(1, 9))
    stranger = actor(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    assert not versions_for(stranger).exists()
    with pytest.raises(WeekVersion.DoesNotExist):
        draft_board(stranger, session.version_id, NOW)
    with pytest.raises(type(session).DoesNotExist):
        planned_session_for(stranger, session.pk)


def test_the_board_takes_the_same_statements_for_five_sessions_and_for_sixty(site: Site, director) -> None:
    group = make_group(site, meets=((5, time(9)),), capacity=12)
    few, many = make_draft(site), make_draft(site, number=2)
    people = [admitted(site, "Ana", f"Number {n}") for n in range(12)]
    for number in range(5):
        plan(few, group, on(number, 9), people[:2])
    for number in range(60):
        plan(many, group, on(number % 6, 8) + timedelta(minutes=15 * number), people, key=f"s{number}")
    PlannedChange.objects.bulk_create(
        PlannedChange(version=many, number=n, verb="move", title="x", before=[], after=[], at=NOW)
        for n in range(1, 9)
    )
    counts = []
    for draft in (few, many):
        with CaptureQueriesContext(connection) as statements:
            draft_board(director, draft.pk, NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1] == 24


def test_tracks_and_the_topic_of_the_week_are_judged_as_the_optimiser_does(site: Site, director) -> None:
    """What `weekplan.fitting.may_attend` refuses the board says: another track, a topic had in this turn."""
    program = set_up_program(
        by=director, at=NOW, site=site, name="IOP", level="2.1", minutes_least=540, minutes_most=1140
    )
    day, evening = (
        set_up_track(by=director, at=NOW, program=program, name=name, kind=name.lower())
        for name in ("Day", "Evening")
    )
    morning = make_group(site, name="Morning", meets=((2, time(9)),), tracks=[day])
    late = make_group(
        site, name="Late", meets=((3, time(18)),), tracks=[evening], topics=["Sleep", "Triggers"]
    )
    ana, kim = admitted(site, "Ana", "Reed"), admitted(site, "Kim", "Tate")
    enroll(by=director, at=NOW, patient=ana, group=morning, starts_on=NOW.date())
    then = Occurrence.objects.filter(group=late).order_by("starts")[0]
    Occurrence.objects.filter(pk=then.pk).update(topic="Triggers")
    seat = book_seat(by=director, at=NOW, patient=kim, occurrence=then)
    Attendance.objects.create(
        seat=seat,
        occurrence=then,
        patient=kim,
        outcome="present",
        arrived_at=then.starts,
        left_at=then.ends,
        minutes=90,
        recorded_at=then.ends,
    )
    draft = make_draft(site)
    session = plan(draft, late, on(3, 18), [ana, kim])
    board = draft_board(director, draft.pk, NOW).board
    group = board.groups[late.pk]
    assert (group.tracks, group.topic) == (frozenset({evening.pk}), "Triggers")
    assert {one.id: (one.track, one.had) for one in board.people.values()} == {
        ana.pk: (day.pk, frozenset()),
        kim.pk: (None, frozenset({late.pk})),
    }
    said = {one.kind: one.sentence for one in breaches(board) if one.kind in (Broken.TRACK, Broken.TOPIC)}
    assert said == {
        Broken.TRACK: f"Ana R. sits in Late on {board.moment(board.sessions[session.pk].start)}, which is of another track.",
        Broken.TOPIC: f"Kim T. sits in Late on {board.moment(board.sessions[session.pk].start)} and had its topic, "
        "Triggers, in this turn already.",
    }
    week = case_of(director, draft.week, NOW).case
    (offer,) = (one for one in week.offers if one.id.startswith(f"g{late.pk}-"))
    may = {one.id: may_attend(one, offer) for one in week.patients}
    assert may == {f"p{ana.pk}": False, f"p{kim.pk}": False}
