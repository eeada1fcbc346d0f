"""From the JSON of a case to the `Case`, refusing every nonsense with its path and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from weekplan import shapes
from weekplan.case import (
    DAY,
    Case,
    Facilitator,
    Fixed,
    Mode,
    Offer,
    Owed,
    Patient,
    Room,
    Span,
    Standing,
    Weights,
    Window,
)
from weekplan.fitting import joined, starts_of_offer, starts_of_owed
from weekplan.parts import START, WEEK, Part, Shape, session_of, shown, span_of, start_of, told
from weekplan.sense import refuse_the_impossible
from weekplan.shapes import CASE_FORMAT, VERSION

MOST_PEOPLE: Final = 10_000
DEAREST: Final = 1_000_000
_SLACK: Final = 30
"""Minutes above the ordered ones that a patient may get where the case does not say."""

Keys = Mapping[str, Part]


def case_from_json(value: object) -> Case:
    """The case that a JSON value tells; `loading.load` makes such a value from a file.

    Raises `Nonsense` at the first thing that makes no sense. Hours and availability come back joined,
    starts in the order of the week, and who is kept apart from whom for both of them.
    """
    keys = Part(value, "").keys(shapes.CASE)
    must_be_format(keys, CASE_FORMAT)
    grid = keys["grid"].whole(5, 15)
    if grid not in (5, 15):
        raise keys["grid"].wrong(f"must be 5 or 15, not {grid}.")

    room_keys = _by_id(keys["rooms"], shapes.ROOM)
    facilitator_keys = _by_id(keys["facilitators"], shapes.FACILITATOR)
    offer_keys = _by_id(keys["offers"], shapes.OFFER)
    patient_keys = _by_id(keys["patients"], shapes.PATIENT)

    rooms = tuple(_room(name, one, grid) for name, one in room_keys.items())
    facilitators = tuple(_facilitator(name, one, grid) for name, one in facilitator_keys.items())
    site = _Site(
        grid,
        rooms,
        facilitators,
        room_ids=frozenset(room_keys),
        facilitator_ids=frozenset(facilitator_keys),
        offer_ids=frozenset(offer_keys),
        patient_ids=frozenset(patient_keys),
    )
    offers = tuple(_offer(name, one, site) for name, one in offer_keys.items())
    patients = _kept_apart_both_ways([_patient(name, one, site) for name, one in patient_keys.items()])
    _refuse_owed_twice(patient_keys, patients)

    case = Case(
        name=keys["name"].text(),
        zone=_zone(keys["zone"]),
        starts_on=_date(keys["starts_on"]),
        grid=grid,
        closed=_days(keys["closed"]),
        now=_now(keys["now"]),
        rooms=rooms,
        facilitators=facilitators,
        offers=offers,
        patients=patients,
        standing=_standing(keys["standing"], site, offers, patients),
        weights=_weights(keys["weights"]),
    )
    refuse_the_impossible(case)
    return case


def must_be_format(keys: Keys, name: str) -> None:
    if keys["format"].value != name:
        raise keys["format"].wrong(f'must be "{name}", not {shown(keys["format"].value)}.')
    if keys["version"].whole(0, 10**9) != VERSION:
        raise keys["version"].wrong(f"must be {VERSION}; this program knows no other.")


@dataclass(frozen=True, slots=True)
class _Site:
    """What offers and patients refer to."""

    grid: int
    rooms: tuple[Room, ...]
    facilitators: tuple[Facilitator, ...]
    room_ids: frozenset[str]
    facilitator_ids: frozenset[str]
    offer_ids: frozenset[str]
    patient_ids: frozenset[str]


def _by_id(parts: Part, shape: Shape) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for part in parts:
        keys = part.keys(shape)
        name = keys["id"].text()
        if name in found:
            raise keys["id"].wrong(f"there is another {shown(name)} before it.")
        found[name] = keys
    return found


def _zone(part: Part) -> str:
    name = part.text()
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:  # unknown, a path, a folder of zones
        raise part.wrong(f'must be a time zone such as "America/New_York", not {shown(name)}.') from fault
    return name


def _date(part: Part) -> str:
    text = part.text()
    try:
        if date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError as fault:
        raise part.wrong(f'must be a date such as "2026-03-02", not {shown(text)}.') from fault
    return text


def _days(part: Part) -> frozenset[int]:
    days: set[int] = set()
    for one in part:
        day = one.whole(0, 6)
        if day in days:
            raise one.wrong(f"stands twice in the list: {day}.")
        days.add(day)
    return frozenset(days)


def _now(part: Part) -> int:
    """Any minute, on the grid or not, and the end of the week."""
    keys = part.keys(START)
    return keys["day"].whole(0, 6) * DAY + keys["at"].clock()


def _spans(part: Part, grid: int) -> tuple[Span, ...]:
    return joined(one.span(grid) for one in part)


def _room(name: str, keys: Keys, grid: int) -> Room:
    return Room(
        id=name,
        capacity=keys["capacity"].whole(1, MOST_PEOPLE),
        features=frozenset(keys["features"].texts()),
        hours=_spans(keys["hours"], grid),
    )


def _facilitator(name: str, keys: Keys, grid: int) -> Facilitator:
    week_most = keys["week_most"].whole(0, WEEK)
    return Facilitator(
        id=name,
        leads=frozenset(keys["leads"].texts()),
        coleads=frozenset(keys["coleads"].texts()),
        credentials=frozenset(keys["credentials"].texts()),
        available=_spans(keys["available"], grid),
        day_most=keys["day_most"].whole(0, DAY),
        week_most=week_most,
        week_usual=keys["week_usual"].whole(0, WEEK) if "week_usual" in keys else week_most,
        rest=keys["rest"].whole(0, DAY),
        travel=keys["travel"].whole(0, DAY),
    )


def _offer(name: str, keys: Keys, site: _Site) -> Offer:
    least, most = keys["least"].whole(1, MOST_PEOPLE), keys["most"].whole(1, MOST_PEOPLE)
    if least > most:
        raise keys["least"].wrong(f"is above most ({least} and {most}).")
    good = keys["good"].whole(1, MOST_PEOPLE) if "good" in keys else least
    if not least <= good <= most:
        raise keys["good"].wrong(f"must lie between least and most ({least} and {most}), not be {good}.")
    members = keys["members"]
    offer = Offer(
        id=name,
        kind=keys["kind"].text(),
        minutes=keys["minutes"].length(site.grid),
        least=least,
        good=good,
        most=most,
        modes=keys["modes"].modes(),
        times=_least_and_most(keys["times"], shapes.TIMES, 1000),
        each=keys["each"].whole(0, 1000),
        starts=keys["starts"].starts(site.grid) if "starts" in keys else (),
        leaders=keys["leaders"].whole(1, 2),
        needs=frozenset(keys["needs"].texts()),
        tracks=frozenset(keys["tracks"].texts()),
        members=None if members.value is None else frozenset(members.all_known(site.patient_ids, "patient")),
        topic=keys["topic"].text_or_none(),
        credentials=frozenset(keys["credentials"].texts()),
        features=frozenset(keys["features"].texts()),
    )
    _refuse_late_starts(keys, offer.starts, offer.minutes)
    if "starts" in keys:
        return offer
    return replace(offer, starts=starts_of_offer(offer, site.rooms, site.facilitators, site.grid))


def _refuse_late_starts(keys: Keys, starts: tuple[int, ...], minutes: int) -> None:
    """Starts from which a session of that length would run over midnight."""
    if "starts" in keys and any(start % DAY + minutes > DAY for start in starts):
        for part in keys["starts"]:
            session_of(part, part.keys(START), minutes, 1)


def _least_and_most(part: Part, shape: Shape, highest: int) -> tuple[int, int]:
    keys = part.keys(shape)
    least, most = keys["least"].whole(0, highest), keys["most"].whole(0, highest)
    if least > most:
        raise part.wrong(f"least is above most ({least} and {most}).")
    return least, most


def _patient(name: str, keys: Keys, site: _Site) -> Patient:
    ordered = keys["ordered"].whole(0, WEEK)
    most = keys["most"].whole(0, WEEK + _SLACK) if "most" in keys else ordered + _SLACK
    if ordered > most:
        raise keys["ordered"].wrong(f"is above most ({ordered} and {most} minutes).")
    day_least, day_most = _least_and_most(keys["day"], shapes.DAY_MINUTES, DAY)
    apart = keys["apart"]
    if name in apart.all_known(site.patient_ids, "patient"):
        raise apart.wrong(f"keeps {shown(name)} apart from themselves.")
    return Patient(
        id=name,
        ordered=ordered,
        most=most,
        days=_least_and_most(keys["days"], shapes.DAYS, 7),
        day_least=day_least,
        day_most=day_most,
        countable=keys["countable"].whole(0, DAY),
        windows=tuple(_window(part, site.grid) for part in keys["windows"]),
        doses=tuple((kind.text(), minutes.whole(0, WEEK)) for kind, minutes in keys["doses"].entries()),
        video_most=keys["video_most"].whole(0, WEEK + _SLACK) if "video_most" in keys else most,
        owed=tuple(_owed(owed, one, site) for owed, one in _by_id(keys["owed"], shapes.OWED).items()),
        apart=frozenset(apart.texts()),
        tags=frozenset(keys["tags"].texts()),
        track=keys["track"].text_or_none(),
        had=frozenset(keys["had"].texts()),
        used_to=_used_to(keys["used_to"], site),
    )


def _window(part: Part, grid: int) -> Window:
    keys = part.keys(shapes.WINDOW)
    return Window(
        span=span_of(part, keys, grid), preferred=keys["preferred"].flag(), modes=keys["modes"].modes()
    )


def _owed(name: str, keys: Keys, site: _Site) -> Owed:
    leaders = keys["leaders"].all_known(site.facilitator_ids, "facilitator")
    if not leaders:
        raise keys["leaders"].wrong("must name somebody who may hold the session.")
    room = keys["room"]
    owed = Owed(
        id=name,
        kind=keys["kind"].text(),
        minutes=keys["minutes"].length(site.grid),
        leaders=leaders,
        modes=keys["modes"].modes(),
        starts=keys["starts"].starts(site.grid) if "starts" in keys else (),
        room=None if room.value is None else frozenset(room.texts()),
    )
    _refuse_late_starts(keys, owed.starts, owed.minutes)
    if "starts" in keys:
        return owed
    return replace(owed, starts=starts_of_owed(owed, site.rooms, site.facilitators, site.grid))


def _used_to(part: Part, site: _Site) -> tuple[tuple[str, int], ...]:
    seen: dict[tuple[str, int], None] = {}
    for one in part:
        keys = one.keys(shapes.USED_TO)
        habit = keys["offer"].known(site.offer_ids, "offer"), start_of(keys, site.grid)
        if habit in seen:
            raise one.wrong(f"stands twice in the list ({habit[0]}, {told(habit[1])}).")
        seen[habit] = None
    return tuple(seen)


def _refuse_owed_twice(patient_keys: Mapping[str, Keys], patients: tuple[Patient, ...]) -> None:
    """A plan names an owed session by its id alone, so the id belongs to one patient only."""
    whose: dict[str, str] = {}
    for patient in patients:
        for owed, part in zip(patient.owed, patient_keys[patient.id]["owed"], strict=True):
            if owed.id in whose:
                raise part.wrong(f"{shown(whose[owed.id])} has an owed session {shown(owed.id)} already.")
            whose[owed.id] = patient.id


def _kept_apart_both_ways(patients: list[Patient]) -> tuple[Patient, ...]:
    named_by: dict[str, set[str]] = {patient.id: set(patient.apart) for patient in patients}
    for patient in patients:
        for other in patient.apart:
            named_by[other].add(patient.id)
    return tuple(replace(patient, apart=frozenset(named_by[patient.id])) for patient in patients)


def _standing(
    part: Part, site: _Site, offers: tuple[Offer, ...], patients: tuple[Patient, ...]
) -> tuple[Standing, ...]:
    minutes_of = {offer.id: offer.minutes for offer in offers}
    owed_by = {owed.id: (patient.id, owed) for patient in patients for owed in patient.owed}
    made = []
    for whole, (name, keys) in zip(part, _by_id(part, shapes.STANDING).items(), strict=True):
        offer, owed = keys["offer"].text_or_none(), keys["owed"].text_or_none()
        if (offer is None) == (owed is None):
            raise whole.wrong('must name an "offer" or an "owed" session, and not both.')
        people = keys["people"].all_known(site.patient_ids, "patient")
        if offer is not None:
            usual = minutes_of[keys["offer"].known(minutes_of, "offer")]
        else:
            whose, session = owed_by[keys["owed"].known(owed_by, "owed session")]
            usual = session.minutes
            if people != (whose,):
                raise keys["people"].wrong(f"must be {shown(whose)} alone, to whom the session is owed.")
        minutes = keys["minutes"].length(site.grid) if "minutes" in keys else usual
        room = keys["room"]
        made.append(
            Standing(
                id=name,
                offer=offer,
                owed=owed,
                span=session_of(whole, keys, minutes, site.grid),
                mode=keys["mode"].choice(Mode),
                room=None if room.value is None else room.known(site.room_ids, "room"),
                leaders=keys["leaders"].all_known(site.facilitator_ids, "facilitator"),
                people=people,
                fixed=keys["fixed"].choice(Fixed),
                others=keys["others"].whole(0, MOST_PEOPLE),
            )
        )
    return tuple(made)


def _weights(part: Part) -> Weights:
    return Weights(**{name: one.whole(0, DEAREST) for name, one in part.keys(shapes.WEIGHTS).items()})
