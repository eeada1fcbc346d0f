"""Where a ZIP code is and how far apart places are: known pairs, wrong codes, properties of the globe."""

from __future__ import annotations

import subprocess
import sys
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules.places import (
    EARTH_MILES,
    Compass,
    Place,
    Spot,
    ZipProblem,
    bearing,
    direction,
    miles_between,
    place_of_zip,
)

NEW_YORK = Spot(latitude=40.6413, longitude=-73.7781)  # JFK
LOS_ANGELES = Spot(latitude=33.9416, longitude=-118.4085)  # LAX
LONDON, PARIS = Spot(latitude=51.5074, longitude=-0.1278), Spot(latitude=48.8566, longitude=2.3522)
SYDNEY, AUCKLAND = Spot(latitude=-33.8688, longitude=151.2093), Spot(latitude=-36.8509, longitude=174.7645)
NORTH_POLE, NULL = Spot(latitude=90, longitude=0), Spot(latitude=0, longitude=0)

spots = st.builds(Spot, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "miles"),
    [
        (NEW_YORK, LOS_ANGELES, 2475),  # great-circle distance of the two airports
        (LONDON, PARIS, 213.5),
        (SYDNEY, AUCKLAND, 1340),
        (NORTH_POLE, NULL, 6218.4),  # a quarter of a meridian
        (NULL, Spot(latitude=0, longitude=180), pi * EARTH_MILES),
        (Spot(latitude=0, longitude=179.5), Spot(latitude=0, longitude=-179.5), 69.1),  # over the date line
        (PARIS, PARIS, 0),
    ],
)
def test_known_distances_come_out(one, other, miles):
    assert miles_between(one, other) == pytest.approx(miles, rel=0.006)


@pytest.mark.parametrize(
    ("zip_code", "other", "miles"),
    [
        ("30303", "30030", 6),  # Atlanta, Decatur
        ("30303", "31401", 223),  # Atlanta, Savannah
        ("10001", "90210", 2450),
        ("33101", "00907", 1035),  # Miami, San Juan
        ("02108", "02108", 0),
    ],
)
def test_zip_codes_lie_as_far_apart_as_the_towns_they_stand_for(zip_code, other, miles):
    one, two = place_of_zip(zip_code), place_of_zip(other)
    assert isinstance(one, Place)
    assert isinstance(two, Place)
    assert miles_between(one.spot, two.spot) == pytest.approx(miles, rel=0.02, abs=1)


@given(spots, spots)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_around(one, other):
    assert 0 <= miles_between(one, other) <= pi * EARTH_MILES * 1.000001
    assert miles_between(one, other) == pytest.approx(miles_between(other, one), abs=1e-6)


@given(spots, spots, spots)
def test_a_detour_is_never_shorter(one, other, between):
    straight = miles_between(one, other)
    assert straight <= miles_between(one, between) + miles_between(between, other) + 1e-3


@given(spots, spots)
def test_a_bearing_is_a_full_turn_at_most(one, other):
    assert 0 <= bearing(one, other) < 360
    assert direction(one, other) in Compass


@pytest.mark.parametrize(
    ("north", "east", "towards"),
    [
        (1, 0, "n"), (1, 1, "ne"), (0, 1, "e"), (-1, 1, "se"),
        (-1, 0, "s"), (-1, -1, "sw"), (0, -1, "w"), (1, -1, "nw"),
    ],
)  # fmt: skip
def test_the_eight_directions(north, east, towards):
    assert direction(NULL, Spot(latitude=north, longitude=east)) == Compass(towards)


@pytest.mark.parametrize(
    ("typed", "city", "state"),
    [
        ("30303", "Atlanta", "GA"),
        (" 30303 ", "Atlanta", "GA"),
        ("30303-1234", "Atlanta", "GA"),
        ("30303 1234", "Atlanta", "GA"),
        ("303031234", "Atlanta", "GA"),
        ("３０３０３", "Atlanta", "GA"),
        ("00907", "San Juan", "PR"),
        ("00802", "St Thomas", "VI"),
        ("96910", "Hagatna", "GU"),
        ("99501", "Anchorage", "AK"),
    ],
)
def test_a_zip_code_is_read_as_people_write_it(typed, city, state):
    found = place_of_zip(typed)
    assert isinstance(found, Place)
    assert (found.city, found.state) == (city, state)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("00000", ZipProblem.UNKNOWN),
        ("99999", ZipProblem.UNKNOWN),
        ("letters", ZipProblem.SHAPE),
        ("3030", ZipProblem.SHAPE),
        ("30303-12", ZipProblem.SHAPE),
        ("3030a", ZipProblem.SHAPE),
        ("K1A 0B1", ZipProblem.SHAPE),
        ("", ZipProblem.SHAPE),
        ("30303\x00", ZipProblem.SHAPE),
        ("-30303", ZipProblem.SHAPE),
        ("09012", ZipProblem.MILITARY),
        ("96201", ZipProblem.MILITARY),
        ("34001", ZipProblem.MILITARY),
        ("11805", ZipProblem.NOT_PLACED),
    ],
)
def test_a_wrong_zip_code_says_what_is_wrong_with_it(typed, problem):
    assert place_of_zip(typed) is problem


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(typed):
    assert isinstance(place_of_zip(typed), Place | ZipProblem)


def test_the_list_is_not_read_before_somebody_asks():
    asked = (
        "import sys; from stepwell.clinic.people.rules import places; "
        "places.place_of_zip('nonsense'); sys.exit('zipcodes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
