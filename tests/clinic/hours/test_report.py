"""The weekly report: every minute ordered is delivered or has one cause."""

from datetime import date, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.hours import queries
from stepwell.clinic.hours.rules import Causes, WeekAccount, account, together
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Closure, Seat
from tests.clinic.timetable.making import MONDAY, admitted, make_group, make_session
from tests.making import NOW, TODAY, actor, make_site, make_staff

LATER = NOW + timedelta(days=7)
"""When the week of NOW is over."""


@pytest.fixture
def ana(site):
    return admitted(site, minutes=600)


def seat_of(site, counselor, patient, hours_from_now):
    session = make_session(site, counselor, [patient], starts=NOW + timedelta(hours=hours_from_now))
    return Seat.objects.get(occurrence=session, patient=patient)


def came(seat, minutes, outcome="present"):
    starts = seat.occurrence.starts
    times = (
        {"arrived_at": starts, "left_at": starts + timedelta(minutes=minutes)} if outcome == "present" else {}
    )
    Attendance.objects.create(
        seat=seat,
        occurrence=seat.occurrence,
        patient=seat.patient,
        outcome=outcome,
        minutes=minutes,
        recorded_at=NOW,
        reason="" if outcome == "present" else "Ill",
        **times,
    )


def report(by, at=LATER, on=MONDAY):
    return queries.hours_report(by, at, on)


def test_each_cause_is_counted_once_and_all_adds_up(site, by, counselor, ana):
    came(seat_of(site, counselor, ana, 1), 60)
    came(seat_of(site, counselor, ana, 3), 45)
    came(seat_of(site, counselor, ana, 5), 0, "excused")
    came(seat_of(site, counselor, ana, 24), 0, "unexcused")
    given = seat_of(site, counselor, ana, 26)
    timetable.release_seat(by=by, at=NOW, seat=given, because="Cannot come")
    cancelled = seat_of(site, counselor, ana, 28)
    timetable.cancel_occurrence(by=by, at=NOW, occurrence=cancelled.occurrence, because="Ill")
    closed = seat_of(site, counselor, ana, 52)
    timetable.cancel_occurrence(by=by, at=NOW, occurrence=closed.occurrence, because="Snow")
    Closure.objects.create(site=site, on=closed.occurrence.local_date, because="Snow", at=NOW)
    seat_of(site, counselor, ana, 76)
    found = report(by).total
    assert found == WeekAccount(
        people=1,
        ordered=600,
        delivered=105,
        left_early=15,
        excused=60,
        unexcused=60,
        given_back=60,
        cancelled=60,
        closed=60,
        unrecorded=60,
        not_booked=120,
    )
    assert found.lost == 495
    running = report(by, at=NOW + timedelta(hours=30)).total
    assert (running.to_come, running.unrecorded, running.lost) == (60, 0, 435)


def test_a_seat_given_back_before_the_week_was_never_counted_on(site, by, counselor, ana):
    seat = seat_of(site, counselor, ana, 1)
    timetable.release_seat(by=by, at=NOW - timedelta(days=5), seat=seat, because="Other plan")
    found = report(by).total
    assert (found.given_back, found.not_booked) == (0, 600)


def test_people_stand_with_the_program_of_their_track_or_of_their_level(site, by, ana):
    director = actor(make_staff(site, Role.DIRECTOR))
    programs = [
        timetable.set_up_program(
            by=director, at=NOW, site=site, name=name, level="2.1", minutes_least=540, minutes_most=1140
        )
        for name in ("Intensive", "Evenings")
    ]
    track = timetable.set_up_track(by=director, at=NOW, program=programs[1], name="Evening", kind="evening")
    ben = admitted(site, "Ben", "Other", minutes=300)
    group = make_group(site, tracks=[track])
    timetable.enroll(by=by, at=NOW, patient=ben, group=group, starts_on=TODAY)
    assert [(p.program, p.account.people, p.account.ordered) for p in report(by).programs] == [
        ("Evenings", 1, 300),
        ("Intensive", 1, 600),
    ]


def test_without_any_program_there_is_still_a_row(site, by, ana):
    assert [p.program for p in report(by).programs] == ["No program"]


def test_another_site_counts_nobody_of_this_one(ana):
    far = actor(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    assert report(far).total == WeekAccount()


def test_a_week_before_admission_has_nobody(by, ana):
    assert report(by, on=date(2026, 1, 5)).programs == ()


@pytest.mark.parametrize("others", [0, 29])
def test_three_statements_for_any_number_of_people(site, by, ana, others, django_assert_num_queries):
    for n in range(others):
        admitted(site, f"P{n}", "Many")
    with django_assert_num_queries(3):
        report(by)


def test_what_was_made_up_is_no_loss():
    assert account(540, 540, Causes(excused=90)) == WeekAccount(people=1, ordered=540, delivered=540)
    more = account(540, 600, Causes(unexcused=90))
    assert (more.extra, more.lost) == (60, 0)
    assert together([more, account(100, 0, Causes())]) == WeekAccount(
        people=2, ordered=640, delivered=600, extra=60, not_booked=100
    )
