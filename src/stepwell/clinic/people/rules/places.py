"""Where a ZIP code is, and how far and in which direction one place lies from another.

Nothing is asked of the network: the library `zipcodes` carries the list. It unpacks it at the first look-up of
a process (under a second, about 40 MB), so a server starts without it, and who never asks never pays.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_MILES = 3958.7613
"""Mean radius of the Earth, 6371.0088 km (IUGG), in statute miles."""

_MILITARY_STATES = ("AA", "AE", "AP")
_SHAPE = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")


class ZipProblem(StrEnum):
    """Why no place could be found. The words stand with whoever shows them."""

    SHAPE = "shape"
    """Not five digits, with or without the four of a ZIP+4."""
    UNKNOWN = "unknown"
    """Five digits, but no ZIP code of the list, such as 00000."""
    MILITARY = "military"
    """Of the military or diplomatic mail (APO, FPO, DPO): it stands for a unit, not for a place."""
    NOT_PLACED = "not_placed"
    """Known, but the list has no coordinates for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A point on the globe in degrees; north and east are above zero."""

    latitude: float
    longitude: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a ZIP code stands for; `spot` is about its middle. `state` is a postal code such as GA or PR."""

    zip_code: str
    city: str
    state: str
    spot: Spot


class Compass(StrEnum):
    """Eight directions, clockwise from north."""

    NORTH = "n"
    NORTHEAST = "ne"
    EAST = "e"
    SOUTHEAST = "se"
    SOUTH = "s"
    SOUTHWEST = "sw"
    WEST = "w"
    NORTHWEST = "nw"


def place_of_zip(typed: str) -> Place | ZipProblem:
    """The place behind what somebody typed as ZIP code or ZIP+4; digits of any script count, blanks around do not.

    Source: the list of the library `zipcodes` (USPS for which codes there are, GeoNames for where they lie).
    """
    shaped = _SHAPE.fullmatch(unicodedata.normalize("NFKC", typed[:40]).strip())
    return _looked_up(shaped[1]) if shaped else ZipProblem.SHAPE


@lru_cache(maxsize=4096)
def _looked_up(zip_code: str) -> Place | ZipProblem:
    import zipcodes  # here, so that only a process in which somebody asks holds the list

    found = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call] # its Python layer is not typed
    if not found:
        return ZipProblem.UNKNOWN
    row = found[0]
    if row["zip_code_type"] == "MILITARY" or row["state"] in _MILITARY_STATES:
        return ZipProblem.MILITARY
    spot = Spot(latitude=float(row["lat"] or 0), longitude=float(row["long"] or 0))
    if spot == Spot(latitude=0, longitude=0):  # how the list writes that it does not know
        return ZipProblem.NOT_PLACED
    return Place(zip_code=zip_code, city=row["city"], state=row["state"], spot=spot)


def miles_between(one: Spot, other: Spot) -> float:
    """Statute miles as the crow flies (haversine on a sphere: at most 0.6 % from the ellipsoid)."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half = sin((lat2 - lat1) / 2) ** 2
    half += cos(lat1) * cos(lat2) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_MILES * asin(min(1.0, sqrt(half)))


def bearing(start: Spot, end: Spot) -> float:
    """Degrees clockwise from north, from 0 up to 360, in which one sets out from `start` towards `end`."""
    lat1, lat2 = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    turned = atan2(sin(east) * cos(lat2), cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(east))
    return degrees(turned) % 360 % 360  # twice: -1e-20 % 360 is 360.0


def direction(start: Spot, end: Spot) -> Compass:
    """The nearest of eight directions."""
    return tuple(Compass)[round(bearing(start, end) / 45) % 8]
