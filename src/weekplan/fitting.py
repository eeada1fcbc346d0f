"""What may hold what: who may lead an offer, which rooms fit, who may attend, when a session can begin.

The same few questions are asked when a case is read, when a week is made by hand and when it is computed.
"""

from __future__ import annotations

from collections.abc import Iterable

from weekplan.case import Facilitator, Mode, Offer, Owed, Patient, Room, Span


def may_lead(facilitator: Facilitator, offer: Offer) -> bool:
    return offer.kind in facilitator.leads and offer.credentials <= facilitator.credentials


def may_colead(facilitator: Facilitator, offer: Offer) -> bool:
    """As the second of two; who leads the kind may also co-lead it."""
    return offer.kind in facilitator.leads or offer.kind in facilitator.coleads


def room_fits(room: Room, offer: Offer) -> bool:
    """The features, and seats for the least number of people."""
    return offer.features <= room.features and room.capacity >= offer.least


def may_attend(patient: Patient, offer: Offer) -> bool:
    """Tags, track, closed series and topic; nothing about time."""
    return (
        offer.needs <= patient.tags
        and (not offer.tracks or patient.track is None or patient.track in offer.tracks)
        and (offer.members is None or patient.id in offer.members)
        and (offer.topic is None or offer.topic not in patient.had)
    )


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as possible, each within one day, in the order of the week."""
    made: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if made and span.start <= made[-1].end and span.day == made[-1].day:
            made[-1] = Span(made[-1].start, max(made[-1].end, span.end))
        else:
            made.append(span)
    return tuple(made)


def starts_of_offer(
    offer: Offer, rooms: Iterable[Room], facilitators: Iterable[Facilitator], grid: int
) -> tuple[int, ...]:
    """Every point of the grid at which the whole offer lies within the hours of a room that fits, or, by
    video, within the availability of somebody who may lead it."""
    starts: set[int] = set()
    if Mode.ON_SITE in offer.modes:
        for room in rooms:
            if room_fits(room, offer):
                starts |= _points(room.hours, offer.minutes, grid)
    if Mode.VIDEO in offer.modes:
        for facilitator in facilitators:
            if may_lead(facilitator, offer):
                starts |= _points(facilitator.available, offer.minutes, grid)
    return tuple(sorted(starts))


def starts_of_owed(
    owed: Owed, rooms: Iterable[Room], facilitators: Iterable[Facilitator], grid: int
) -> tuple[int, ...]:
    """Every point of the grid at which one of its leaders is available for the whole session and, where it
    needs a room and cannot be by video, a room that fits is open."""
    starts: set[int] = set()
    for facilitator in facilitators:
        if facilitator.id in owed.leaders:
            starts |= _points(facilitator.available, owed.minutes, grid)
    if owed.room is not None and Mode.VIDEO not in owed.modes:
        within: set[int] = set()
        for room in rooms:
            if owed.room <= room.features:
                within |= _points(room.hours, owed.minutes, grid)
        starts &= within
    return tuple(sorted(starts))


def _points(spans: Iterable[Span], minutes: int, grid: int) -> set[int]:
    return {
        start
        for span in joined(spans)
        for start in range(-(-span.start // grid) * grid, span.end - minutes + 1, grid)
    }
