"""The map of rings: marks inside, none upon another, north above; days of a week in few lines."""

from __future__ import annotations

from datetime import time
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules.places import Spot
from stepwell.clinic.timetable.rules.next_seats import Meets
from stepwell.front.find.map import GAP, MOST_MARKS, SIZE, middle_of, plan_map
from stepwell.front.find.week import Block, blocks_of_week

ATLANTA = Spot(latitude=33.7525, longitude=-84.3888)
spots = st.builds(Spot, latitude=st.floats(18, 65), longitude=st.floats(-160, -66))


@given(spots, st.lists(spots, min_size=1, max_size=30))
def test_every_mark_is_inside_and_can_be_hit_alone(middle, places):
    drawn = plan_map(middle, places)
    assert [mark.number for mark in drawn.marks] == list(range(1, min(len(places), MOST_MARKS) + 1))
    assert all(
        20 <= n <= SIZE - 20 for mark in drawn.marks for n in (mark.x, mark.y, mark.true_x, mark.true_y)
    )
    points = [(drawn.middle, drawn.middle), *((mark.x, mark.y) for mark in drawn.marks)]
    for n, (x, y) in enumerate(points):
        assert all(hypot(x - a, y - b) >= GAP - 0.5 for a, b in points[:n])


def test_twenty_places_in_one_house_are_drawn_apart_with_lines_to_it():
    drawn = plan_map(ATLANTA, [ATLANTA] * 20)
    assert len({(mark.x, mark.y) for mark in drawn.marks}) == 20
    assert all(mark.moved for mark in drawn.marks)


def test_north_is_above_and_east_to_the_right():
    north, east = Spot(latitude=34.2, longitude=-84.3888), Spot(latitude=33.7525, longitude=-83.9)
    one, two = plan_map(ATLANTA, [north, east]).marks
    assert one.true_x == SIZE / 2
    assert one.true_y < SIZE / 2
    assert two.true_x > SIZE / 2
    assert abs(two.true_y - SIZE / 2) < 2


def test_the_outer_ring_holds_the_farthest_place():
    assert [ring.miles for ring in plan_map(ATLANTA, [Spot(latitude=34.2, longitude=-84.4)]).rings] == [
        10,
        25,
        50,
    ]
    assert [ring.miles for ring in plan_map(ATLANTA, [ATLANTA]).rings] == [1, 2, 5]


def test_the_middle_of_two_lies_between_them():
    assert middle_of([Spot(latitude=30, longitude=-80), Spot(latitude=40, longitude=-90)]) == Spot(
        latitude=35, longitude=-85
    )


def at(weekday: int, start: str, end: str, mode: str = "on_site") -> Meets:
    return Meets(
        weekday=weekday,
        starts_at=time.fromisoformat(start),
        ends_at=time.fromisoformat(end),
        minutes=90,
        mode=mode,
    )


def test_sessions_with_a_break_are_one_block_and_like_days_one_line():
    week = [
        at(0, "09:00", "10:30"), at(0, "10:45", "12:15"), at(2, "09:00", "10:30"), at(2, "10:45", "12:15"),
        at(2, "18:00", "19:30", "video"), at(4, "09:30", "10:00"),
    ]  # fmt: skip
    morning = frozenset({"on_site"})
    assert blocks_of_week(week) == (
        Block(weekdays=(0, 2), starts_at=time(9), ends_at=time(12, 15), modes=morning),
        Block(weekdays=(2,), starts_at=time(18), ends_at=time(19, 30), modes=frozenset({"video"})),
        Block(weekdays=(4,), starts_at=time(9, 30), ends_at=time(10), modes=morning),
    )
    assert blocks_of_week([]) == ()
