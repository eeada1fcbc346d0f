"""Wall times over the change of clocks, clashes, seats and what is wrong with a draft week."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules import Credential, SessionKind
from stepwell.clinic.timetable.rules import (
    Clash,
    DraftGroup,
    OccurrenceTime,
    Seats,
    Taken,
    WarningKind,
    WeeklyPattern,
    clashes,
    clashes_with,
    draft_warnings,
    expand,
    seats,
    wall_time_instant,
)

ATLANTA = ZoneInfo("America/New_York")
EVENING = WeeklyPattern(
    weekdays=frozenset({0, 3}), starts=time(17, 30), minutes=180, first_on=date(2026, 3, 2)
)


def test_half_past_five_stays_half_past_five():
    meetings = expand(EVENING, ATLANTA, date(2026, 3, 5), date(2026, 3, 10))
    assert meetings == (
        OccurrenceTime(
            date(2026, 3, 5),
            datetime(2026, 3, 5, 22, 30, tzinfo=UTC),
            datetime(2026, 3, 6, 1, 30, tzinfo=UTC),
        ),
        OccurrenceTime(
            date(2026, 3, 9),
            datetime(2026, 3, 9, 21, 30, tzinfo=UTC),
            datetime(2026, 3, 10, 0, 30, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("on", "at", "utc"),
    [
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(1, 30, fold=1), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_the_odd_wall_times_of_two_nights_a_year(on, at, utc):
    assert wall_time_instant(on, at, ATLANTA) == utc


def test_a_wall_time_in_the_gap_moves_forward():
    moved = wall_time_instant(date(2026, 3, 8), time(2, 30), ATLANTA).astimezone(ATLANTA)
    assert moved.time() == time(3, 30)


def local_days(pattern: WeeklyPattern, until: date = date(2026, 4, 1), holidays=frozenset()) -> list[int]:
    return [m.local_date.day for m in expand(pattern, ATLANTA, date(2026, 3, 1), until, holidays)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [2, 5, 9, 12, 16, 19, 23, 26, 30]),
        ({"every_weeks": 2}, [2, 5, 16, 19, 30]),
        ({"every_weeks": 2, "first_on": date(2026, 3, 5)}, [5, 16, 19, 30]),
        ({"last_on": date(2026, 3, 12)}, [2, 5, 9, 12]),
        ({"skipped": frozenset({date(2026, 3, 5)}), "last_on": date(2026, 3, 12)}, [2, 9, 12]),
        ({"added": frozenset({date(2026, 3, 7)}), "last_on": date(2026, 3, 5)}, [2, 5, 7]),
    ],
)
def test_which_days_a_group_meets(change, expected):
    assert local_days(replace(EVENING, **change)) == expected


def test_holidays_are_skipped_unless_the_group_meets_on_them():
    off = frozenset({date(2026, 3, 9)})
    until = date(2026, 3, 13)
    assert local_days(EVENING, until, off) == [2, 5, 12]
    assert local_days(replace(EVENING, meets_on_holidays=True), until, off) == [2, 5, 9, 12]


@pytest.mark.parametrize(("field", "value"), [("minutes", 0), ("every_weeks", 0)])
def test_a_pattern_without_sense_is_refused(field, value):
    with pytest.raises(ValueError, match="A meeting"):
        local_days(replace(EVENING, **{field: value}))


@given(
    st.frozensets(st.integers(0, 6)),
    st.times(),
    st.integers(1, 480),
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.dates(date(2011, 1, 1), date(2030, 1, 1)),
    st.integers(0, 60),
)
def test_every_meeting_is_at_its_wall_time_or_moved_forward(weekdays, at, minutes, zone, first, length):
    pattern = WeeklyPattern(weekdays=weekdays, starts=at, minutes=minutes, first_on=first)
    meetings = expand(pattern, ZoneInfo(zone), first, first + timedelta(days=length))
    for meeting in meetings:
        assert meeting.local_date.weekday() in weekdays
        assert meeting.ends_utc - meeting.starts_utc == timedelta(minutes=minutes)
        local = meeting.starts_utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert local >= datetime.combine(meeting.local_date, at)
    assert list(meetings) == sorted(meetings)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, tzinfo=UTC)


def taken(key: str, start: int, end: int, *resources: str) -> Taken:
    return Taken(id=key, resources=frozenset(resources), starts=at(start), ends=at(end))


def test_two_in_one_room_clash_for_the_time_they_share():
    items = [
        taken("A", 9, 12, "room:1", "staff:1"),
        taken("B", 11, 13, "room:1", "staff:2"),
        taken("C", 12, 14, "room:2", "staff:1"),
    ]
    assert clashes(items) == (Clash(resource="room:1", first="A", second="B", starts=at(11), ends=at(12)),)


def test_ending_as_the_next_begins_is_no_clash():
    assert clashes([taken("A", 9, 12, "room:1"), taken("B", 12, 13, "room:1")]) == ()


def test_moving_a_session_does_not_clash_with_where_it_was():
    items = [taken("A", 9, 12, "room:1"), taken("B", 13, 14, "room:1")]
    assert clashes_with(taken("A", 10, 13, "room:1"), items) == ()
    assert [c.first for c in clashes_with(taken("A", 10, 14, "room:1"), items)] == ["B"]


@given(
    st.lists(
        st.builds(
            lambda n, start, length, who: Taken(
                id=n,
                resources=who,
                starts=at(0) + timedelta(hours=start),
                ends=at(0) + timedelta(hours=start + length),
            ),
            st.integers(),
            st.integers(0, 20),
            st.integers(1, 5),
            st.frozensets(st.sampled_from(["room:1", "staff:1", "staff:2"])),
        ),
        max_size=10,
        unique_by=lambda t: t.id,
    )
)
def test_clashes_are_exactly_the_overlapping_pairs(items):
    naive = {
        (resource, frozenset({a.id, b.id}))
        for a, b in combinations(items, 2)
        if a.starts < b.ends and b.starts < a.ends
        for resource in a.resources & b.resources
    }
    found = clashes(items)
    assert {(c.resource, frozenset({c.first, c.second})) for c in found} == naive
    assert len(found) == len(naive)


@pytest.mark.parametrize(
    ("capacity", "booked", "room", "expected"),
    [
        (12, 3, None, Seats(capacity=12, taken=3, left=9, sentence="9 seats are left.")),
        (12, 9, 10, Seats(capacity=10, taken=9, left=1, sentence="1 seat is left.")),
        (12, 12, 20, Seats(capacity=12, taken=12, left=0, sentence="Full: all 12 seats are taken.")),
        (12, 11, 10, Seats(capacity=10, taken=11, left=0, sentence="Overbooked: 11 people for 10 seats.")),
    ],
)
def test_seats_left(capacity, booked, room, expected):
    assert seats(capacity, booked, room) == expected


SKILLS = DraftGroup(
    id=1,
    name="Skills",
    kind=SessionKind.GROUP,
    meetings=expand(EVENING, ATLANTA, date(2026, 3, 2), date(2026, 3, 9)),
    facilitator="staff:1",
    facilitator_name="Okafor",
    credentials=(Credential(kind="LPC", issued_on=date(2024, 1, 1)),),
    room="room:1",
    room_name="Room 1",
    room_capacity=12,
    capacity=12,
    least=3,
    enrolled=8,
)


def test_a_sound_draft_has_no_warnings():
    other = replace(SKILLS, id=2, name="Family", facilitator="staff:2", room="room:2")
    assert draft_warnings([SKILLS, other]) == ()


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        ({"facilitator": None}, WarningKind.NO_FACILITATOR, "Skills has no facilitator; name one."),
        (
            {"credentials": ()},
            WarningKind.CREDENTIAL,
            "Skills, Okafor: No credential on file lets this person lead this kind of session: group.",
        ),
        ({"room": None}, WarningKind.NO_ROOM, "Skills has no room; choose one or hold it by video."),
        ({"room_capacity": 10}, WarningKind.OVER_ROOM, "Skills takes 12 people; Room 1 holds 10."),
        ({"enrolled": 13}, WarningKind.OVERBOOKED, "Skills has 13 people for 12 seats."),
        ({"enrolled": 2}, WarningKind.TOO_FEW, "Skills has 2 people; it is meant for at least 3."),
        ({"meetings": ()}, WarningKind.NO_MEETING, "Skills does not meet this week."),
    ],
)
def test_what_is_wrong_with_a_group_is_said(change, kind, sentence):
    assert [(w.kind, w.sentence) for w in draft_warnings([replace(SKILLS, **change)])] == [(kind, sentence)]


def test_a_video_group_needs_no_room():
    assert draft_warnings([replace(SKILLS, room=None, video_only=True)]) == ()


def test_a_closed_day_is_said():
    assert [w.sentence for w in draft_warnings([SKILLS], closed_days=[date(2026, 3, 5)])] == [
        "Skills meets on 5 Mar 2026, when the site is closed."
    ]


def test_two_groups_in_one_room_are_said_once_for_each_meeting():
    found = draft_warnings([SKILLS, replace(SKILLS, id=2, name="Family", facilitator="staff:2")])
    assert [(w.group_ids, w.sentence) for w in found] == [
        ((1, 2), "Room 1 is in Skills and Family at once for 180 minutes.")
    ] * 2
