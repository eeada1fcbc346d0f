"""The next day on which somebody new can begin: a whole week of seats, or no day at all."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.timetable.rules.next_seats import Meets, OpenGroup
from stepwell.clinic.timetable.rules.open_starts import after_today, next_start

TODAY = date(2026, 3, 18)
EARLIEST = after_today(TODAY)


def meets(weekday: int, hour: int = 18, hours: int = 3) -> Meets:
    return Meets(
        weekday=weekday,
        starts_at=time(hour),
        ends_at=time(hour + hours),
        minutes=hours * 60,
        mode="on_site",
    )


def group(number: int, *when: Meets, **facts) -> OpenGroup:
    return OpenGroup(
        **{
            "id": number,
            "name": f"Group {number}",
            "kind": "skills",
            "tracks": frozenset(),
            "meets": when or (meets(number % 5),),
            "free": 2,
            "first_on": TODAY + timedelta(days=number),
            **facts,
        }
    )


MON, TUE, THU = group(1, meets(0)), group(2, meets(1)), group(3, meets(3))


def test_nine_hours_with_a_seat_each_give_the_day_of_the_first_of_them():
    found = next_start([[MON, TUE, THU]], minutes=540, days_most=5, earliest=EARLIEST)
    assert found == date(2026, 3, 19)


@pytest.mark.parametrize(
    ("why", "groups"),
    [
        ("one is full", [MON, TUE, group(3, meets(3), free=0)]),
        ("one is overbooked", [MON, TUE, group(3, meets(3), free=-1)]),
        ("one is a closed series", [MON, TUE, group(3, meets(3), closed_series=True)]),
        ("one is not for everybody", [MON, TUE, group(3, meets(3), needs=frozenset({"women"}))]),
        ("two meet at one time", [MON, TUE, group(3, meets(1, 19, 2))]),
        ("too few hours", [MON, TUE]),
        ("one has no sessions", [MON, TUE, group(3, first_on=TODAY, meets=())]),
        ("there is nothing", []),
    ],
)
def test_no_day_is_named_when(why, groups):
    assert next_start([groups], minutes=540, days_most=5, earliest=EARLIEST) is None


def test_a_group_for_women_counts_in_a_program_for_women():
    groups = [MON, TUE, group(3, meets(3), needs=frozenset({"women"}))]
    found = next_start([groups], minutes=540, days_most=5, earliest=EARLIEST, fits=["women"])
    assert found == date(2026, 3, 19)


def test_more_days_than_the_program_has_do_not_count():
    five = [group(n, meets(n, 9, 2)) for n in range(1, 6)]
    assert next_start([five], minutes=600, days_most=5, earliest=EARLIEST) is not None
    assert next_start([five], minutes=600, days_most=4, earliest=EARLIEST) is None


def test_full_now_and_free_later_gives_the_later_day():
    full = [group(n, meets(n), free=0) for n in (0, 1, 3)]
    later = [group(n, meets(n), first_on=TODAY + timedelta(days=14 + n)) for n in (0, 1, 3)]
    assert next_start([full, later], minutes=540, days_most=5, earliest=EARLIEST) == date(2026, 4, 1)


def test_the_first_day_is_never_before_the_earliest():
    early = group(1, meets(0), first_on=TODAY - timedelta(days=3))
    assert next_start([[early]], minutes=60, days_most=5, earliest=EARLIEST) == EARLIEST


def test_what_meets_first_but_leads_to_no_whole_week_is_passed_over():
    lonely = group(1, meets(1, 18, 3), first_on=TODAY + timedelta(days=1))  # clashes with the long one
    long = group(5, meets(1, 14, 6), meets(3, 14, 6), first_on=TODAY + timedelta(days=6))
    assert next_start([[lonely, long]], minutes=720, days_most=5, earliest=EARLIEST) == date(2026, 3, 24)


def test_forty_groups_that_never_fit_are_given_up_soon():
    many = [group(n, meets(n % 5, 8 + n // 5, 1), first_on=TODAY) for n in range(40)]
    assert next_start([many], minutes=5000, days_most=5, earliest=EARLIEST) is None
    assert next_start([many], minutes=2400, days_most=4, earliest=EARLIEST) is None


groups_of_a_track = st.lists(
    st.builds(
        lambda n, day, hour, hours, free, first: group(
            n, meets(day, hour, hours), free=free, first_on=TODAY + timedelta(days=first)
        ),
        st.integers(0, 10_000),
        st.integers(0, 4),
        st.integers(8, 18),
        st.integers(1, 3),
        st.integers(0, 2),
        st.integers(1, 14),
    ),
    max_size=7,
    unique_by=lambda g: g.id,
)


@given(groups_of_a_track, st.sampled_from([60, 180, 360, 540]), st.integers(2, 5))
def test_it_finds_exactly_what_trying_everything_finds(groups, minutes, days_most):
    assert next_start(
        [groups], minutes=minutes, days_most=days_most, earliest=EARLIEST
    ) == _by_trying_everything(groups, minutes, days_most)


def _by_trying_everything(groups, minutes: int, days_most: int) -> date | None:
    starts = []
    usable = [g for g in groups if g.free > 0]
    for size in range(1, len(usable) + 1):
        for some in combinations(usable, size):
            when = [m for g in some for m in g.meets]
            clash = any(
                a.weekday == b.weekday and a.starts_at < b.ends_at and b.starts_at < a.ends_at
                for a, b in combinations(when, 2)
            )
            enough = sum(m.minutes for m in when) >= minutes
            if enough and not clash and len({m.weekday for m in when}) <= days_most:
                starts.append(min(g.first_on for g in some))
    return max(min(starts), EARLIEST) if starts else None
