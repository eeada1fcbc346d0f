"""Random days: reproducible, evenly spread, impossible to foresee."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import TestRate, Window, draw, least_gap_days, rate_of_phase
from stepwell.clinic.refusal import Refused

SEED = b"a secret of the site, 32 bytes.."
MONDAY = date(2026, 3, 2)
WEEK = tuple(MONDAY + timedelta(days=n) for n in range(7))


def test_the_same_seed_draws_the_same_days() -> None:
    assert draw(Window(WEEK, 2), "K7Q2", SEED, 1) == draw(Window(WEEK[::-1], 2), "K7Q2", SEED, 1)


def test_people_weeks_and_seeds_do_not_share_their_days() -> None:
    weeks = [tuple(d + timedelta(weeks=n) for d in WEEK) for n in range(20)]
    mine = [[d.weekday() for d in draw(Window(week, 2), "K7Q2", SEED, 1)] for week in weeks]
    yours = [[d.weekday() for d in draw(Window(week, 2), "M3XA", SEED, 1)] for week in weeks]
    other = [[d.weekday() for d in draw(Window(week, 2), "K7Q2", SEED[::-1], 1)] for week in weeks]
    assert mine != yours
    assert mine != other
    assert len({tuple(days) for days in mine}) > 5


@given(
    st.sets(st.integers(0, 40), min_size=1, max_size=20),
    st.integers(0, 6),
    st.integers(1, 4),
    st.text(max_size=8),
)
def test_a_draw_keeps_the_window_the_number_and_the_gap(
    days: set[int], tests: int, gap: int, key: str
) -> None:
    window = Window(tuple(MONDAY + timedelta(days=n) for n in days), tests)
    greedy, last = 0, -99
    for day in sorted(days):
        if day - last >= gap:
            greedy, last = greedy + 1, day
    if greedy < tests:
        with pytest.raises(Refused, match="do not fit"):
            draw(window, key, SEED, gap)
        return
    drawn = draw(window, key, SEED, gap)
    assert len(drawn) == tests
    assert set(drawn) <= set(window.days)
    assert all((b - a).days >= gap for a, b in pairwise(drawn))


def test_every_pair_of_days_is_as_likely_as_any_other() -> None:
    pairs = Counter(draw(Window(WEEK, 2), f"person {n}", SEED, 2) for n in range(3000))
    assert len(pairs) == 15  # 21 pairs of a week less 6 that are neighbors
    # 200 expected for each; the bounds are more than four standard deviations away
    assert min(pairs.values()) > 140
    assert max(pairs.values()) < 260


@pytest.mark.parametrize(
    ("window", "seed", "gap", "sentence"),
    [
        (Window(WEEK, 5), SEED, 2, "5 tests at least 2 days apart do not fit into 7 open days"),
        (Window((), 1), SEED, 1, "do not fit into 0 open days"),
        (Window(WEEK, 1), b"short", 1, "seed of the random draw is too short"),
        (Window(WEEK, 1), SEED, 0, "gap must be one day or more"),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused(window: Window, seed: bytes, gap: int, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        draw(window, "K7Q2", seed, gap)


def test_no_tests_need_no_days() -> None:
    assert draw(Window((), 0), "K7Q2", SEED, 1) == ()


def test_the_schedule_thins_out_by_phase() -> None:
    assert [rate_of_phase(n) for n in (1, 2, 3)] == [TestRate(2, 7), TestRate(1, 7), TestRate(2, 30)]
    assert least_gap_days() == 1
    with pytest.raises(Refused, match="no phase 4"):
        rate_of_phase(4)
