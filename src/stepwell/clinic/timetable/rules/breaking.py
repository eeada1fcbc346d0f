"""What a draft week breaks: every hard rule with its one sentence. Found for one person, room, leader or session alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from .board import Board
from .planned import DAY, VIDEO, Group, Leader, Person, Planned
from .words import clock, length


class Broken(StrEnum):
    """Which rule; in the order in which they are told."""

    LEADER_TWICE = "leader_twice"
    ROOM_TWICE = "room_twice"
    PERSON_TWICE = "person_twice"
    CLOSED = "closed"
    LEADER_AWAY = "leader_away"
    ROOM_OUT = "room_out"
    NO_LEADER = "no_leader"
    NO_ROOM = "no_room"
    APART = "apart"
    ROOM_SMALL = "room_small"
    FULL = "full"
    PERSON_AWAY = "person_away"
    LEADER_HOURS = "leader_hours"
    LEADER_REST = "leader_rest"
    LEADER_KIND = "leader_kind"
    LEADER_CREDENTIAL = "leader_credential"
    LEADER_DAY = "leader_day"
    LEADER_WEEK = "leader_week"
    SITE_HOURS = "site_hours"
    MODE = "mode"
    FEATURES = "features"
    NEEDS = "needs"
    MEMBERS = "members"
    TRACK = "track"
    TOPIC = "topic"
    EACH = "each"
    PERSON_DAY = "person_day"
    PERSON_DAYS = "person_days"
    PERSON_WEEK = "person_week"
    FEW = "few"
    SHORT = "short"
    DOSE = "dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing that is wrong. `who`: the leader, room or person of it; `sessions` in the order of time."""

    kind: Broken
    sentence: str
    sessions: tuple[int, ...] = ()
    who: int | None = None
    day: int | None = None
    treatment: str = ""
    name: str = ""  # of somebody who cannot come: many are told in one sentence
    minutes: int = 0  # or seats, days, times: by how much a limit is passed or missed

    @property
    def key(self) -> tuple[object, ...]:
        """The same wrong before and after a change."""
        return (self.kind, self.sessions, self.who, self.day, self.treatment)


def breaches(board: Board) -> tuple[Breach, ...]:
    """Everything that the week breaks, the gravest kinds first, then by time. Shortfalls are `shortfalls`."""
    found = [
        *(one for leader in board.of_leader for one in of_leader(board, leader)),
        *(one for room in board.of_room for one in of_room(board, room)),
        *(one for person in board.of_person for one in of_person(board, person)),
        *(one for session in board.sessions.values() for one in of_session(board, session)),
    ]
    order = {kind: number for number, kind in enumerate(Broken)}
    return tuple(sorted(found, key=lambda one: (order[one.kind], _starts(board, one), one.sessions)))


def shortfalls(board: Board, treatments: dict[str, str] | None = None) -> tuple[Breach, ...]:
    """Who gets less than ordered, the shortest first; then doses of a kind, for who is not short as a whole.

    `treatments`: what people call a kind of treatment.
    """
    found = []
    for who in board.people.values():
        got = board.usable(who.id)
        minutes = sum(one.minutes for one in got)
        if minutes < who.ordered:
            short = who.ordered - minutes
            said = f"{who.name} is {length(short)} short."
            found.append(Breach(kind=Broken.SHORT, sentence=said, who=who.id, minutes=short))
            continue
        for kind, dose in who.doses:
            lacking = dose - sum(one.minutes for one in got if one.treatment == kind)
            if lacking > 0:
                words = (treatments or {}).get(kind, kind).lower()
                said = f"{who.name} lacks {length(lacking)} of {words}."
                found.append(
                    Breach(kind=Broken.DOSE, sentence=said, who=who.id, minutes=lacking, treatment=kind)
                )
    return tuple(sorted(found, key=lambda one: (one.kind != Broken.SHORT, -one.minutes, one.who)))


