"""Dimensional ratings: a number never stands without its reason."""

import pytest

from stepwell.clinic.assessment.rules import Dimension, Edition, Rating, Ratings, rate
from stepwell.clinic.refusal import Refused


def test_a_rating_keeps_its_number_and_its_reason() -> None:
    ratings = rate({5: (3, "Used on four of the last seven days."), 1: (0, "No withdrawal at intake.")})
    assert ratings == Ratings(
        Edition.THIRD,
        (
            Rating(Dimension.WITHDRAWAL, 0, "No withdrawal at intake."),
            Rating(Dimension.RELAPSE, 3, "Used on four of the last seven days."),
        ),
    )
    assert (ratings.value(Dimension.RELAPSE), ratings.value(Dimension.BODY)) == (3, None)
    assert [d.value for d in ratings.unrated] == [2, 3, 4, 6]


@pytest.mark.parametrize("because", ["", "   ", "\n"])
def test_a_rating_without_a_reason_is_refused(because: str) -> None:
    with pytest.raises(Refused, match="Physical health is rated 0 without a reason"):
        rate({2: (0, because)})


@pytest.mark.parametrize("value", [-1, 5, True, 2.0])
def test_a_rating_outside_zero_to_four_is_refused(value: int) -> None:
    with pytest.raises(Refused, match="choose a number from 0 to 4"):
        rate({2: (value, "Because.")})


@pytest.mark.parametrize("number", [0, 7])
def test_there_is_no_seventh_dimension(number: int) -> None:
    with pytest.raises(Refused, match=f"no dimension {number}"):
        rate({number: (1, "Because.")})


def test_a_dimension_is_rated_once() -> None:
    one = Rating(Dimension.BODY, 1, "Asthma, treated.")
    with pytest.raises(Refused, match="Physical health is rated twice"):
        Ratings(Edition.THIRD, (one, one))


def test_numbers_are_not_taken_for_the_fourth_edition() -> None:
    with pytest.raises(Refused, match="fourth edition are not numbers"):
        rate({1: (1, "Because.")}, Edition.FOURTH)
