"""Outcomes, counted so that they can be compared and cannot be traced to a person."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.outcomes.rules import (
    EndReason,
    Episode,
    HoursTotal,
    Rate,
    ScorePair,
    SuppressionRule,
    attendance_rate,
    completion,
    hours_delivered,
    load_suppression_rule,
    rate,
    retention,
    score_change,
    wilson_interval,
)

AS_OF = date(2026, 7, 1)
JAN = date(2026, 1, 5)
OPEN = SuppressionRule(smallest_shown=1, z=1.959964)


def episode(days: int | None, reason: EndReason | None = None, attended: int | None = None) -> Episode:
    """Admitted on January 5, ended after so many days (None: active), last attended on such a day."""
    return Episode(
        id=f"{days}",
        admitted_on=JAN,
        ended_on=None if days is None else JAN + timedelta(days=days),
        last_attended_on=None if attended is None else JAN + timedelta(days=attended),
        reason=reason,
    )


@pytest.mark.parametrize(
    ("one", "retained"),
    [
        (episode(None), 1),
        (episode(90, EndReason.COMPLETED, 89), 1),
        (episode(89, EndReason.LEFT, 89), 0),
        (episode(95, EndReason.LEFT, 12), 1),
        (episode(89, EndReason.COMPLETED, 91), 1),
    ],
)
def test_who_is_retained_at_day_90(one, retained):
    assert retention([one], 90, AS_OF, OPEN).raw.count == retained


def test_a_transfer_to_higher_care_is_left_out_of_the_adjusted_rate_only():
    people = [episode(20, EndReason.TRANSFERRED_HIGHER), episode(40, EndReason.LEFT), episode(None)]
    found = retention(people, 30, AS_OF, OPEN)
    assert ((found.raw.count, found.raw.total), (found.adjusted.count, found.adjusted.total)) == (
        (2, 3),
        (2, 2),
    )


def test_an_early_leaver_is_not_counted_before_an_early_stayer_can_be():
    recent = [
        Episode(id=1, admitted_on=date(2026, 6, 20), ended_on=date(2026, 6, 22), reason=EndReason.LEFT),
        Episode(id=2, admitted_on=date(2026, 6, 20)),
    ]
    found = retention(recent, 30, AS_OF, OPEN)
    assert (found.raw.total, found.not_yet) == (0, 2)
    assert found.raw.sentence == "Nobody to count yet."


def test_day_30_is_counted_on_day_30():
    assert retention([Episode(id=1, admitted_on=date(2026, 6, 1))], 30, AS_OF, OPEN).raw.total == 1


def test_completion_leaves_out_the_active_and_the_dead():
    people = [episode(50, reason) for reason in EndReason] + [episode(None)]
    found = completion(people, OPEN)
    assert (found.count, found.total) == (1, len(EndReason) - 1)


def test_attendance_counts_recorded_outcomes_only():
    found = attendance_rate(["present", "present", "excused", "unexcused", "", "cancelled"], OPEN)
    assert (found.count, found.total) == (2, 4)


def test_hours_over_many_weeks():
    assert hours_delivered([(540, 540), (540, 360), (0, 120), (600, 660)]) == HoursTotal(
        ordered=1680, delivered=1560, share=1560 / 1680, weeks=3, weeks_met=2
    )
    assert hours_delivered([]).share is None


def test_change_in_scores_among_complete_pairs():
    pairs = [ScorePair(first=18, last=8), ScorePair(first=10, last=9), ScorePair(first=12, last=None)]
    found = score_change(pairs, OPEN)
    assert (found.pairs, found.incomplete, found.mean_change, found.median_change) == (2, 1, -5.5, -5.5)
    assert (found.improved.count, found.improved.total) == (1, 2)
    assert score_change(pairs, OPEN, lower_is_better=False).improved.count == 0


def test_few_pairs_show_no_means():
    found = score_change([ScorePair(first=18, last=8)] * 10, load_suppression_rule())
    assert (found.mean_first, found.mean_change, found.improved.count) == (None, None, None)


@pytest.mark.parametrize(
    ("count", "total", "shown"),
    [
        (20, 40, True),
        (0, 40, True),
        (40, 40, True),
        (10, 40, False),
        (30, 40, False),
        (0, 10, False),
        (11, 22, True),
    ],
)
def test_small_numbers_are_held_back(count, total, shown):
    found = rate(count, total, load_suppression_rule())
    assert (not found.suppressed, found.count is not None, found.share is not None) == (shown, shown, shown)


def test_a_rate_with_its_interval():
    found = rate(50, 100, load_suppression_rule())
    assert found == Rate(
        count=50,
        total=100,
        share=0.5,
        low=pytest.approx(0.40383, abs=1e-5),
        high=pytest.approx(0.59617, abs=1e-5),
        suppressed=False,
        sentence="50 of 100 people, 50% (between 40% and 60%).",
    )


@pytest.mark.parametrize(("count", "total"), [(1, 0), (0, 0), (3, 2), (-1, 2)])
def test_a_share_of_nothing_is_refused(count, total):
    with pytest.raises(ValueError, match="a total above zero"):
        wilson_interval(count, total, 1.96)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(numbers):
    count, total = numbers
    low, high = wilson_interval(count, total, 1.959964)
    assert 0 <= low <= count / total <= high <= 1
