"""The billable-day guard: who is short of the payer's day, and what would do while it still can."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.billing.rules import (
    DaySession,
    DayStands,
    Guarded,
    SeatToday,
    Way,
    guard,
    guarded_sentence,
    rule_on,
)

ZONE = ZoneInfo("America/New_York")
AT = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)  # 10 am
CLOSES = AT + timedelta(hours=10)
DAY = rule_on("H0015-per-diem", date(2026, 3, 18))
"""180 minutes, of every kind of session."""


def one(
    number: int, starts: int, minutes: int, *, came: int | None = None, kind: str = "group"
) -> DaySession:
    """Minutes from AT; `came` the minutes attended, None while it is still to come."""
    begins = AT + timedelta(minutes=starts)
    return DaySession(
        number,
        kind,
        begins,
        begins + timedelta(minutes=minutes),
        minutes if came is None else came,
        came is not None,
    )


def free(
    number: int, starts: int, minutes: int, kind: str = "group", title: str = "Relapse prevention"
) -> SeatToday:
    begins = AT + timedelta(minutes=starts)
    return SeatToday(number, title, kind, begins, begins + timedelta(minutes=minutes))


def stands(*sessions, seats=(), at=AT, closes=CLOSES, rule=DAY):
    return guard(sessions, rule, at, ZONE, seats=seats, closes=closes)


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        pytest.param([], DayStands.UNCOUNTED, id="nothing today"),
        pytest.param([one(1, -180, 180, came=180)], DayStands.REACHED, id="three hours attended"),
        pytest.param(
            [one(1, -60, 60, came=60), one(2, 0, 120)], DayStands.ON_COURSE, id="the rest is booked"
        ),
        pytest.param([one(1, -60, 60, came=40), one(2, 0, 120)], DayStands.SHORT, id="twenty minutes late"),
        pytest.param([one(1, -60, 60, came=0), one(2, 0, 120)], DayStands.SHORT, id="absent from the first"),
    ],
)
def test_how_a_day_stands(sessions, expected):
    assert stands(*sessions).stands is expected


def test_the_day_says_how_much_is_missing_and_what_would_do():
    found = stands(
        one(1, -60, 60, came=40),
        one(2, 0, 120),
        seats=[free(8, 130, 60), free(9, 300, 30, title="Yoga"), free(10, 60, 60), free(11, -10, 60)],
    )
    assert found == Guarded(
        stands=DayStands.SHORT,
        needed=180,
        attended=40,
        booked=120,
        short=20,
        ways=(
            Way(30, True, "A seat in Yoga at 3:00 pm", 9),
            Way(60, True, "Stay for Relapse prevention at 12:10 pm", 8),
        ),
    )


def test_a_seat_that_gives_a_part_is_named_with_what_it_gives_and_time_alone_with_somebody_covers_the_rest():
    found = stands(one(1, -60, 60, came=20), one(2, 0, 120), seats=[free(8, 125, 30)])
    assert found.ways == (
        Way(30, False, "Stay for Relapse prevention at 12:05 pm, 30 of 40 min", 8),
        Way(40, True, "40 min alone with somebody after 12:00 pm", None),
    )


def test_nobody_is_sent_to_sit_alone_for_an_hour_and_a_half():
    assert stands(one(1, 0, 90)).ways == ()


def test_a_day_with_too_little_left_of_it_is_lost():
    late = AT + timedelta(minutes=200)
    day = stands(one(1, 0, 150, came=150), at=late, closes=late + timedelta(minutes=29))
    assert (day.stands, day.short, day.ways) == (DayStands.LOST, 30, ())
    assert stands(one(1, 0, 150, came=150), at=late, closes=late + timedelta(minutes=30)).mendable


def test_only_kinds_that_the_payer_takes_count():
    psychiatric = rule_on("S9480-per-diem", date(2026, 3, 18))
    day = stands(
        one(1, -60, 120, came=120),
        one(2, 60, 60, kind="peer"),
        seats=[free(8, 120, 60, "peer")],
        rule=psychiatric,
    )
    assert (day.short, [way.seat for way in day.ways]) == (60, [None])


@pytest.mark.parametrize("rule", [None, rule_on("H0005-per-session", date(2026, 3, 18))])
def test_where_nobody_counts_days_nothing_is_guarded(rule):
    assert stands(one(1, 0, 30), rule=rule).stands is DayStands.UNCOUNTED


def short(minutes: int, needed: int = 180) -> Guarded:
    return Guarded(DayStands.SHORT, needed, 0, 0, minutes)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([], ""),
        ([Guarded(DayStands.LOST, 180, 0, 0, 20)], ""),
        ([short(20)], "One person is 20 minutes short of 3 hours today."),
        ([short(20), short(20)], "Two people are 20 minutes short of 3 hours today."),
        ([short(60), short(5), short(20)], "Three people are 5 to 60 minutes short of 3 hours today."),
        ([short(20), short(20, 240)], "Two people are 20 minutes short of a billable day today."),
        ([short(20)] * 12, "12 people are 20 minutes short of 3 hours today."),
    ],
)
def test_the_sentence_counts_who_can_still_be_helped(days, said):
    assert guarded_sentence(days) == said


@given(
    st.lists(st.tuples(st.integers(-300, 300), st.integers(1, 120), st.booleans()), max_size=6),
    st.lists(st.tuples(st.integers(-60, 400), st.integers(10, 120)), max_size=6),
)
def test_what_would_do_is_ahead_and_over_nothing_she_has(booked, open_seats):
    sessions = [
        one(n, start, minutes, came=minutes if done else None)
        for n, (start, minutes, done) in enumerate(booked)
    ]
    seats = [free(100 + n, start, minutes) for n, (start, minutes) in enumerate(open_seats)]
    day = stands(*sessions, seats=seats)
    assert day.short == (
        0 if day.stands is DayStands.UNCOUNTED else max(0, 180 - sum(s.minutes for s in sessions))
    )
    for way in day.ways:
        assert way.covers == (way.minutes >= day.short)
        if way.seat is not None:
            seat = next(s for s in seats if s.id == way.seat)
            assert seat.starts > AT
            assert not any(seat.starts < s.ends and s.starts < seat.ends for s in sessions if not s.done)
