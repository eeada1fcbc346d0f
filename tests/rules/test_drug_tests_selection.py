"""Draws from a sealed seed: reproducible, checkable, and as fair as chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import (
    Check,
    Pool,
    check_draw,
    commitment,
    draw_key,
    drawn,
    pool_from,
    rank_of,
)
from stepwell.clinic.refusal import Refused

MONDAY = date(2026, 3, 2)
WEEK = tuple(MONDAY + timedelta(days=n) for n in range(5))
SEED = bytes(range(32))
POOL = Pool(("K7Q2RM", "M3XABC", "T9WDEF"), WEEK, 2, 1, "standard", 3)


def seed_number(number: int) -> bytes:
    return sha256(f"seed {number}".encode()).digest()


def chi_square(found: Counter[object], kinds: int) -> float:
    expected = sum(found.values()) / kinds
    return sum((count - expected) ** 2 / expected for count in found.values()) + expected * (
        kinds - len(found)
    )


def test_the_order_in_which_people_and_days_are_given_changes_nothing() -> None:
    turned = replace(POOL, people=POOL.people[::-1], days=POOL.days[::-1])
    assert (turned.hash, drawn(SEED, turned)) == (POOL.hash, drawn(SEED, POOL))


@pytest.mark.parametrize(
    "other",
    [
        replace(POOL, people=(*POOL.people, "X")),
        replace(POOL, days=(*WEEK, MONDAY + timedelta(days=7))),
        replace(POOL, panel="alcohol"),
    ],
)
def test_another_pool_has_another_key_so_that_nobody_can_steer_by_the_pool(other: Pool) -> None:
    assert draw_key(SEED, other) != draw_key(SEED, POOL)
    assert other.hash != POOL.hash


def test_the_pool_comes_back_as_it_was_kept() -> None:
    assert pool_from(POOL.written()).hash == POOL.hash


@pytest.mark.parametrize("kept", [{}, {"people": 3}, {**POOL.written(), "days": ["soon"]}])
def test_what_is_no_pool_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(Refused, match="not the pool"):
        pool_from(kept)


def test_a_short_seed_is_refused() -> None:
    with pytest.raises(Refused, match="too short"):
        drawn(b"short", POOL)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 3), st.integers(1, 5))
def test_every_draw_checks_and_holds(seed: bytes, chosen: int, tests: int) -> None:
    pool = replace(POOL, chosen=chosen, tests=tests)
    days = drawn(seed, pool)
    assert len(days) == chosen
    assert all(len(some) == tests for some in days.values())
    key = draw_key(seed, pool)
    assert set(days) == set(sorted(pool.people, key=lambda code: rank_of(key, code))[:chosen])
    assert check_draw(
        seed=seed, committed=commitment(seed), pool=pool, pool_hash=pool.hash, days=days
    ) == Check(True, ())


def test_the_check_names_each_thing_that_does_not_hold() -> None:
    days = drawn(SEED, POOL)
    wrong = check_draw(
        seed=SEED, committed="0" * 64, pool=POOL, pool_hash="0" * 64, days={**days, "X": (MONDAY,)}
    )
    assert wrong == Check(
        False,
        (
            "The seed is not the one that was sealed.",
            "The pool is not the one that was written down.",
            "The days of X are not the ones that were drawn.",
        ),
    )


# fairness: bounds are the chi-square value that a fair draw exceeds once in a thousand ---------------------------


def test_every_day_and_every_pair_of_days_is_as_likely_as_any_other() -> None:
    pairs: Counter[object] = Counter()
    one = replace(POOL, tests=2)
    for number in range(2000):
        pairs.update(drawn(seed_number(number), one).values())
    assert chi_square(pairs, 10) < 27.9  # 9 degrees of freedom
    days: Counter[object] = Counter()
    for pair, count in pairs.items():
        days.update(dict.fromkeys(pair, count))  # type: ignore[attr-defined] # a pair of days
    assert chi_square(days, 5) < 18.5  # 4 degrees of freedom


def test_every_person_is_as_likely_to_be_drawn_as_any_other() -> None:
    people = tuple(f"P{n}" for n in range(12))
    pool = Pool(people, WEEK[:1], 1, 1, "standard", 3)
    found: Counter[object] = Counter()
    for number in range(2000):
        found.update(list(drawn(seed_number(number), pool)))
    assert chi_square(found, 12) < 31.3  # 11 degrees of freedom


def test_one_week_says_nothing_about_the_next() -> None:
    following: Counter[object] = Counter()
    weeks = [replace(POOL, days=tuple(d + timedelta(weeks=n) for d in WEEK), tests=1) for n in range(2)]
    for number in range(2000):
        first, second = (
            drawn(seed_number(2 * number + n), week)["K7Q2RM"][0] for n, week in enumerate(weeks)
        )
        following[first.weekday(), second.weekday()] += 1
    assert chi_square(following, 25) < 51.2  # 24 degrees of freedom
