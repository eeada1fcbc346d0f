"""The fourth edition: the least safe level of each part, never a number, and the highest of them."""

import pytest

from stepwell.clinic.assessment.rules import fourth_dimensions, least_levels, rate_fourth
from stepwell.clinic.refusal import Refused

PARTS = [p.key for d in fourth_dimensions() for p in d.parts]


def whole(**changed: str) -> dict[str, tuple[str, str]]:
    return {key: (changed.get(key, "any"), "Because.") for key in PARTS}


def test_six_dimensions_of_which_the_sixth_is_not_rated() -> None:
    assert [(d.number, bool(d.parts)) for d in fourth_dimensions()] == [
        (1, True), (2, True), (3, True), (4, True), (5, True), (6, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rated", "highest", "sentence"),
    [
        (whole(), "any", "No part asks for a particular level."),
        (whole(support="2.1"), "2.1", "The least level that is safe in every part is 2.1 Intensive outpatient."),
        (whole(support="2.1", health="3.7"), "3.7", "The least level that is safe in every part is 3.7 Medically managed residential."),
        (whole(support="2.1", health="evaluate"), "2.1", "A medical evaluation comes first; then rate again."),
    ],
)  # fmt: skip
def test_the_highest_least_level_counts(
    rated: dict[str, tuple[str, str]], highest: str, sentence: str
) -> None:
    found = rate_fourth(rated)
    assert (found.highest, found.say(), found.unrated) == (highest, sentence, ())


def test_what_is_not_rated_is_named() -> None:
    assert (
        rate_fourth({"withdrawal": ("2.1", "x")}).say().startswith("Not rated yet: intoxication, addiction")
    )


@pytest.mark.parametrize(
    ("rated", "sentence"),
    [
        ({"luck": ("2.1", "x")}, "no part luck"),
        ({"support": ("9", "x")}, "cannot ask for 9"),
        ({"support": ("2.1", " ")}, "without a reason"),
    ],
)
def test_what_the_edition_has_not_is_refused(rated: dict[str, tuple[str, str]], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rate_fourth(rated)


def test_levels_stand_from_the_least_to_the_highest() -> None:
    assert next(iter(least_levels())) == "none"
    assert list(least_levels())[-1] == "4"
