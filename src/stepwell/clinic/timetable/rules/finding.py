"""Which of the published programs somebody asks for, nearest first, and what to say when there is none.

Only facts that a site publishes go in. Nothing is known of who asks but what they choose, and at most a ZIP code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from json import loads

from stepwell.clinic.people.rules.places import Compass, Place, Spot, direction, miles_between

NEAREST = 3
"""So many programs are shown all the same when none is near enough."""


@cache
def populations() -> dict[str, str]:
    """Code -> English name of whom a program may be made for, in the order in which they are offered."""
    raw = loads(files("stepwell.clinic.timetable").joinpath("data/populations.json").read_text("utf-8"))
    return {str(code): str(name) for code, name in raw["populations"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A published program as the finder asks it. `tracks` are kinds such as "evening"; `insurers` are ids.

    `starts_on` is the next day with a seat, None when none is known, and `starts` the same of each kind of track that
    has one; `spot` None: the site has no ZIP code.
    """

    id: int
    name: str
    site: str
    level: str
    tracks: frozenset[str] = frozenset()
    video: bool = False
    populations: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    insurers: frozenset[int] = frozenset()
    state: str = ""
    spot: Spot | None = None
    starts_on: date | None = None
    starts: Mapping[str, date] = field(default_factory=dict)

    def start_of(self, track: str) -> date | None:
        """The next day on which somebody can begin: at that time of day, or with "" at any."""
        return self.starts.get(track) if track else self.starts_on


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What somebody chose; empty values ask for nothing. `within` are miles, `soon` days until the next start."""

    level: str = ""
    track: str = ""
    video: bool = False
    population: str = ""
    language: str = ""
    insurer: int | None = None
    within: int | None = None
    soon: int | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An offer, when somebody can begin at the time of day they chose, how far it is from the place that was given,
    and in which direction."""

    offer: Offer
    starts_on: date | None = None
    miles: float | None = None
    towards: Compass | None = None


class Hint(StrEnum):
    """What may be said beside the list."""

    NONE_PUBLISHED = "none_published"
    """No program of any site is published."""
    NONE_NEAR = "none_near"
    """There are some, only farther away: the nearest are shown."""
    NONE_FITS = "none_fits"
    """None fits all that was chosen, at any distance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """`hits`: what fits; `nearest`: what fits but for the distance; `by_video`: elsewhere in the state, by video."""

    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...] = ()
    by_video: tuple[Hit, ...] = ()
    hint: Hint | None = None


def find(offers: Sequence[Offer], sought: Sought, today: date) -> Findings:
    """Nearest first with a place, else the soonest start first. Video is offered only within the person's state:
    a clinician treats people who are where the license holds.
    """
    fitting = [_hit(offer, sought) for offer in offers if _fits(offer, sought, today)]
    fitting.sort(key=_order)
    hits = tuple(hit for hit in fitting if _near(hit, sought))
    shown = {hit.offer.id for hit in hits}
    nearest = () if hits else tuple(hit for hit in fitting if hit.miles is not None)[:NEAREST]
    shown |= {hit.offer.id for hit in nearest}
    by_video = tuple(
        hit
        for hit in fitting
        if sought.place is not None
        and hit.offer.video
        and hit.offer.state == sought.place.state
        and hit.offer.id not in shown
    )
    hint = None
    if not hits:
        hint = Hint.NONE_NEAR if fitting else Hint.NONE_FITS if offers else Hint.NONE_PUBLISHED
    return Findings(hits=hits, nearest=nearest, by_video=by_video, hint=hint)


def _fits(offer: Offer, sought: Sought, today: date) -> bool:
    starts_on = offer.start_of(sought.track)
    return (
        sought.level in ("", offer.level)
        and (not sought.track or sought.track in offer.tracks)
        and (offer.video or not sought.video)
        and (not sought.population or sought.population in offer.populations)
        and (not sought.language or sought.language in offer.languages)
        and (sought.insurer is None or sought.insurer in offer.insurers)
        and (
            sought.soon is None
            or (starts_on is not None and starts_on <= today + timedelta(days=sought.soon))
        )
    )


def _near(hit: Hit, sought: Sought) -> bool:
    if sought.place is None or sought.within is None:
        return True
    return hit.miles is not None and hit.miles <= sought.within


def _hit(offer: Offer, sought: Sought) -> Hit:
    place, starts_on = sought.place, offer.start_of(sought.track)
    if place is None or offer.spot is None:
        return Hit(offer=offer, starts_on=starts_on)
    return Hit(
        offer=offer,
        starts_on=starts_on,
        miles=miles_between(place.spot, offer.spot),
        towards=direction(place.spot, offer.spot),
    )


def _order(hit: Hit) -> tuple[bool, float, date, str, str]:
    return (
        hit.miles is None,
        hit.miles or 0.0,
        hit.starts_on or date.max,
        hit.offer.site,
        hit.offer.name,
    )
