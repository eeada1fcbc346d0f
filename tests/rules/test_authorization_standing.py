"""Authorizations projected along the booked week."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.authorization.rules import (
    Authorization,
    FollowOn,
    Standing,
    Tone,
    Unit,
    Use,
    covers,
    load_review_rule,
    standing,
)

RULE = load_review_rule()
TEN_DAYS = Authorization(
    number="AU-77",
    unit=Unit.DAY,
    approved=Decimal(10),
    starts_on=date(2026, 5, 4),
    ends_on=date(2026, 6, 5),
    codes=frozenset({"H0015"}),
)


def days(first: date, count: int, start: int = 0) -> list[Use]:
    """Monday, Wednesday and Friday sessions of 180 minutes, numbered."""
    pattern = (0, 2, 4)
    return [
        Use(on=first + timedelta(days=7 * (n // 3) + pattern[n % 3]), minutes=180, session_id=start + n)
        for n in range(count)
    ]


def test_the_very_session_that_will_exceed_it_is_named():
    sessions = days(date(2026, 5, 4), 12)
    assert standing(TEN_DAYS, sessions[:3], sessions[3:], date(2026, 5, 10), rule=RULE) == Standing(
        approved=Decimal(10),
        used=Decimal(3),
        booked=Decimal(9),
        left=Decimal(7),
        projected_exhaustion_date=date(2026, 5, 27),
        exceeding_session_id=10,
        uncovered_booked=Decimal(2),
        review_due=date(2026, 5, 18),
        sentence="7 days left; the session of Wed 27 May will exceed them.",
        tone=Tone.WATCH,
    )


def test_two_sessions_on_one_day_are_one_day():
    twice = [Use(on=date(2026, 5, 4), minutes=90), Use(on=date(2026, 5, 4), minutes=90)]
    assert standing(TEN_DAYS, twice, [], date(2026, 5, 5), rule=RULE).used == 1


def test_hours_count_as_attended():
    hours = replace(TEN_DAYS, unit=Unit.HOUR, approved=Decimal(9))
    now = standing(
        hours,
        [Use(on=date(2026, 5, 4), minutes=170)],
        [Use(on=date(2026, 5, 6), minutes=180), Use(on=date(2026, 5, 8), minutes=200, session_id="F")],
        date(2026, 5, 5),
        rule=RULE,
    )
    assert (now.used, now.left, now.exceeding_session_id) == (Decimal("2.83"), Decimal("6.17"), "F")
    assert now.uncovered_booked == Decimal("0.17")


@pytest.mark.parametrize(
    ("used", "booked", "at", "tone", "sentence"),
    [
        (1, 3, date(2026, 5, 5), Tone.GOOD, "9 days left until Fri 5 Jun."),
        (1, 3, date(2026, 5, 28), Tone.WATCH, "9 days left; the review is due on Tue 2 Jun."),
        (1, 3, date(2026, 6, 3), Tone.ALERT, "9 days left; the review was due on Tue 2 Jun."),
        (7, 0, date(2026, 5, 18), Tone.ALERT, "3 days left; the review was due on Mon 18 May."),
        (9, 3, date(2026, 5, 23), Tone.ALERT, "1 day left; the session of Wed 27 May will exceed them."),
        (12, 0, date(2026, 5, 30), Tone.ALERT, "2 days more than approved are used; ask the payer for more."),
        (
            1,
            0,
            date(2026, 6, 6),
            Tone.ALERT,
            "The authorization ended on Fri 5 Jun; ask the payer for a new one.",
        ),
    ],
)
def test_how_loud_it_is_and_what_it_says(used, booked, at, tone, sentence):
    sessions = days(date(2026, 5, 4), used + booked)
    now = standing(TEN_DAYS, sessions[:used], sessions[used:], at, rule=RULE)
    assert (now.tone, now.sentence) == (tone, sentence)


def test_a_session_after_the_end_is_uncovered():
    late = [Use(on=date(2026, 6, 8), minutes=180)]
    now = standing(TEN_DAYS, [], late, date(2026, 5, 5), rule=RULE)
    assert (now.booked, now.uncovered_booked) == (0, 1)
    assert (now.tone, now.sentence) == (
        Tone.WATCH,
        "10 days left; the session of Mon 8 Jun lies after its end.",
    )


def test_holidays_are_no_business_days():
    ends_tuesday = replace(TEN_DAYS, ends_on=date(2026, 5, 26))
    due = [
        standing(ends_tuesday, [], [], date(2026, 5, 5), rule=RULE, holidays=off).review_due
        for off in (frozenset(), frozenset({date(2026, 5, 25)}))
    ]
    assert due == [date(2026, 5, 21), date(2026, 5, 20)]


def test_a_cover_is_for_its_days_and_codes():
    asked = [
        covers(TEN_DAYS, on, code)
        for on, code in [
            (date(2026, 5, 4), "H0015"),
            (date(2026, 6, 5), "H0015"),
            (date(2026, 6, 6), "H0015"),
            (date(2026, 5, 4), "S9480"),
        ]
    ]
    assert asked == [True, True, False, False]


USES = st.lists(
    st.builds(Use, on=st.dates(date(2026, 4, 25), date(2026, 6, 15)), minutes=st.integers(0, 400)),
    max_size=25,
)


@given(USES, USES, st.sampled_from(Unit), st.integers(1, 40))
def test_projection_and_arithmetic_agree(used, booked, unit, approved):
    asked = replace(TEN_DAYS, unit=unit, approved=Decimal(approved))
    now = standing(asked, used, booked, date(2026, 5, 10), rule=RULE)
    assert now.left == now.approved - now.used
    assert now.booked >= 0
    assert now.uncovered_booked >= 0
    assert (now.projected_exhaustion_date is not None) == (now.used + now.booked > now.approved)
    assert asked.starts_on <= now.review_due <= asked.ends_on


ENDING = [Use(on=date(2026, 5, 4), minutes=180)], [], date(2026, 6, 4)
"""One day used, nothing booked, the day before it ends."""


def follow_on(first=date(2026, 6, 6), last=date(2026, 7, 3), number="", asked=date(2026, 5, 29)):
    return FollowOn(starts_on=first, ends_on=last, asked_on=asked, number=number)


@pytest.mark.parametrize(
    ("after", "tone", "sentence"),
    [
        ([], Tone.ALERT, "9 days left; the review was due on Tue 2 Jun."),
        ([follow_on()], Tone.ASKED, "9 days left; the days from Sat 6 Jun were requested on Fri 29 May."),
        (
            [follow_on(number="AU-78")],
            Tone.GOOD,
            "9 days left; AU-78 covers the days from Sat 6 Jun to Fri 3 Jul.",
        ),
        (
            [follow_on(), follow_on(number="AU-78")],
            Tone.GOOD,
            "9 days left; AU-78 covers the days from Sat 6 Jun to Fri 3 Jul.",
        ),
        (
            [follow_on(first=date(2026, 6, 8), number="AU-78")],
            Tone.ALERT,
            "9 days left; the review was due on Tue 2 Jun.",
        ),
    ],
)
def test_what_was_asked_for_the_days_after_calms_it(after, tone, sentence):
    found = standing(TEN_DAYS, *ENDING, rule=RULE, after=after)
    assert (found.tone, found.sentence) == (tone, sentence)


def test_a_gap_on_which_nobody_is_booked_does_not_matter():
    later = follow_on(first=date(2026, 6, 8), number="AU-78")
    found = standing(TEN_DAYS, ENDING[0], days(date(2026, 6, 8), 3), ENDING[2], rule=RULE, after=[later])
    assert (found.tone, found.uncovered_booked, found.followed_by) == (Tone.GOOD, 0, later)


def test_units_that_run_out_before_the_next_one_begins_still_warn():
    sessions = days(date(2026, 5, 4), 12)
    found = standing(
        TEN_DAYS, sessions[:3], sessions[3:], date(2026, 5, 26), rule=RULE, after=[follow_on(number="AU-78")]
    )
    assert (found.tone, found.sentence) == (
        Tone.ALERT,
        "7 days left; the session of Wed 27 May will exceed them.",
    )


def test_an_ended_one_whose_next_was_asked_for_says_since_when():
    found = standing(TEN_DAYS, [], [], date(2026, 6, 9), rule=RULE, after=[follow_on()])
    assert (found.tone, found.sentence) == (
        Tone.ASKED,
        "Ended on Fri 5 Jun; the days from Sat 6 Jun were requested on Fri 29 May.",
    )
