"""Dose by kind: ordered against delivered over an episode, and this week beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.hours.rules import (
    HoursOrder,
    KindDose,
    Session,
    doses_sentence,
    doses_since,
    ledger,
    ordered_between,
)

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 3, 16)
AT = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
SKILLS = HoursOrder(minutes_per_week=360, starts_on=date(2026, 3, 2), kind="skills")
FAMILY = HoursOrder(minutes_per_week=60, starts_on=date(2026, 3, 9), kind="family")


def test_each_kind_that_was_ordered_or_given_has_a_line():
    week = ledger(
        (SKILLS, FAMILY),
        [Session(id=1, kind="skills", starts=AT, ends=AT + timedelta(hours=3))],
        MONDAY,
        ZONE,
        AT,
    )
    found = doses_since(
        (SKILLS, FAMILY), {"skills": 600, "holistic": 45}, date(2026, 3, 2), date(2026, 3, 18), week
    )
    assert found == (
        KindDose(
            kind="skills", ordered=822, delivered=600, week_ordered=360, week_delivered=0, week_booked=180,
            week_at_risk=0,
        ),
        KindDose(kind="family", ordered=77, delivered=0, week_ordered=60),
        KindDose(kind="holistic", ordered=0, delivered=45),
    )  # fmt: skip
    assert [dose.missing for dose in found] == [222, 77, 0]


def test_what_is_ordered_counts_to_the_end_of_yesterday():
    today = date(2026, 3, 9)
    assert [d.ordered for d in doses_since((SKILLS,), {}, date(2026, 3, 2), today)] == [360]
    assert doses_since((SKILLS,), {}, date(2026, 3, 2), date(2026, 3, 2)) == ()


def test_the_facts_of_a_review_are_one_sentence():
    doses = doses_since(
        (SKILLS, FAMILY), {"skills": 600, "holistic": 45}, date(2026, 3, 2), date(2026, 3, 16)
    )
    words = {"skills": "skills training", "family": "family sessions", "holistic": "holistic"}
    assert doses_sentence(doses, words) == (
        "Skills training 10 h of 12 h; family sessions 0 min of 1 h; holistic 45 min, not ordered."
    )
    assert doses_sentence((), words) == ""


@given(st.integers(0, 2000), st.integers(0, 60), st.integers(0, 60))
def test_two_spans_side_by_side_order_what_one_over_both_does(minutes, first, second):
    order = (HoursOrder(minutes_per_week=minutes, starts_on=MONDAY, kind="skills"),)
    middle, end = MONDAY + timedelta(days=first), MONDAY + timedelta(days=first + second)
    parts = ordered_between(order, MONDAY, middle, "skills") + ordered_between(order, middle, end, "skills")
    assert 0 <= ordered_between(order, MONDAY, end, "skills") - parts <= 1
