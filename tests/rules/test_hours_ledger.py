"""The hours ledger: ordered, delivered, booked, at risk and short, looking forward."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.hours.rules import (
    Band,
    BillableDay,
    DayState,
    Dose,
    HoursOrder,
    Opening,
    Session,
    Week,
    WeekState,
    band,
    billable_day,
    hours_text,
    ledger,
    load_limits,
    week_bounds,
    week_start_of,
)

ATLANTA = ZoneInfo("America/New_York")
MONDAY = date(2026, 5, 4)
NINE_HOURS = HoursOrder(minutes_per_week=540, starts_on=date(2026, 4, 1))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of that week: day 0 is Monday."""
    at = MONDAY + timedelta(days=day)
    return datetime(at.year, at.month, at.day, hour, minute, tzinfo=ATLANTA)


def evening(day: int, **more) -> Session:
    return Session(id=f"S{day}", kind="group", starts=local(day, 18), ends=local(day, 21), **more)


def test_a_week_attended_in_full_is_met():
    sessions = [evening(day, minutes_attended=180) for day in (0, 1, 3)]
    assert ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(3, 22)) == Week(
        starts_on=MONDAY,
        ordered=540,
        delivered=540,
        booked=0,
        at_risk=0,
        short=0,
        state=WeekState.MET,
        sentence="All 9 h ordered this week are delivered.",
        last_moment=None,
        troubles=(),
        doses=(),
    )


def test_a_week_whose_rest_is_safely_booked_is_on_course():
    sessions = [evening(0, minutes_attended=180), evening(1), evening(3)]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(1, 12))
    assert (week.state, week.delivered, week.booked, week.short) == (WeekState.ON_COURSE, 180, 360, 0)
    assert week.sentence == "3 h delivered and 6 h booked cover 9 h."


def test_a_missed_group_leaves_a_gap_until_the_last_opening_that_fills_it():
    sessions = [evening(0, minutes_attended=0), evening(1), evening(3)]
    openings = [
        Opening(id="wed", starts=local(2, 9), ends=local(2, 12)),
        Opening(id="sat", starts=local(5, 9), ends=local(5, 12)),
    ]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(1, 9), openings=openings)
    assert (week.state, week.short, week.last_moment) == (WeekState.AT_RISK, 180, local(5, 9))
    assert week.sentence == "3 h of 9 h not safe; can be saved until Saturday 9:00 am."


def test_an_opening_over_a_booked_session_saves_nothing():
    sessions = [evening(0, minutes_attended=0), evening(1), evening(3)]
    openings = [Opening(id="thu", starts=local(3, 17), ends=local(3, 20))]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(1, 9), openings=openings)
    assert (week.state, week.sentence) == (
        WeekState.SHORT,
        "3 h of 9 h cannot be made up this week any more.",
    )


def test_two_openings_at_once_count_as_one():
    sessions = [evening(0, minutes_attended=0), evening(1, minutes_attended=0), evening(3)]
    twice = [Opening(id=n, starts=local(4, 9), ends=local(4, 12)) for n in (1, 2)]
    assert (
        ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(2, 9), openings=twice).state is WeekState.SHORT
    )
    more = [*twice, Opening(id=3, starts=local(5, 9), ends=local(5, 12))]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(2, 9), openings=more)
    assert week.last_moment == local(4, 9)


def test_a_booked_session_in_trouble_is_at_risk_and_says_why():
    sessions = [evening(0, minutes_attended=180), evening(1), evening(3, trouble=("no facilitator",))]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(1, 9), openings=[])
    assert (week.booked, week.at_risk, week.short, week.state) == (180, 180, 0, WeekState.AT_RISK)
    assert week.troubles == ("Thursday 6:00 pm: no facilitator.",)
    assert week.last_moment == local(3, 18)


def test_attendance_nobody_recorded_is_at_risk_even_when_the_week_is_over():
    sessions = [evening(0, minutes_attended=180), evening(1, minutes_attended=180), evening(3)]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(9, 9), openings=[])
    assert (week.state, week.at_risk) == (WeekState.AT_RISK, 180)
    assert week.sentence == "3 h of 9 h hang on attendance that is not recorded."
    assert week.troubles == ("Thursday 6:00 pm: attendance not recorded.",)


def test_a_week_that_ended_short_is_short():
    sessions = [evening(0, minutes_attended=180), evening(1, minutes_attended=100)]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(8, 9))
    assert (week.state, week.short, week.last_moment) == (WeekState.SHORT, 260, None)


