"""Minutes attended and what to call an attendance."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.sessions.rules import (
    AttendanceRecord,
    AttendanceStanding,
    AttendanceState,
    attendance_state,
    load_attendance_rule,
    minutes_attended,
)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, second, tzinfo=UTC)


GROUP = (at(18), at(21))


@pytest.mark.parametrize(
    ("arrived", "left", "more", "minutes"),
    [
        (at(18), at(21), {}, 180),
        (at(17, 30), at(22), {}, 180),
        (at(18, 20), at(20, 50), {}, 150),
        (at(18), None, {}, 180),
        (at(18), None, {"at": at(19)}, 60),
        (at(18), None, {"at": at(23)}, 180),
        (None, None, {}, 0),
        (None, at(20), {}, 0),
        (at(20), at(19), {}, 0),
        (at(21), at(22), {}, 0),
        (at(18, 0, 40), at(21), {}, 179),
        (at(18), at(21), {"stepped_out": [(at(19), at(19, 20))]}, 160),
        (at(18), at(21), {"stepped_out": [(at(19), at(19, 20))], "breaks": [(at(19, 10), at(19, 30))]}, 150),
        (at(18), at(21), {"stepped_out": [(at(20), None)]}, 120),
        (at(18), at(21), {"stepped_out": [(at(19, 20), at(19))]}, 180),
        (at(19), at(21), {"breaks": [(at(18, 50), at(19, 10))]}, 110),
    ],
)
def test_only_presence_within_the_service_counts(arrived, left, more, minutes):
    assert minutes_attended(GROUP, arrived, left, **more) == minutes


def test_minutes_over_a_change_of_clocks_are_real_minutes():
    zone = ZoneInfo("America/New_York")
    night = (datetime(2026, 3, 8, 1, 0, tzinfo=zone), datetime(2026, 3, 8, 4, 0, tzinfo=zone))
    assert minutes_attended(night, night[0], night[1]) == 120


TIMES = st.integers(-120, 400).map(lambda m: at(18) + timedelta(minutes=m))


@given(
    TIMES, TIMES, st.lists(st.tuples(TIMES, st.none() | TIMES), max_size=4), st.lists(st.tuples(TIMES, TIMES))
)
def test_minutes_are_never_negative_nor_more_than_the_service(arrived, left, stepped_out, breaks):
    minutes = minutes_attended(GROUP, arrived, left, stepped_out=stepped_out, breaks=breaks)
    assert 0 <= minutes <= minutes_attended(GROUP, arrived, left) <= 180


@pytest.mark.parametrize(
    ("record", "now", "expected"),
    [
        (AttendanceRecord(), at(18, 14), (AttendanceState.EXPECTED, 0, 0, "Expected.")),
        (
            AttendanceRecord(),
            at(18, 20),
            (AttendanceState.NOT_HERE_YET, 0, 0, "Not here 20 min after the start."),
        ),
        (
            AttendanceRecord(),
            at(21),
            (AttendanceState.NOT_RECORDED, 0, 0, "The session is over and attendance is not recorded."),
        ),
        (
            AttendanceRecord(outcome="present", arrived=at(18, 5)),
            at(19),
            (AttendanceState.HERE, 0, 0, "Here."),
        ),
        (
            AttendanceRecord(outcome="present", arrived=at(18, 25)),
            at(19),
            (AttendanceState.HERE, 25, 0, "Here, 25 min late."),
        ),
        (
            AttendanceRecord(outcome="present", arrived=at(17, 55)),
            at(21),
            (AttendanceState.ATTENDED, 0, 0, "Attended."),
        ),
        (
            AttendanceRecord(outcome="present", arrived=at(18, 25), left=at(20)),
            at(21),
            (AttendanceState.PARTLY, 25, 60, "Attended in part: 25 min late, left 60 min early."),
        ),
        (AttendanceRecord(outcome="excused"), at(17), (AttendanceState.EXCUSED, 0, 0, "Absent, excused.")),
        (
            AttendanceRecord(outcome="unexcused"),
            at(21),
            (AttendanceState.NO_SHOW, 0, 0, "Absent, not excused."),
        ),
    ],
)
def test_what_an_attendance_is_called(record, now, expected):
    state, late, early, sentence = expected
    assert attendance_state(GROUP, record, now, load_attendance_rule()) == AttendanceStanding(
        state=state, late=late, early=early, sentence=sentence
    )


def test_a_cancelled_session_expects_nobody():
    standing = attendance_state(GROUP, AttendanceRecord(), at(22), load_attendance_rule(), cancelled=True)
    assert standing.state is AttendanceState.CANCELLED
