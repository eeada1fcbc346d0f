"""Which programs fit: a table of filters, the order, and what is said when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules.places import Compass, Place, Spot
from stepwell.clinic.timetable.rules.finding import (
    NEAREST,
    Findings,
    Hint,
    Hit,
    Offer,
    Sought,
    find,
    populations,
)

TODAY = date(2026, 3, 18)
ATLANTA = Spot(latitude=33.7525, longitude=-84.3888)
HERE = Place(zip_code="30303", city="Atlanta", state="GA", spot=ATLANTA)


def offer(number: int, **facts) -> Offer:
    return Offer(
        **{
            "id": number,
            "name": f"Program {number}",
            "site": f"Site {number}",
            "level": "2.1",
            "state": "GA",
            "spot": ATLANTA,
            **facts,
        }
    )


NEAR = offer(
    1,
    tracks=frozenset({"day", "evening"}),
    languages=frozenset({"en", "es"}),
    insurers=frozenset({7}),
    starts_on=TODAY + timedelta(days=5),
    starts={"day": TODAY + timedelta(days=5), "evening": TODAY + timedelta(days=12)},
)
DECATUR = offer(
    2,
    level="1",
    tracks=frozenset({"weekend"}),
    video=True,
    populations=frozenset({"women"}),
    spot=Spot(latitude=33.7748, longitude=-84.2963),
    starts_on=TODAY + timedelta(days=20),
)
SAVANNAH = offer(3, video=True, spot=Spot(latitude=32.0809, longitude=-81.0912))
ALABAMA = offer(4, video=True, state="AL", spot=Spot(latitude=33.5186, longitude=-86.8104))
UNPLACED = offer(5, spot=None, state="")
ALL = (SAVANNAH, ALABAMA, UNPLACED, DECATUR, NEAR)


def ids(hits) -> list[int]:
    return [hit.offer.id for hit in hits]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(), [1, 2, 3, 4, 5]),
        (Sought(level="1"), [2]),
        (Sought(level="2.5"), []),
        (Sought(track="evening"), [1]),
        (Sought(track="weekend"), [2]),
        (Sought(video=True), [2, 3, 4]),
        (Sought(population="women"), [2]),
        (Sought(language="es"), [1]),
        (Sought(insurer=7), [1]),
        (Sought(insurer=8), []),
        (Sought(soon=7), [1]),
        (Sought(soon=30), [1, 2]),
        (Sought(soon=7, track="day"), [1]),
        (Sought(soon=7, track="evening"), []),  # its seat within a week is one of the daytime
        (Sought(soon=14, track="evening"), [1]),
        (Sought(place=HERE), [1, 2, 4, 3, 5]),
        (Sought(place=HERE, within=25), [1, 2]),
        (Sought(place=HERE, within=5), [1]),
        (Sought(place=HERE, within=25, video=True), [2]),
        (Sought(within=25), [1, 2, 3, 4, 5]),
        (Sought(place=HERE, level="2.1", track="day", language="en", insurer=7, soon=7, within=10), [1]),
    ],
)
def test_each_choice_leaves_exactly_what_fits(sought, found):
    assert ids(find(ALL, sought, TODAY).hits) == found


def test_a_hit_says_how_far_and_in_which_direction():
    far = find((DECATUR,), Sought(place=HERE), TODAY).hits[0]
    assert (round(far.miles or 0), far.towards) == (6, Compass.EAST)
    assert find((DECATUR,), Sought(), TODAY).hits == (Hit(offer=DECATUR, starts_on=DECATUR.starts_on),)


@pytest.mark.parametrize(("track", "days"), [("", 5), ("day", 5), ("evening", 12)])
def test_a_hit_says_when_somebody_can_begin_at_the_time_of_day_they_chose(track, days):
    (hit,) = find((NEAR,), Sought(track=track), TODAY).hits
    assert hit.starts_on == TODAY + timedelta(days=days)


def test_a_time_of_day_without_a_free_seat_has_no_start():
    full = replace(NEAR, starts={"day": TODAY})
    (hit,) = find((full,), Sought(track="evening"), TODAY).hits
    assert hit.starts_on is None


def test_none_near_shows_the_nearest_and_video_in_the_state():
    anchorage = Place(zip_code="30001", city="Nowhere", state="GA", spot=Spot(latitude=31, longitude=-84))
    found = find(ALL, Sought(place=anchorage, within=10), TODAY)
    assert (found.hits, found.hint) == ((), Hint.NONE_NEAR)
    assert len(found.nearest) == NEAREST
    assert 5 not in ids(found.nearest), "nobody knows where it is"
    assert set(ids(found.by_video)) == {2, 3} - set(ids(found.nearest))


def test_video_is_offered_only_in_the_state_of_the_person():
    found = find(ALL, Sought(place=HERE, within=5), TODAY)
    assert ids(found.by_video) == [2, 3]
    over_the_line = replace(HERE, state="AL")
    assert ids(find(ALL, Sought(place=over_the_line, within=5), TODAY).by_video) == [4]
    assert find(ALL, Sought(), TODAY).by_video == ()


def test_what_fits_nobody_says_so_and_shows_nothing():
    assert find(ALL, Sought(level="2.5"), TODAY) == Findings(hits=(), hint=Hint.NONE_FITS)
    assert find((), Sought(), TODAY) == Findings(hits=(), hint=Hint.NONE_PUBLISHED)


def test_without_a_place_the_soonest_start_comes_first_and_unknown_ones_last():
    late, soon, never = (
        replace(NEAR, id=n, starts_on=day) for n, day in ((1, date(2026, 5, 1)), (2, TODAY), (3, None))
    )
    assert ids(find((never, late, soon), Sought(), TODAY).hits) == [2, 1, 3]


offers = st.lists(
    st.builds(
        offer,
        st.integers(1, 99),
        spot=st.none() | st.builds(Spot, latitude=st.floats(25, 48), longitude=st.floats(-120, -70)),
        video=st.booleans(),
        state=st.sampled_from(["GA", "AL"]),
    ),
    max_size=12,
    unique_by=lambda o: o.id,
)


@given(offers, st.sampled_from([None, 10, 100, 1000]), st.booleans())
def test_nothing_is_shown_twice_and_only_what_is_near_enough(given_offers, within, video):
    found = find(given_offers, Sought(place=HERE, within=within, video=video), TODAY)
    shown = [*found.hits, *found.nearest, *found.by_video]
    assert len(set(ids(shown))) == len(shown)
    assert all(within is None or (hit.miles is not None and hit.miles <= within) for hit in found.hits)
    far = [hit.miles for hit in found.hits if hit.miles is not None]
    assert far == sorted(far)
    assert (found.hint is None) == bool(found.hits)


def test_populations_have_codes_and_names():
    assert populations()["women"] == "Women"
    assert all(len(code) <= 20 for code in populations())
