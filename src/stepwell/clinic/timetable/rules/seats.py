"""Who or what would be in two places at once, and how many seats a session has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Something holds these resources ("room:3", "staff:7", "patient:K7Q2") for [starts, ends)."""

    id: int | str
    resources: frozenset[str]
    starts: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Two holders of one resource and the time they share."""

    resource: str
    first: int | str
    second: int | str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Seats:
    """Seats of one session; `left` is never below zero."""

    capacity: int
    taken: int
    left: int
    sentence: str


def clashes(items: Iterable[Taken]) -> tuple[Clash, ...]:
    """Every pair that overlaps in a resource, by time. One that ends as the other begins does not clash."""
    by_resource: dict[str, list[Taken]] = {}
    for item in items:
        for resource in item.resources:
            by_resource.setdefault(resource, []).append(item)
    found: list[Clash] = []
    for resource, holders in by_resource.items():
        running: list[Taken] = []
        for item in sorted(holders, key=lambda t: (t.starts, t.ends)):
            running = [other for other in running if other.ends > item.starts]
            if item.ends > item.starts:
                found.extend(_clash(resource, other, item) for other in running)
                running.append(item)
    return tuple(sorted(found, key=lambda c: (c.starts, c.resource, str(c.first), str(c.second))))


def clashes_with(candidate: Taken, items: Iterable[Taken]) -> tuple[Clash, ...]:
    """What stands in the way of one more; the candidate's own earlier self (same id) does not."""
    found = [
        _clash(resource, item, candidate)
        for item in items
        if item.id != candidate.id and item.starts < candidate.ends and candidate.starts < item.ends
        for resource in item.resources & candidate.resources
    ]
    return tuple(sorted(found, key=lambda c: (c.starts, c.resource, str(c.first))))


def seats(capacity: int, taken: int, room_capacity: int | None = None) -> Seats:
    """Seats left; a smaller room than the group's capacity decides."""
    places = capacity if room_capacity is None else min(capacity, room_capacity)
    left = max(0, places - taken)
    if taken > places:
        sentence = f"Overbooked: {taken} people for {places} seats."
    elif left == 0:
        sentence = f"Full: all {places} seats are taken."
    elif left == 1:
        sentence = "1 seat is left."
    else:
        sentence = f"{left} seats are left."
    return Seats(capacity=places, taken=taken, left=left, sentence=sentence)


def _clash(resource: str, first: Taken, second: Taken) -> Clash:
    return Clash(
        resource=resource,
        first=first.id,
        second=second.id,
        starts=max(first.starts, second.starts),
        ends=min(first.ends, second.ends),
    )
