"""The well, the seats, the board and the charts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.ui import board, charts, drawings
from stepwell.ui.drawings import Reading


@pytest.mark.parametrize(
    ("ordered", "delivered", "booked", "at_risk", "reading"),
    [
        (
            540,
            270,
            180,
            90,
            Reading(
                "7.5 / 9 h",
                "at risk",
                "warn",
                "7.5 h of 9 h, at risk: 4.5 h delivered, 3 h booked, 1.5 h at risk",
            ),
        ),
        (
            540,
            270,
            270,
            0,
            Reading("9 / 9 h", "on course", "good", "9 h of 9 h, on course: 4.5 h delivered, 4.5 h booked"),
        ),
        (
            540,
            90,
            270,
            0,
            Reading("6 / 9 h", "short 3 h", "bad", "6 h of 9 h, short 3 h: 1.5 h delivered, 4.5 h booked"),
        ),
        (
            540,
            540,
            0,
            0,
            Reading("9 / 9 h", "complete", "good", "9 h of 9 h, complete: 9 h delivered, 0 h booked"),
        ),
        (
            540,
            167,
            0,
            0,
            Reading(
                "2 h 47 min / 9 h",
                "short 6 h 13 min",
                "bad",
                "2 h 47 min of 9 h, short 6 h 13 min: 2 h 47 min delivered, 0 h booked",
            ),
        ),
        (
            0,
            0,
            0,
            0,
            Reading(
                "0 / 0 h",
                "nothing ordered",
                "quiet",
                "0 h of 0 h, nothing ordered: 0 h delivered, 0 h booked",
            ),
        ),
    ],
)
def test_what_a_well_says(ordered, delivered, booked, at_risk, reading):
    assert drawings.read_well(ordered, delivered, booked, at_risk) == reading


@pytest.mark.parametrize(
    ("used", "booked", "total", "word", "tone"),
    [
        (14, 6, 30, "10 left", "good"),
        (20, 14, 30, "over by 4", "bad"),
        (8, 2, 10, "all taken", "warn"),
        (0, 0, 0, "none approved", "quiet"),
    ],
)
def test_what_a_gauge_says(used, booked, total, word, tone):
    reading = drawings.read_gauge(used, booked, total, "units")
    assert (reading.word, reading.tone) == (word, tone)


minutes = st.integers(min_value=0, max_value=6000)


@given(ordered=minutes, delivered=minutes, booked=minutes, at_risk=minutes)
def test_the_water_never_runs_over_the_edge(ordered, delivered, booked, at_risk):
    drawn = drawings.well(ordered, delivered, booked, at_risk, "said")
    shapes = re.findall(
        r'<(?:rect class="(?:delivered|booked)"|svg) x="([\d.]+)%" y="0" width="([\d.]+)%"', drawn
    )
    assert sum(float(width) for _, width in shapes) <= 100.05
    assert all(float(x) + float(width) <= 100.05 for x, width in shapes)


@pytest.mark.parametrize(
    ("taken", "capacity", "dots"), [(8, 10, (8, 2, 0)), (12, 10, (10, 0, 2)), (0, 3, (0, 3, 0))]
)
def test_a_dot_for_every_seat(taken, capacity, dots):
    drawn = drawings.seats(taken, capacity)
    assert tuple(drawn.count(f'class="{kind}"') for kind in ("taken", "free", "over")) == dots
    assert f"{taken} of {capacity} seats taken" in drawn


def test_many_seats_are_counted_not_drawn():
    assert "24/30" in drawings.seats(24, 30)


def test_an_attribute_that_the_security_policy_would_drop_is_refused():
    with pytest.raises(ValueError, match="style is not allowed"):
        drawings.attributes({"style": "color:red"})


def test_attributes_are_escaped():
    assert drawings.attributes({"data-a": '"<', "hidden": True, "x": None}) == ' data-a="&#34;&lt;" hidden'


@given(
    start=st.integers(0, 24 * 60),
    length=st.integers(1, 24 * 60),
    first_hour=st.integers(0, 23),
    lane=st.integers(0, 20),
    lanes=st.integers(0, 20),
)
def test_every_place_on_the_board_has_its_rule(start, length, first_hour, lane, lanes):
    rules = board.stylesheet()
    for name in board.place(start, length, first_hour, lane, lanes).split():
        assert f"> .{name} {{" in rules


@pytest.mark.parametrize(
    ("place", "classes"),
    [
        (board.place(9 * 60, 90, 8), "r-12 s-18 c-0 w-12"),
        (board.place(11 * 60 + 15, 50, 8), "r-39 s-10 c-0 w-12"),
        (board.place(6 * 60, 30, 8), "r-0 s-6 c-0 w-12"),
        (board.place(8 * 60, 60, 8, 1, 3), "r-0 s-12 c-4 w-4"),
    ],
)
def test_places_on_the_board(place, classes):
    assert place == classes


def test_times_on_the_board():
    assert board.span_name(18 * 60, 90) == "6:00 – 7:30 pm"
    assert board.span_name(11 * 60 + 15, 90) == "11:15 am – 12:45 pm"
    assert [name for _, name in board.hour_rows(11, 14)] == ["11 am", "12 pm", "1 pm"]


def test_a_gap_breaks_the_line():
    drawn = charts.line(["a", "b", "c", "d"], [charts.Series("PHQ-9", [4, None, 3, 2])])
    assert re.search(r'class="line" d="M[\d. ]+M[\d. ]+L[\d. ]+"', drawn)


def test_a_series_of_another_length_is_refused():
    with pytest.raises(ValueError, match="The series Hours has 1 values for 2 categories"):
        charts.bars(["a", "b"], [charts.Series("Hours", [1])])


@given(st.floats(min_value=0.001, max_value=1e7))
def test_an_axis_ends_just_above_the_highest_value(highest):
    assert highest <= charts.nice_top(highest) * (1 + 1e-9) <= highest * 2.51


def test_names_in_charts_are_escaped():
    assert "<script>" not in charts.bars(
        ["<script>"], [charts.Series("<script>", [1]), charts.Series("b", [2])], says="<script>"
    )