def of_leader(board: Board, leader: int) -> Iterator[Breach]:
    """In two places, away, out of hours, without leave to lead it, over the most of a day or week."""
    who, led = board.leaders.get(leader), board.of_leader.get(leader, ())
    if who is None:
        return
    yield from _leads_at_once(board, who, led)
    for one in led:
        if one.fixed:
            continue
        when = board.moment(one.start)
        if any(one.overlaps(*span) for span in who.away):
            yield _about(Broken.LEADER_AWAY, f"{who.name} is away on {when}.", who.id, one)
        elif any(one.overlaps(*span) for span in who.busy):
            yield _about(Broken.LEADER_TWICE, f"{who.name} has an intake on {when}.", who.id, one)
        elif who.available is not None and not _within(who.available, one):
            said = f"{who.name} does not work at {board.day_name(one.day)} {_span(one)}."
            yield _about(Broken.LEADER_HOURS, said, who.id, one)
        if one.group is None:
            continue
        may = who.leads is None or one.treatment in who.leads
        if one.coleader == who.id and who.leads is not None:
            may = may or one.treatment in who.coleads
        if not may:
            said = f"{who.name} does not lead groups like {one.title} ({when})."
            yield _about(Broken.LEADER_KIND, said, who.id, one)
        elif who.credential and one.leader == who.id:
            said = f"{who.name} leads {one.title} on {when} without the credential for it."
            yield _about(Broken.LEADER_CREDENTIAL, said, who.id, one)
    yield from _leads_too_much(board, who, led)


def of_room(board: Board, room: int) -> Iterator[Breach]:
    """Two sessions at once, or a room that cannot be used."""
    place, held = board.rooms.get(room), board.of_room.get(room, ())
    if place is None:
        return
    for first, second in _overlapping(held):
        said = f"{place.name} holds two sessions on {board.moment(second.start)}."
        yield _about(Broken.ROOM_TWICE, said, room, first, second)
    for one in held:
        if not one.fixed and any(one.overlaps(*span) for span in place.out):
            said = f"{place.name} cannot be used on {board.moment(one.start)}."
            yield _about(Broken.ROOM_OUT, said, room, one)


def of_person(board: Board, person: int) -> Iterator[Breach]:
    """In two places, at a time they cannot come, more than may be."""
    who, sits = board.people.get(person), board.of_person.get(person, ())
    if who is None:
        return
    for first, second in _overlapping(sits):
        said = f"{who.name} sits in two sessions on {board.moment(second.start)}."
        yield _about(Broken.PERSON_TWICE, said, person, first, second)
    days: dict[int, int] = {}
    times: dict[int, list[Planned]] = {}
    usable = {one.id for one in board.usable(person)}
    for one in sits:
        day = one.start // DAY
        days[day] = days.get(day, 0) + one.minutes
        if one.group is not None:
            times.setdefault(one.group, []).append(one)
        if not (one.fixed or one.id in usable or who.can_come(one.start, one.end, one.mode)):
            how = " by video" if one.mode == VIDEO else ""
            said = f"{who.name} cannot come to {one.title} on {board.moment(one.start)}{how}."
            yield replace(_about(Broken.PERSON_AWAY, said, person, one), name=who.name)
    if not any(not one.fixed for one in sits):
        return
    for group, often in times.items():
        offer = board.groups.get(group)
        if offer is not None and len(often) > offer.each:
            said = f"{who.name} sits in {offer.name} {len(often)} times; {offer.each} a week are the most."
            yield _about(Broken.EACH, said, person, *often, by=len(often) - offer.each)
    week = sum(days.values())
    if who.most is not None and week > who.most:
        said = f"{who.name} has {length(week)}; {length(who.most)} are the most this week."
        yield _about(Broken.PERSON_WEEK, said, person, *sits, by=week - who.most)
    if who.days_most is not None and len(days) > who.days_most:
        said = f"{who.name} comes on {len(days)} days; {who.days_most} are ordered at most."
        yield _about(Broken.PERSON_DAYS, said, person, *sits, by=len(days) - who.days_most)
    for day, minutes in days.items():
        if who.day_most is not None and minutes > who.day_most:
            said = f"{who.name} has {length(minutes)} on {board.day_name(day)}; {length(who.day_most)} are the most."
            here = [one for one in sits if one.day == day]
            yield _about(Broken.PERSON_DAY, said, person, *here, day=day, by=minutes - who.day_most)


