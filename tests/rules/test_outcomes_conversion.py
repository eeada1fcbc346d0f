"""What became of those who asked: stages, sources, months, days between, reasons lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.outcomes.conversion.rules import (
    Counted,
    Course,
    Delay,
    Stage,
    conversion,
    stage_of,
)

AT = datetime(2026, 3, 18, 14, tzinfo=UTC)
MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)


def course(**facts: Any) -> Course:
    return Course(**{"month": MARCH, "source": "web", "heard_from": "search", "received_at": AT, **facts})


def after(days: float) -> datetime:
    return AT + timedelta(days=days)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({}, Stage.ASKED),
        ({"tried_at": AT}, Stage.ASKED),
        ({"reached_at": AT}, Stage.REACHED),
        ({"booked_at": AT}, Stage.BOOKED),
        ({"came_at": AT}, Stage.CAME),
        ({"admitted_at": AT}, Stage.ADMITTED),
        ({"first_session_at": AT}, Stage.FIRST_SESSION),
    ],
)
def test_how_far_somebody_came(facts, stage):
    assert stage_of(course(**facts)) is stage


def test_the_report_counts_stages_sources_months_days_and_reasons():
    found = conversion(
        [
            course(tried_at=after(1), reached_at=after(1), booked_at=after(1), came_at=after(3),
                   admitted_at=after(4), first_session_at=after(6)),
            course(tried_at=after(2), reached_at=after(2), lost="price"),
            course(month=FEBRUARY, source="phone", heard_from="", tried_at=after(6), lost="not_reached"),
        ]
    )  # fmt: skip
    assert found.whole == Counted(key="", stages=(3, 2, 1, 1, 1, 1), lost=2)
    assert found.by_source == (
        Counted(key="web", stages=(2, 2, 1, 1, 1, 1), lost=1),
        Counted(key="phone", stages=(1, 0, 0, 0, 0, 0), lost=1),
    )
    assert [line.key for line in found.by_heard] == ["search", ""]
    assert [line.key for line in found.by_month] == ["2026-03-01", "2026-02-01"]
    assert found.delays.first_contact == Delay(people=3, middle=timedelta(days=2), longest=timedelta(days=6))
    assert found.delays.intake == Delay(people=1, middle=timedelta(days=3), longest=timedelta(days=3))
    assert found.delays_by_month[1][1].intake == Delay(people=0, middle=None, longest=None)
    assert found.reasons == (("not_reached", 1), ("price", 1))


def test_nobody_asked_is_a_report_too():
    found = conversion([])
    assert found.whole == Counted(key="", stages=(0,) * 6, lost=0)
    assert found.whole.share(Stage.CAME) is None
    assert (found.by_month, found.reasons) == ((), ())


_INSTANTS = st.none() | st.integers(-10, 400).map(lambda n: AT + timedelta(hours=n))
COURSES = st.lists(
    st.builds(
        Course,
        month=st.sampled_from([MARCH, FEBRUARY]),
        source=st.sampled_from(["web", "phone"]),
        heard_from=st.sampled_from(["", "court"]),
        received_at=st.just(AT),
        tried_at=_INSTANTS,
        reached_at=_INSTANTS,
        booked_at=_INSTANTS,
        came_at=_INSTANTS,
        admitted_at=_INSTANTS,
        first_session_at=_INSTANTS,
        lost=st.sampled_from(["", "price"]),
    ),
    max_size=12,
)


@given(COURSES)
def test_no_stage_holds_more_people_than_the_one_before_and_parts_sum_to_the_whole(courses):
    found = conversion(courses)
    for parts in (found.by_source, found.by_heard, found.by_month):
        sums = tuple(sum(line.stages[stage] for line in parts) for stage in Stage)
        assert sums == found.whole.stages
        assert sum(line.lost for line in parts) == found.whole.lost
    assert list(found.whole.stages) == sorted(found.whole.stages, reverse=True)
    assert found.delays.intake.middle is None or found.delays.intake.middle >= timedelta(0)
