"""Who is away, which room cannot be used, and when the site is closed: no intake is offered or booked then."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from stepwell.clinic.inquiry.rules import (
    NOTHING_OUT,
    OpenHours,
    Out,
    free_week,
    intake_times,
    load_intake_rule,
    out_fault,
)

ATLANTA = ZoneInfo("America/New_York")
TEN = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
"""Thanksgiving, ten in the morning."""
HOUR = timedelta(hours=1)


def fault(out: Out, starts: datetime = TEN, room: tuple[int, str] | None = (7, "Room 2")) -> str:
    return out_fault(
        out, site_id=1, zone=ATLANTA, starts=starts, ends=starts + HOUR, staff=(3, "Nia O."), room=room
    )


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        (NOTHING_OUT, ""),
        (
            Out(closed={1: {date(2026, 11, 26): "Thanksgiving"}}),
            "The site is closed on Thu 26 Nov (Thanksgiving)",
        ),
        (Out(closed={2: {date(2026, 11, 26): "Thanksgiving"}}), ""),
        (Out(staff={3: [(TEN - HOUR, TEN + HOUR / 2)]}), "Nia O. is away at that time"),
        (Out(staff={4: [(TEN - HOUR, TEN + HOUR)]}), ""),
        (Out(staff={3: [(TEN - HOUR, TEN), (TEN + HOUR, TEN + 2 * HOUR)]}), ""),
        (Out(rooms={7: [(TEN, TEN + HOUR)]}), "Room 2 cannot be used at that time"),
    ],
)
def test_why_a_time_cannot_be(out, sentence):
    assert fault(out) == sentence


def test_a_closed_day_is_one_of_the_sites_calendar():
    """Ten at night on Wednesday is Thursday in Greenwich."""
    closed = Out(closed={1: {date(2026, 11, 26): "Thanksgiving"}})
    assert fault(closed, datetime(2026, 11, 26, 3, 0, tzinfo=UTC)) == ""


def test_an_intake_by_video_asks_for_no_room():
    assert fault(Out(rooms={7: [(TEN, TEN + HOUR)]}), room=None) == ""


def test_nothing_is_offered_on_a_closed_day():
    offered = intake_times(
        now=datetime(2026, 11, 25, 22, 0, tzinfo=UTC),
        zone=ATLANTA,
        rule=load_intake_rule(),
        minutes=60,
        open_hours=[OpenHours(weekday=day, opens=time(8), closes=time(17)) for day in range(5)],
        staff={3: []},
        rooms={7: []},
        free=free_week([]),
        closed={date(2026, 11, 26): "Thanksgiving"},
    )
    assert {one.starts.astimezone(ATLANTA).date() for one in offered} == {
        date(2026, 11, 27),
        date(2026, 11, 30),
        date(2026, 12, 1),
    }