def of_session(board: Board, one: Planned) -> Iterator[Breach]:
    """What the session itself lacks: a leader, a room that fits, a size, leave for those who sit in it."""
    if one.fixed:
        return
    when, group = board.moment(one.start), board.groups.get(one.group or 0)
    named = f"{one.title} on {when}"
    if one.day in board.closed:
        yield _about(
            Broken.CLOSED, f"The site is closed on {board.day_name(one.day)}; {named} falls.", None, one
        )
    if one.leader is None:
        yield _about(Broken.NO_LEADER, f"Nobody leads {named}.", None, one)
    elif group is not None and group.leaders == 2 and one.coleader is None:
        yield _about(Broken.NO_LEADER, f"{named} needs a second leader.", None, one)
    on_site = one.mode != VIDEO
    room = board.rooms.get(one.room or 0)
    seated = len(one.people)
    if on_site and room is None and one.group is not None:
        yield _about(Broken.NO_ROOM, f"{named} has no room.", None, one)
    if on_site and room is not None and seated > room.capacity and one.group is not None:
        said = f"{room.name} holds {room.capacity}, {seated} are seated in {named}."
        yield _about(Broken.ROOM_SMALL, said, room.id, one, by=seated - room.capacity)
    if one.group is not None and seated > one.capacity:
        said = f"{named} takes {one.capacity}, {seated} are seated."
        yield _about(Broken.FULL, said, None, one, by=seated - one.capacity)
    if on_site and board.opens is not None and not _within(board.opens, one):
        yield _about(Broken.SITE_HOURS, f"The site is not open for {named}.", None, one)
    yield from _apart(board, one)
    if group is None:
        return
    if one.mode not in group.modes:
        how = "by video" if one.mode == VIDEO else "on site"
        yield _about(Broken.MODE, f"{group.name} is not held {how}.", None, one)
    if on_site and room is not None and not group.features <= room.features:
        lacks = ", ".join(sorted(group.features - room.features))
        yield _about(Broken.FEATURES, f"{room.name} lacks what {named} needs: {lacks}.", room.id, one)
    asks = group.needs or group.members is not None or group.tracks or group.topic
    for person in sorted(one.people) if asks else ():
        who = board.people.get(person)
        if who is not None:
            yield from _not_for(group, who, one, named)
    if seated < group.least and not one.locked:
        people = "1 person" if seated == 1 else f"{seated} people" if seated else "nobody"
        said = f"{named} has {people}; at least {group.least} are needed."
        yield _about(Broken.FEW, said, None, one, by=group.least - seated)


def _not_for(group: Group, who: Person, one: Planned, named: str) -> Iterator[Breach]:
    """Whether the group is for this person at all, whatever the time: as `weekplan.fitting.may_attend`."""
    if not group.needs <= who.tags:
        what = ", ".join(sorted(group.needs - who.tags))
        yield _about(Broken.NEEDS, f"{who.name} sits in {named}, which is for: {what}.", who.id, one)
    if group.members is not None and who.id not in group.members:
        said = f"{who.name} sits in {named}, a closed series that they do not belong to."
        yield _about(Broken.MEMBERS, said, who.id, one)
    if group.tracks and who.track is not None and who.track not in group.tracks:
        yield _about(Broken.TRACK, f"{who.name} sits in {named}, which is of another track.", who.id, one)
    if group.topic and group.id in who.had:
        said = f"{who.name} sits in {named} and had its topic, {group.topic}, in this turn already."
        yield _about(Broken.TOPIC, said, who.id, one)


