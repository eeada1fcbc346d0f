"""Check-in at the desk, attendance by exception, absences with a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry as Entered
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.actions import Entry
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable.models import Seat
from tests.clinic.sessions.making import BEFORE, group_of, signed
from tests.making import NOW, actor, make_site, make_staff

START = NOW - timedelta(hours=1)


@pytest.fixture
def desk(site):
    return actor(make_staff(site, Role.ADMISSIONS))


@pytest.fixture
def session(site, counselor):
    return group_of(site, counselor)[0]


def seat_of(session, number=1):
    return Seat.objects.get(occurrence=session, number=number)


def minute(n):
    return START + timedelta(minutes=n)


def recorded(session, number=1):
    row = Attendance.objects.get(seat=seat_of(session, number))
    return (row.outcome, row.arrived_at, row.left_at, row.minutes, row.reason)


def test_the_front_desk_checks_somebody_in(session, desk):
    actions.check_in(by=desk, at=minute(12), seat=seat_of(session))
    assert recorded(session) == ("present", minute(12), None, 48, "")
    assert Entered.objects.order_by("-seq").values_list("action", "patient_id")[0] == (
        "sessions.check_in", seat_of(session).patient_id,
    )  # fmt: skip


def test_a_second_check_in_changes_nothing_and_says_since_when(session, desk):
    actions.check_in(by=desk, at=minute(-5), seat=seat_of(session))
    with pytest.raises(Refused, match=r"Ana F\. is already checked in, at 8:55 am\."):
        actions.check_in(by=desk, at=minute(1), seat=seat_of(session))
    assert recorded(session) == ("present", minute(-5), None, 60, "")


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (BEFORE, r"is on Wed 18 Mar, 9:00 am\. It can be checked in to from 7:00 am that day\."),
        (NOW, "is over"),
    ],
)
def test_check_in_is_for_a_session_about_to_run(session, desk, at, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.check_in(by=desk, at=at, seat=seat_of(session))


def test_all_here_fills_only_what_is_not_recorded(session, desk, by):
    actions.check_in(by=desk, at=minute(20), seat=seat_of(session))
    assert actions.all_here(by=by, at=NOW, occurrence=session) == 1
    assert recorded(session, 1) == ("present", minute(20), None, 40, "")
    assert recorded(session, 2) == ("present", START, None, 60, "")
    with pytest.raises(Refused, match="recorded already"):
        actions.all_here(by=by, at=NOW, occurrence=session)


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        (
            {"outcome": "present", "arrived": minute(15), "left": minute(45)},
            ("present", minute(15), minute(45), 30, ""),
        ),
        (
            {"outcome": "present", "stepped_out": ((minute(10), minute(20)), (minute(50), None))},
            ("present", START, None, 40, ""),
        ),
        ({"outcome": "excused", "reason": " Child is ill "}, ("excused", None, None, 0, "Child is ill")),
        ({"outcome": "unexcused", "reason": "Not reached"}, ("unexcused", None, None, 0, "Not reached")),
    ],
)
def test_what_is_recorded_replaces_what_was(session, by, entry, row):
    actions.all_here(by=by, at=NOW, occurrence=session)
    patient = seat_of(session).patient_id
    actions.record_attendance(by=by, at=NOW, occurrence=session, entries=[Entry(patient_id=patient, **entry)])
    assert recorded(session) == row
    assert recorded(session, 2)[3] == 60


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"outcome": "absent"}, "Say whether Ana F. came"),
        ({"outcome": "excused"}, "Say why Ana F. was absent"),
        ({"outcome": "present", "arrived": NOW}, "cannot have arrived"),
        ({"outcome": "present", "arrived": minute(-300)}, "cannot have arrived"),
        ({"outcome": "present", "arrived": minute(30), "left": minute(20)}, "cannot have left"),
        ({"outcome": "present", "stepped_out": ((minute(20), minute(10)),)}, "came back before"),
    ],
)
def test_times_and_absences_that_make_no_sense_are_refused(session, by, entry, sentence):
    patient = seat_of(session).patient_id
    with pytest.raises(Refused, match=sentence):
        actions.record_attendance(
            by=by, at=NOW, occurrence=session, entries=[Entry(patient_id=patient, **entry)]
        )
    assert Attendance.objects.count() == 0


def test_nobody_is_a_no_show_before_the_session_runs(session, by):
    with pytest.raises(Refused, match="too early"):
        actions.record_attendance(
            by=by, at=minute(5), occurrence=session,
            entries=[Entry(patient_id=seat_of(session).patient_id, outcome="unexcused", reason="?")],
        )  # fmt: skip


def test_attendance_of_a_signed_session_stays(site, counselor, by):
    session, patients = group_of(site, counselor)
    signed(by, session, patients)
    with pytest.raises(Refused, match="attendance stays as it is"):
        actions.record_attendance(
            by=by,
            at=NOW,
            occurrence=session,
            entries=[Entry(patient_id=patients[0].pk, outcome="excused", reason="x")],
        )
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Attendance.objects.update(minutes=1)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"outcome": "maybe", "arrived_at": None, "minutes": 0, "reason": "x"}, "attendance_outcome_known"),
        ({"arrived_at": None}, "present_means_arrived"),
        ({"outcome": "excused", "reason": "x"}, "absent_has_no_minutes"),
        ({"outcome": "excused", "arrived_at": None, "minutes": 0}, "absence_has_a_reason"),
        ({"left_at": START - timedelta(minutes=1)}, "left_after_arriving"),
        ({"minutes": -1}, "attended_minutes_sensible"),
    ],
)
def test_the_database_refuses_nonsense(session, by, change, name):
    actions.all_here(by=by, at=NOW, occurrence=session)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Attendance.objects.update(**change)


@pytest.mark.parametrize("role", [Role.BILLER, Role.UTILIZATION, Role.COMPLIANCE])
def test_the_office_checks_nobody_in(site, session, role):
    with pytest.raises(Denied, match="check a patient in at the desk"):
        actions.check_in(by=actor(make_staff(site, role)), at=START, seat=seat_of(session))


def test_the_front_desk_checks_in_but_does_not_record_minutes(session, desk):
    with pytest.raises(Denied, match="record attendance with minutes"):
        actions.all_here(by=desk, at=NOW, occurrence=session)


def test_another_site_checks_nobody_in_here(session):
    with pytest.raises(Denied):
        actions.check_in(by=actor(make_staff(make_site(), Role.ADMISSIONS)), at=START, seat=seat_of(session))


@pytest.mark.parametrize("when", [{"arrived": minute(40)}, {"arrived": minute(5), "left": minute(50)}])
def test_nobody_has_come_or_left_at_a_time_that_lies_ahead(session, by, when):
    entry = Entry(patient_id=seat_of(session).patient_id, outcome="present", **when)
    with pytest.raises(Refused, match="lies ahead; record it once it has come"):
        actions.record_attendance(by=by, at=minute(30), occurrence=session, entries=[entry])
    assert Attendance.objects.count() == 0