@pytest.mark.parametrize(
    ("openings", "now", "last_moment"),
    [
        # (id, day from Monday of the week, hour): three hours each, and three are missing.
        ([], (1, 9), None),
        ([("sat", 5, 9)], (1, 9), (5, 9)),
        ([("sat", 5, 9), ("sun", 6, 23)], (1, 9), (6, 23)),  # over midnight, but it begins within the week
        ([("next monday", 7, 0)], (1, 9), None),
        ([("sat", 5, 9), ("next monday", 7, 9)], (1, 9), (5, 9)),
        ([("sat", 5, 9), ("next monday", 7, 9)], (5, 9), (5, 9)),
        ([("sat", 5, 9), ("next monday", 7, 9)], (5, 10), None),  # it has begun
        ([("last sunday", -1, 9)], (-2, 9), None),
        ([("tue", 1, 9), ("next tuesday", 8, 9)], (1, 12), None),
        ([("over what is booked", 3, 19)], (1, 9), None),
        ([("S1", 1, 18)], (1, 9), None),  # where the patient has a seat already
    ],
)
def test_only_what_the_patient_can_attend_within_the_week_saves_it(openings, now, last_moment):
    sessions = [
        evening(0, minutes_attended=0),
        *(evening(day, minutes_attended=180 if local(day, 21) <= local(*now) else None) for day in (1, 3)),
    ]
    free = [Opening(id=n, starts=local(d, h), ends=local(d, h) + timedelta(hours=3)) for n, d, h in openings]
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(*now), openings=free)
    assert week.last_moment == (local(*last_moment) if last_moment else None)
    says = "can be saved until" if last_moment else "cannot be made up this week any more."
    assert (week.missing, week.short, says in week.sentence) == (180, 180, True)


def test_without_looking_for_seats_no_moment_is_told():
    week = ledger([NINE_HOURS], [evening(0, minutes_attended=180)], MONDAY, ATLANTA, local(1, 9))
    assert (week.state, week.last_moment) == (WeekState.AT_RISK, None)
    assert week.sentence == "6 h of 9 h not safe."
    late = ledger([NINE_HOURS], [evening(0, minutes_attended=180)], MONDAY, ATLANTA, local(6, 18))
    assert late.sentence == "6 h of 9 h cannot be made up this week any more."


def test_an_endangered_session_and_the_opening_of_the_same_session_are_one_chance():
    sessions = [
        evening(0, minutes_attended=0),
        evening(1, minutes_attended=0),
        evening(3, trouble=("no room",)),
    ]
    own = Opening(id="S3", starts=local(3, 18), ends=local(3, 21))
    week = ledger([NINE_HOURS], sessions, MONDAY, ATLANTA, local(2, 9), openings=[own])
    assert (week.state, week.last_moment) == (WeekState.SHORT, None)


def test_a_cancelled_session_counts_nowhere():
    week = ledger([NINE_HOURS], [evening(1, cancelled=True)], MONDAY, ATLANTA, local(0, 9), openings=[])
    assert (week.booked, week.at_risk, week.short) == (0, 0, 540)


def test_a_session_over_midnight_belongs_to_the_week_it_starts_in():
    night = Session(id=1, kind="group", starts=local(6, 23), ends=local(7, 1), minutes_attended=120)
    assert ledger([NINE_HOURS], [night], MONDAY, ATLANTA, local(8, 9)).delivered == 120
    assert ledger([NINE_HOURS], [night], MONDAY + timedelta(days=7), ATLANTA, local(8, 9)).delivered == 0


def test_the_site_decides_where_its_week_begins():
    assert week_start_of(date(2026, 5, 10), 0) == MONDAY
    assert week_start_of(date(2026, 5, 10), 6) == date(2026, 5, 10)


def test_the_week_of_the_clock_change_has_one_hour_less():
    first, end = week_bounds(date(2026, 3, 2), ATLANTA)
    assert end.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=167)


def test_an_order_that_begins_on_thursday_counts_for_four_days():
    order = replace(NINE_HOURS, starts_on=MONDAY + timedelta(days=3))
    assert ledger([order], [], MONDAY, ATLANTA, local(0, 9)).ordered == 309


