"""The ledger holds whatever a week brings: clock changes, midnight, holidays, two levels, make-ups, overlaps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.hours.rules import (
    HoursOrder,
    Opening,
    Session,
    WeekState,
    countable_days,
    days_in_week,
    ledger,
    likely_missed,
    load_risk,
    ordered_before,
    ordered_in_week,
    share_missed,
    week_bounds,
)

ZONE = ZoneInfo("America/New_York")
WEEKS = {
    "plain": date(2026, 5, 4),
    "an hour less": date(2026, 3, 2),  # ends on Sunday 8 March, when clocks go forward
    "an hour more": date(2026, 10, 26),  # ends on Sunday 1 November, when clocks go back
    "Thanksgiving": date(2026, 11, 23),
    "across the year": date(2026, 12, 28),
}
NINE_HOURS = HoursOrder(minutes_per_week=540, starts_on=date(2026, 1, 5), days=3)


@st.composite
def sessions_of(draw, week, *, apart=False):
    """Sessions from two days before the week to two days after it, at any minute, some over midnight."""
    first, end = week_bounds(week, ZONE)
    reach = int((end - first).total_seconds() // 60)
    found, until = [], -2880
    for number in range(draw(st.integers(0, 9))):
        if apart and until > reach + 2880:
            break
        at = draw(st.integers(until if apart else -2880, reach + 2880))
        minutes = draw(st.integers(15, 240))
        until = max(until, at + minutes)
        starts = first + timedelta(minutes=at)
        came = draw(st.one_of(st.none(), st.integers(0, minutes)))
        found.append(
            Session(
                id=number,
                kind=draw(st.sampled_from(["skills", "process"])),
                starts=starts,
                ends=starts + timedelta(minutes=minutes),
                minutes_attended=came,
                cancelled=draw(st.booleans()) and draw(st.booleans()),
                trouble=draw(st.sampled_from([(), (), ("no room",)])),
            )
        )
    return found


@st.composite
def anything(draw, *, apart=False):
    week = draw(st.sampled_from(sorted(WEEKS.values())))
    first, end = week_bounds(week, ZONE)
    sessions = draw(sessions_of(week, apart=apart))
    now = first + timedelta(minutes=draw(st.integers(-2880, int((end - first).total_seconds() // 60) + 2880)))
    orders = [
        HoursOrder(
            minutes_per_week=draw(st.integers(0, 1200)),
            starts_on=week + timedelta(days=draw(st.integers(-40, 6))),
            ends_on=draw(st.sampled_from([None, week + timedelta(days=3), week + timedelta(days=9)])),
            days=draw(st.integers(0, 5)),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    return week, orders, sessions, now


def union_minutes(sessions):
    """Minutes covered by any of them: counted minute by minute, unlike the ledger."""
    covered: set[int] = set()
    for s in sessions:
        covered.update(range(int(s.starts.timestamp()) // 60, int(s.ends.timestamp()) // 60))
    return len(covered)


def openings_of(week, number):
    first, _ = week_bounds(week, ZONE)
    return [
        Opening(
            id=f"free{n}",
            starts=first + timedelta(hours=20 * n + 9),
            ends=first + timedelta(hours=20 * n + 11),
            kind="skills",
        )
        for n in range(number)
    ]


@given(anything(), st.integers(0, 2000), st.sampled_from([None, 0, 9]))
def test_the_parts_add_up_to_what_is_ordered(given_week, missed, seats):
    week, orders, sessions, now = given_week
    free = None if seats is None else openings_of(week, seats)
    found = ledger(orders, sessions, week, ZONE, now, openings=free, missed=missed)
    assert sum(found.parts) == found.ordered
    assert min(*found.parts, found.booked, found.at_risk, found.delivered) >= 0
    assert found.missing == max(0, found.ordered - found.delivered - found.booked)
    assert found.unsure <= found.at_risk
    assert found.possible is None or 0 <= found.possible <= found.missing
    assert (found.partly_until is None) or found.last_moment is None
    if found.last_moment is not None:
        first, end = week_bounds(week, ZONE)
        assert max(first, now) <= found.last_moment < end


@given(anything())
def test_no_minute_is_counted_twice(given_week):
    week, orders, sessions, now = given_week
    found = ledger(orders, sessions, week, ZONE, now)
    first, end = week_bounds(week, ZONE)
    own = [s for s in sessions if not s.cancelled and first <= s.starts < end]
    assert found.delivered + found.booked + found.at_risk <= union_minutes(own)


@given(anything(apart=True))
def test_sessions_apart_count_in_full(given_week):
    week, orders, sessions, now = given_week
    found = ledger(orders, sessions, week, ZONE, now)
    first, end = week_bounds(week, ZONE)
    own = [s for s in sessions if not s.cancelled and first <= s.starts < end]
    whole = sum(s.minutes if s.minutes_attended is None else s.minutes_attended for s in own)
    assert found.delivered + found.booked + found.at_risk == whole


@given(anything(), st.integers(0, 8))
def test_a_make_up_entered_twice_counts_once(given_week, which):
    week, orders, sessions, now = given_week
    if not sessions:
        return
    again = sessions[which % len(sessions)]
    once = ledger(orders, sessions, week, ZONE, now)
    twice = ledger(orders, [*sessions, again], week, ZONE, now)
    assert (once.delivered, once.booked, once.at_risk) == (twice.delivered, twice.booked, twice.at_risk)


@given(anything(), st.randoms())
def test_the_order_of_the_rows_does_not_matter(given_week, dice):
    week, orders, sessions, now = given_week
    shuffled = list(sessions)
    dice.shuffle(shuffled)
    one, other = ledger(orders, sessions, week, ZONE, now), ledger(orders, shuffled, week, ZONE, now)
    assert (one.delivered, one.booked, one.at_risk, one.state) == (
        other.delivered,
        other.booked,
        other.at_risk,
        other.state,
    )


@given(anything())
def test_every_session_is_in_exactly_one_week(given_week):
    week, _, sessions, now = given_week
    apart = [replace(s, cancelled=False, trouble=(), minutes_attended=None) for s in sessions]
    weeks = [week + timedelta(days=7 * n) for n in (-1, 0, 1)]
    alone = [
        sum(found.booked + found.at_risk for found in (ledger([], [s], w, ZONE, now) for w in weeks))
        for s in apart
    ]
    assert alone == [s.minutes for s in apart]


@pytest.mark.parametrize(
    ("week", "hours"), [("plain", 168), ("an hour less", 167), ("an hour more", 169)], ids=str
)
def test_a_session_through_the_change_of_clocks_has_the_minutes_it_lasts(week, hours):
    first, end = week_bounds(WEEKS[week], ZONE)
    assert (end - first) == timedelta(hours=hours)
    night = datetime.combine(WEEKS[week] + timedelta(days=6), datetime.min.time(), ZONE).astimezone(UTC)
    session = Session(id=1, kind="skills", starts=night, ends=night + timedelta(hours=4))
    found = ledger([NINE_HOURS], [session], WEEKS[week], ZONE, first)
    assert (found.booked, found.short) == (240, 300)


def test_a_session_over_midnight_at_the_end_of_the_week_counts_whole_in_the_week_it_starts():
    _, end = week_bounds(WEEKS["plain"], ZONE)
    session = Session(
        id=1, kind="skills", starts=end - timedelta(minutes=30), ends=end + timedelta(minutes=60)
    )
    now = end - timedelta(days=2)
    assert ledger([NINE_HOURS], [session], WEEKS["plain"], ZONE, now).booked == 90
    assert ledger([NINE_HOURS], [session], WEEKS["plain"] + timedelta(days=7), ZONE, now).booked == 0


def test_a_holiday_takes_its_sessions_and_the_week_says_what_is_missing():
    week = WEEKS["Thanksgiving"]
    first, _ = week_bounds(week, ZONE)
    evenings = [
        Session(
            id=n,
            kind="skills",
            starts=first + timedelta(days=n, hours=18),
            ends=first + timedelta(days=n, hours=21),
            cancelled=n == 3,
        )
        for n in (0, 1, 3)
    ]
    found = ledger([NINE_HOURS], evenings, week, ZONE, first, openings=openings_of(week, 9))
    assert (found.booked, found.short, found.state) == (360, 180, WeekState.AT_RISK)
    days = countable_days(evenings, week, ZONE, first, least=180, wanted=3)
    assert (days.booked, days.short) == (2, 1)


@pytest.mark.parametrize(
    ("admitted", "discharged", "minutes", "days"),
    [(0, None, 540, 3), (3, None, 309, 2), (6, None, 78, 1), (-9, 3, 232, 2), (0, 0, 0, 0), (2, 4, 155, 1)],
)
def test_admission_and_discharge_in_the_week_count_for_the_days_between(admitted, discharged, minutes, days):
    week = WEEKS["plain"]
    order = HoursOrder(
        minutes_per_week=540,
        starts_on=week + timedelta(days=admitted),
        ends_on=None if discharged is None else week + timedelta(days=discharged),
        days=3,
    )
    assert (ordered_in_week([order], week), days_in_week([order], week)) == (minutes, days)


def test_two_levels_of_care_in_one_week_each_count_for_their_days():
    week = WEEKS["plain"]
    more = HoursOrder(
        minutes_per_week=1200, starts_on=date(2026, 4, 1), ends_on=week + timedelta(days=2), days=5
    )
    less = HoursOrder(minutes_per_week=540, starts_on=week + timedelta(days=2), days=3)
    assert ordered_in_week([more, less], week) == 729  # (2 x 1200 + 5 x 540) / 7, rounded up
    assert days_in_week([more, less], week) == 4  # (2 x 5 + 5 x 3) / 7, rounded up


@given(st.integers(-60, 6), st.one_of(st.none(), st.integers(0, 70)), st.integers(0, 1200), st.integers(1, 8))
def test_what_was_ordered_before_is_the_sum_of_its_days(starts, lasts, minutes, weeks):
    day = WEEKS["plain"]
    begins = day + timedelta(days=starts)
    order = HoursOrder(
        minutes_per_week=minutes,
        starts_on=begins,
        ends_on=None if lasts is None else begins + timedelta(days=lasts),
    )
    held = [
        begins <= (on := day - timedelta(days=n)) and (order.ends_on is None or on < order.ends_on)
        for n in range(1, 7 * weeks + 1)
    ]
    assert ordered_before([order], day, weeks) == sum(held) * minutes // 7


# own attendance -----------------------------------------------------------------------------------------------

RISK = load_risk()


@pytest.mark.parametrize(
    ("what", "booked", "missed", "ordered", "at_risk"),
    [
        ("nothing missed", 540, 0, 2160, 0),
        ("one evening of a first week", 450, 90, 540, 0),
        ("two evenings of a first week", 360, 180, 540, 78),
        ("two evenings in four weeks", 540, 180, 2160, 0),
        ("a quarter of four weeks", 540, 540, 2160, 119),
        ("all of four weeks", 540, 2160, 2160, 443),
        ("more than was ordered", 540, 9000, 540, 540),
        ("nothing booked", 0, 540, 2160, 0),
    ],
)
def test_own_attendance_makes_a_share_of_what_is_booked_uncertain(what, booked, missed, ordered, at_risk):
    assert likely_missed(booked, missed, ordered, RISK) == at_risk, what


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 500))
def test_who_misses_more_is_never_less_at_risk(booked, missed, ordered, more):
    one = likely_missed(booked, missed, ordered, RISK)
    assert 0 <= one <= likely_missed(booked, missed + more, ordered, RISK) <= booked
    assert 0 < share_missed(missed, ordered, RISK) <= Fraction(1)


def test_what_may_be_missed_is_said_and_can_be_made_up():
    week = WEEKS["plain"]
    first, _ = week_bounds(week, ZONE)
    evenings = [
        Session(
            id=n,
            kind="skills",
            starts=first + timedelta(days=n, hours=18),
            ends=first + timedelta(days=n, hours=21),
        )
        for n in (0, 1, 3)
    ]
    order = replace(NINE_HOURS, starts_on=week - timedelta(weeks=4))
    found = ledger([order], evenings, week, ZONE, first, missed=540, openings=openings_of(week, 9))
    assert (found.booked, found.at_risk, found.unsure, found.state) == (421, 119, 119, WeekState.AT_RISK)
    assert found.sentence == (
        "1 h 59 min of 9 h may be missed as sessions were before; can be saved until Sunday 5:00 am."
    )
    assert found.troubles == ("Missed 9 h lately: 1 h 59 min of what is booked may be lost.",)
    calm = ledger([order], evenings, week, ZONE, first, missed=540)
    assert calm.sentence == "1 h 59 min of 9 h may be missed as sessions were before."


# days that count ----------------------------------------------------------------------------------------------


@given(anything(), st.integers(1, 300), st.integers(0, 7), st.integers(0, 9))
def test_countable_days_add_up(given_week, least, wanted, seats):
    week, _, sessions, now = given_week
    free = openings_of(week, seats)
    found = countable_days(sessions, week, ZONE, now, least=least, wanted=wanted, openings=free)
    assert found.short == max(0, wanted - found.reached - found.booked)
    assert len(found.days) == 7
    assert found.possible is not None
    assert 0 <= found.possible <= found.short
    assert (found.last_moment is not None) == (0 < found.short == found.possible)
    hours = ledger([], sessions, week, ZONE, now)
    assert sum(day.attended for day in found.days) == hours.delivered
    assert sum(day.booked for day in found.days) == hours.booked


def test_the_last_moment_for_days_is_that_of_the_last_day_that_is_needed():
    week = WEEKS["plain"]
    first, _ = week_bounds(week, ZONE)

    def seat(day, hour, minutes):
        starts = first + timedelta(days=day, hours=hour)
        return Opening(id=f"{day}-{hour}", starts=starts, ends=starts + timedelta(minutes=minutes))

    free = [seat(1, 9, 180), seat(2, 9, 90), seat(2, 18, 90), seat(4, 9, 120)]
    found = countable_days([], week, ZONE, first, least=180, wanted=2, openings=free)
    assert (found.short, found.possible, found.last_moment) == (2, 2, first + timedelta(days=1, hours=9))
    one = countable_days([], week, ZONE, first, least=180, wanted=1, openings=free)
    assert one.last_moment == first + timedelta(days=2, hours=9)
    assert one.sentence == "1 of 1 day of 3 h not booked; can be saved until Wednesday 9:00 am."
    three = countable_days([], week, ZONE, first, least=180, wanted=3, openings=free)
    assert (three.possible, three.last_moment) == (2, None)