def _leads_at_once(board: Board, who: Leader, led: tuple[Planned, ...]) -> Iterator[Breach]:
    for first, second in _overlapping(led):
        said = f"{who.name} leads two sessions on {board.moment(second.start)}."
        yield _about(Broken.LEADER_TWICE, said, who.id, first, second)
    for first, second in pairwise(led):
        gap, needed = second.start - first.end, _between(who, first, second)
        if 0 <= gap < needed and first.day == second.day and not (first.fixed and second.fixed):
            has = f"{gap} minutes" if gap else "no time"
            when = board.moment(second.start)
            said = f"{who.name} has {has} between two sessions on {when}; {needed} minutes are needed."
            yield _about(Broken.LEADER_REST, said, who.id, first, second)


def _between(who: Leader, first: Planned, second: Planned) -> int:
    """Rest, or the way between one on site and one by video where that is longer."""
    return who.rest if first.mode == second.mode else max(who.rest, who.travel)


def _leads_too_much(board: Board, who: Leader, led: tuple[Planned, ...]) -> Iterator[Breach]:
    if all(one.fixed for one in led):
        return
    days: dict[int, list[Planned]] = {}
    for one in led:
        days.setdefault(one.day, []).append(one)
    for day, here in days.items():
        minutes = sum(one.minutes for one in here)
        if who.day_most is not None and minutes > who.day_most and not all(one.fixed for one in here):
            said = f"{who.name} leads {length(minutes)} on {board.day_name(day)}; {length(who.day_most)} are the most."
            yield _about(Broken.LEADER_DAY, said, who.id, *here, day=day, by=minutes - who.day_most)
    minutes = sum(one.minutes for one in led)
    if who.week_most is not None and minutes > who.week_most:
        said = f"{who.name} leads {length(minutes)} this week; {length(who.week_most)} are the most."
        yield _about(Broken.LEADER_WEEK, said, who.id, *led, by=minutes - who.week_most)


def _apart(board: Board, one: Planned) -> Iterator[Breach]:
    seated = {person: board.people[person] for person in one.people if person in board.people}
    # From the few of whom something is said: a group of fifty has more than a thousand pairs.
    pairs = {
        (min(who.id, other), max(who.id, other))
        for who in seated.values()
        if who.apart
        for other in who.apart
        if other in seated
    }
    for first, second in sorted(pairs):
        said = (
            f"{seated[first].name} and {seated[second].name} are kept apart and sit in {one.title}"
            f" on {board.moment(one.start)}."
        )
        yield _about(Broken.APART, said, second, one)


def _overlapping(held: Sequence[Planned]) -> Iterator[tuple[Planned, Planned]]:
    reached = -1
    for one in held:  # nearly always nothing overlaps, and it is asked for everybody
        if one.start < reached:
            break
        reached = one.start + one.minutes
    else:
        return
    running: list[Planned] = []
    for one in held:
        running = [other for other in running if other.end > one.start]
        yield from ((other, one) for other in running if not (other.fixed and one.fixed))
        running.append(one)


def _within(spans: Iterable[tuple[int, int]], one: Planned) -> bool:
    return any(start <= one.start and one.end <= end for start, end in spans)


def _about(
    kind: Broken, said: str, who: int | None, *sessions: Planned, day: int | None = None, by: int = 0
) -> Breach:
    # Totals of a day or a week stay the same wrong whichever sessions make them up.
    total = kind in _TOTALS
    return Breach(
        kind=kind,
        sentence=said,
        who=who,
        sessions=() if total else tuple(one.id for one in sessions),
        day=day,
        minutes=by,
    )


_TOTALS = frozenset(
    {
        Broken.LEADER_DAY,
        Broken.LEADER_WEEK,
        Broken.PERSON_DAY,
        Broken.PERSON_DAYS,
        Broken.PERSON_WEEK,
        Broken.EACH,
    }
)


def _starts(board: Board, one: Breach) -> int:
    if one.day is not None:
        return one.day * DAY
    return min((board.sessions[session].start for session in one.sessions), default=7 * DAY)


def _span(one: Planned) -> str:
    return f"{clock(one.start)} to {clock(one.end)}"