def test_a_changed_order_counts_each_day_by_the_order_in_force():
    orders = [NINE_HOURS, HoursOrder(minutes_per_week=900, starts_on=MONDAY + timedelta(days=2))]
    assert ledger(orders, [], MONDAY, ATLANTA, local(0, 9)).ordered == -(-(2 * 540 + 5 * 900) // 7)


def test_the_dose_of_each_ordered_kind():
    orders = [NINE_HOURS] + [
        HoursOrder(minutes_per_week=minutes, starts_on=date(2026, 4, 1), kind=kind)
        for kind, minutes in (("cbt", 180), ("family", 90))
    ]
    sessions = [
        Session(id=1, kind="cbt", starts=local(0, 9), ends=local(0, 11), minutes_attended=120),
        Session(id=2, kind="cbt", starts=local(2, 9), ends=local(2, 10)),
        Session(id=3, kind="skills", starts=local(3, 9), ends=local(3, 12)),
    ]
    assert ledger(orders, sessions, MONDAY, ATLANTA, local(1, 9)).doses == (
        Dose(kind="cbt", ordered=180, delivered=120, booked=60, short=0),
        Dose(kind="family", ordered=90, delivered=0, booked=0, short=90),
    )


def test_no_order_is_said():
    assert ledger([], [], MONDAY, ATLANTA, local(0, 9)).sentence == "No hours are ordered this week."


SESSIONS = st.lists(
    st.builds(
        lambda start, length, share, cancelled, trouble: Session(
            id=start,
            kind="group",
            starts=local(0, 0) + timedelta(minutes=start),
            ends=local(0, 0) + timedelta(minutes=start + length),
            minutes_attended=None if share is None else length * share // 100,
            cancelled=cancelled,
            trouble=("no room",) if trouble else (),
        ),
        st.integers(-2000, 12000),
        st.integers(1, 300),
        st.none() | st.integers(0, 100),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@given(SESSIONS, st.integers(0, 1200), st.integers(-500, 15000))
def test_every_ordered_minute_is_somewhere(sessions, ordered, minute):
    now = local(0, 0) + timedelta(minutes=minute)
    order = HoursOrder(minutes_per_week=ordered, starts_on=MONDAY)
    week = ledger([order], sessions, MONDAY, ATLANTA, now, openings=[])
    assert min(week.delivered, week.booked, week.at_risk, week.short) >= 0
    assert week.delivered + week.booked + week.at_risk + week.short >= ordered
    if week.short:
        assert week.delivered + week.booked + week.at_risk + week.short == ordered
    assert (week.state is WeekState.MET) == (week.delivered >= ordered)
    assert week.last_moment is None or week.last_moment >= now


def _latest_by_trying_all(needed, chances):
    """The same answer by trying every set of chances: slow and plain."""

    def most(left):
        sums = [0]
        for size in range(1, len(left) + 1):
            for some in combinations(left, size):
                if all(a[1] <= b[0] or b[1] <= a[0] for a, b in combinations(some, 2)):
                    sums.append(sum(int((end - start).total_seconds() // 60) for start, end in some))
        return max(sums)

    starts = sorted({start for start, _ in chances}, reverse=True)
    return next((t for t in starts if most([c for c in chances if c[0] >= t]) >= needed), None)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8)), max_size=6),
    st.integers(1, 900),
)
def test_the_last_moment_is_that_of_trying_every_choice(openings, needed):
    free = [
        Opening(id=n, starts=local(0, 0) + timedelta(hours=at), ends=local(0, 0) + timedelta(hours=at + long))
        for n, (at, long) in enumerate(openings)
    ]
    order = HoursOrder(minutes_per_week=needed, starts_on=MONDAY)
    week = ledger([order], [], MONDAY, ATLANTA, local(0, 0), openings=free)
    assert week.last_moment == _latest_by_trying_all(needed, [(o.starts, o.ends) for o in free])


@pytest.mark.parametrize(
    ("sessions", "at", "state", "sentence"),
    [
        ([], local(0, 12), DayState.NOTHING, "No session on this day."),
        (
            [evening(0, minutes_attended=180)],
            local(0, 22),
            DayState.REACHED,
            "3 h attended; the day can be billed.",
        ),
        (
            [evening(0)],
            local(0, 12),
            DayState.ON_COURSE,
            "0 min attended and 3 h to come reach the minimum.",
        ),
        (
            [evening(0, minutes_attended=160)],
            local(0, 21),
            DayState.SHORT,
            "20 min short of 3 h today; offer a session before close.",
        ),
        (
            [evening(0, minutes_attended=160)],
            local(1, 9),
            DayState.LOST,
            "20 min short of 3 h; this day cannot be billed.",
        ),
    ],
)
def test_the_billable_day_guard(sessions, at, state, sentence):
    day = billable_day(sessions, MONDAY, ATLANTA, 180, at)
    assert (day.state, day.sentence) == (state, sentence)


def test_a_day_is_lost_once_the_program_has_closed():
    day = billable_day(
        [evening(0, minutes_attended=160)], MONDAY, ATLANTA, 180, local(0, 21), day_ends=local(0, 21)
    )
    assert day == BillableDay(
        on=MONDAY,
        needed=180,
        attended=160,
        booked=0,
        short=20,
        state=DayState.LOST,
        sentence="20 min short of 3 h; this day cannot be billed.",
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (539, Band.CLAIM_RISK),
        (540, Band.WITHIN),
        (1140, Band.WITHIN),
        (1141, Band.LEVEL_REVIEW),
        (1200, Band.LEVEL_OVERLAP),
    ],
)
def test_what_a_number_of_minutes_puts_at_risk(minutes, expected):
    assert band(minutes, load_limits()) is expected


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 min"), (45, "45 min"), (540, "9 h"), (150, "2 h 30 min")]
)
def test_minutes_as_people_say_them(minutes, text):
    assert hours_text(minutes) == text
