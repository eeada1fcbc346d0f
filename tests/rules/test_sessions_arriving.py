"""Codes at the door, and which session somebody who stands there is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.sessions.rules.arriving import (
    AtTheDoor,
    DoorSeat,
    at_the_door,
    good_until,
    load_arriving,
    read_code,
    read_place_code,
    span_of,
    written,
)

AT = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
OPENS = timedelta(hours=2)
RULE = load_arriving()


def seat(number: int, starts: int, ends: int, outcome: str = "", left: int | None = None) -> DoorSeat:
    """Minutes from AT."""
    return DoorSeat(
        number,
        100 + number,
        7,
        AT + timedelta(minutes=starts),
        AT + timedelta(minutes=ends),
        outcome,
        None if left is None else AT + timedelta(minutes=left),
    )


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        pytest.param([], None, id="nothing booked"),
        pytest.param([(1, 30, 90)], (1, False), id="it begins soon"),
        pytest.param([(1, 120, 180)], (1, False), id="it has just opened"),
        pytest.param([(1, 121, 180)], None, id="too early"),
        pytest.param([(1, -60, 0)], None, id="over at this moment"),
        pytest.param([(1, -59, 1)], (1, False), id="the last minute of it"),
        pytest.param([(2, 60, 90), (1, 30, 60)], (1, False), id="the earlier of two"),
        pytest.param(
            [(1, 30, 60, "present"), (2, 60, 90)], (1, True), id="a second try is not the next group"
        ),
        pytest.param([(1, -90, -5, "present"), (2, 5, 90)], (2, False), id="after the first the second"),
        pytest.param([(1, -60, 20, "present", -10), (2, 20, 80)], (2, False), id="gone from the first"),
        pytest.param([(1, -30, 30, "excused"), (2, 40, 80)], None, id="recorded as absent"),
    ],
)
def test_a_check_in_is_for_the_first_session_that_has_opened(seats, expected):
    rows = [seat(*one) for one in seats]
    found = at_the_door(rows, AT, OPENS)
    if expected is None:
        assert found is None
    else:
        number, already = expected
        assert found == AtTheDoor(next(row for row in rows if row.seat_id == number), already)


@pytest.mark.parametrize("typed", ["K7Q2MT", "k7q2mt", " k7q-2mt ", "K7Q 2MT"])
def test_a_code_is_read_as_people_type_it(typed):
    assert read_code(typed, RULE) == "K7Q2MT"


@pytest.mark.parametrize(
    "typed", ["", "K7Q2M", "K7Q2MTT", "K7Q2M0", "K7Q2MI", "Ж7Q2MT", "\x00" * 6, "９" * 6, "K7Q2" * 50]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed, RULE) == ""


def test_the_code_of_a_place_is_shorter():
    assert (read_place_code("k7q2", RULE), read_place_code("K7Q2MT", RULE)) == ("K7Q2", "")


@given(st.binary(min_size=32, max_size=32))
def test_a_code_has_its_length_and_its_letters(digest):
    code = written(digest, RULE.length, RULE.letters)
    assert read_code(code, RULE) == code


@given(st.integers(0, 10**6))
def test_a_code_is_good_for_one_to_two_spans(seconds):
    at = AT + timedelta(seconds=seconds)
    left = good_until(at, RULE.lasts) - at
    assert RULE.lasts < left <= 2 * RULE.lasts
    assert span_of(at + left - timedelta(seconds=1), RULE.lasts) - span_of(at, RULE.lasts) == 1


def test_letters_that_look_alike_are_left_out():
    assert set("01ILOS") & set(RULE.letters) == set()
    assert len(set(RULE.letters)) == len(RULE.letters)
