"""What a change of a draft would break, who would gain or fall short, and the one change that mends a wrong.

A mend is only offered when it takes the wrong away and breaks nothing else: it is tried on the board first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from stepwell.clinic.timetable.rules.told import TOLD, Mend, Notice, Turn, Verdict

from .board import Board
from .breaking import Breach, Broken, breaches, of_leader, of_person, of_room, of_session, shortfalls
from .changes import Change, Drop, Move, Reseat
from .planned import DAY, VIDEO, Planned
from .words import clock, length

_Found = dict[tuple[object, ...], Breach]


TRIED = 40


"""So many changes are tried, the nearest first, before a wrong is said to have no mend."""


_NEAR = (15, 30, 45, 60, 90, 120, 180, 240)


"""Minutes earlier or later at which a session is tried."""


_BY_LEADER = frozenset(kind for kind in Broken if kind.value.startswith("leader")) | {Broken.NO_LEADER}


_BY_ROOM = frozenset(
    {Broken.ROOM_TWICE, Broken.ROOM_OUT, Broken.ROOM_SMALL, Broken.NO_ROOM, Broken.FEATURES, Broken.MODE}
)


_BY_SEAT = frozenset(
    {
        Broken.PERSON_TWICE,
        Broken.PERSON_AWAY,
        Broken.APART,
        Broken.FULL,
        Broken.NEEDS,
        Broken.MEMBERS,
        Broken.TRACK,
        Broken.TOPIC,
        Broken.EACH,
        Broken.PERSON_DAY,
        Broken.PERSON_DAYS,
        Broken.PERSON_WEEK,
    }
)


def verdict(board: Board, change: Change, *, mends: bool = True) -> Verdict:
    """What would break and whose hours would turn. Looks only at what the change touches."""
    after = board.after(change)
    before, then = _touched(board, board, change), _touched(board, after, change)
    fresh = _worse(before, then)
    lose: list[Turn] = []
    gain: list[Turn] = []
    for person in sorted(_people(board, change)):
        if person not in board.people:
            continue
        turn = after.minutes_of(person) - board.minutes_of(person)
        if turn:
            made = Turn(
                person=person, name=board.people[person].name, minutes=turn, short=after.short_of(person)
            )
            (gain if turn > 0 else lose).append(made)
    return Verdict(
        breaks=tuple(
            Notice(breach=one, mend=mend_of(after, one) if mends and number < TOLD else None)
            for number, one in enumerate(fresh)
        ),
        mended=tuple(one for key, one in before.items() if key not in then),
        lose=tuple(sorted(lose, key=lambda turn: (-turn.short, turn.minutes))),
        gain=tuple(sorted(gain, key=lambda turn: -turn.minutes)),
    )


def notices(
    board: Board, treatments: dict[str, str] | None = None, *, mends: int = 8, start: int = 0
) -> tuple[Notice, ...]:
    """Everything that is wrong in the week, hard rules first, then who is short.

    Mends are sought for `mends` of them from number `start` on: each is tried on the whole board.
    """
    found = (*breaches(board), *shortfalls(board, treatments))
    return tuple(
        Notice(breach=one, mend=mend_of(board, one) if start <= number < start + mends else None)
        for number, one in enumerate(found)
    )


def mend_of(board: Board, breach: Breach) -> Mend | None:
    """The nearest single change that takes this wrong away and breaks nothing; None when there is none."""
    for mend in islice(_candidates(board, breach), TRIED):
        after = board.after(mend.change)
        then = _touched(board, after, mend.change)
        left = then.get(breach.key)
        if left is not None and left.minutes >= breach.minutes:
            continue
        if _worse(_touched(board, board, mend.change), then):
            continue
        if isinstance(mend.change, Move) and any(
            after.minutes_of(person) < board.minutes_of(person) for person in _people(board, mend.change)
        ):
            continue
        return mend
    return None


def seats_for(board: Board, person: int, *, most: int = 3) -> tuple[Planned, ...]:
    """Sessions with a seat that fit somebody and break nothing, those that lessen most of what is short first."""
    found = []
    for one in _by_worth(board, person):
        change = Reseat(person=person, joins=one.id)
        if not verdict(board, change, mends=False).breaks:
            found.append(one)
            if len(found) == most:
                break
    return tuple(found)


def _candidates(board: Board, breach: Breach) -> Iterator[Mend]:
    if breach.kind in (Broken.SHORT, Broken.DOSE):
        yield from _more_seats(board, breach)
        return
    held = [board.sessions[one] for one in breach.sessions if one in board.sessions]
    if breach.kind in _BY_SEAT:
        yield from _other_seats(board, breach, held)
        return
    if not held:  # a total of a leader's day or week: any of its sessions will do
        held = [
            one
            for one in board.of_leader.get(breach.who or 0, ())
            if breach.day is None or one.day == breach.day
        ]
    free = [one for one in held if not one.fixed and not one.locked]
    for one in reversed(free):
        if breach.kind in _BY_LEADER:
            yield from _other_leaders(board, breach, one, second=len(breach.sessions) > 1)
        if breach.kind in _BY_ROOM:
            yield from _other_rooms(board, one)
        if breach.kind is Broken.FEW:
            yield from _fill(board, one)
        elif breach.kind is not Broken.MODE:
            yield from _other_times(board, one)


def _other_leaders(board: Board, breach: Breach, one: Planned, *, second: bool) -> Iterator[Mend]:
    # Who has nothing on file is only thought of if they lead something this week: directors are staff as well.
    others = sorted(
        (
            who
            for who in board.leaders.values()
            if who.id not in (one.leader, one.coleader)
            and (who.leads is not None or board.of_leader.get(who.id))
        ),
        key=lambda who: (sum(led.minutes for led in board.of_leader.get(who.id, ())), who.id),
    )
    which = "the second" if second else one.title
    for who in others:
        if breach.kind is Broken.NO_LEADER and one.leader is not None:
            yield Mend(words=f"Let {who.name} lead it as well", change=_move(one, coleader=who.id))
        elif breach.who is not None and breach.who == one.coleader:
            yield Mend(words=f"Let {who.name} co-lead {which}", change=_move(one, coleader=who.id))
        else:
            yield Mend(words=f"Let {who.name} lead {which}", change=_move(one, leader=who.id))


def _other_rooms(board: Board, one: Planned) -> Iterator[Mend]:
    group = board.groups.get(one.group or 0)
    modes = group.modes if group is not None else frozenset({one.mode})
    for room in sorted(board.rooms.values(), key=lambda room: (room.capacity, room.id)):
        if "on_site" in modes and room.id != one.room and room.capacity >= len(one.people):
            yield Mend(
                words=f"Move {one.title} to {room.name}", change=_move(one, room=room.id, mode="on_site")
            )
    if VIDEO in modes and one.mode != VIDEO:
        yield Mend(words=f"Hold {one.title} by video", change=_move(one, room=None, mode=VIDEO))


def _other_times(board: Board, one: Planned) -> Iterator[Mend]:
    """Nearby on the day first, then the same time on other days."""
    same = [one.start + turn for near in _NEAR for turn in (near, -near)]
    others = [one.start + turn * DAY for turn in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)]
    for start in (*same, *others):
        if not (max(0, board.now) <= start and start + one.minutes <= 7 * DAY):
            continue
        if start // DAY != one.day and start not in others:
            continue
        yield Mend(
            words=f"Move {one.title} to {_when(board, one, start)}",
            change=_move(one, start=start),
        )


def _fill(board: Board, one: Planned) -> Iterator[Mend]:
    """A seat for who is short; else the session is not held."""
    group = board.groups.get(one.group or 0)
    if group is not None:
        for breach in shortfalls(board):
            if breach.kind is Broken.SHORT and breach.who is not None and breach.who not in one.people:
                who = board.people[breach.who]
                yield Mend(words=f"Seat {who.name} in it", change=Reseat(person=who.id, joins=one.id))
    lost = "" if not one.people else f"; {_people_words(len(one.people))} would lose {length(one.minutes)}"
    yield Mend(words=f"Drop it{lost}", change=Drop(session=one.id))


def _other_seats(board: Board, breach: Breach, held: list[Planned]) -> Iterator[Mend]:
    """Another session of the same kind for this person, else the seat is given back."""
    if breach.who is not None and breach.kind is not Broken.FULL:
        people = [breach.who]
    else:
        people = sorted({person for one in held for person in one.people})
    if not held and breach.who is not None:
        sits = board.of_person.get(breach.who, ())
        held = [one for one in sits if breach.day is None or one.day == breach.day]
        held.sort(key=lambda one: (one.minutes, -one.start))
        held.reverse()
    leave = [one for one in reversed(held) if not one.fixed and not one.locked and one.group is not None]
    for one in leave:
        for person in people:
            if person not in board.people or person not in one.people:
                continue
            others = sorted(
                (
                    other
                    for other in board.sessions.values()
                    if other.treatment == one.treatment
                    and other.id != one.id
                    and _takes(board, other)
                    and person not in other.people
                ),
                key=lambda other: (abs(other.start - one.start), other.id),
            )
            for other in others:
                yield Mend(
                    words=f"Seat {board.people[person].name} in {_named(board, other)} instead",
                    change=Reseat(person=person, leaves=one.id, joins=other.id),
                )
    for one in leave:
        for person in people:
            if person in board.people and person in one.people:
                yield Mend(
                    words=f"Take {board.people[person].name} out of {_named(board, one)}",
                    change=Reseat(person=person, leaves=one.id),
                )


def _more_seats(board: Board, breach: Breach) -> Iterator[Mend]:
    """A seat that lessens what is short; the kind that is lacking first. It need not mend all of it."""
    if breach.who is None:
        return
    name = board.people[breach.who].name
    for one in _by_worth(board, breach.who, breach.treatment):
        yield Mend(
            words=f"Seat {name} in {_named(board, one)}", change=Reseat(person=breach.who, joins=one.id)
        )


def _by_worth(board: Board, person: int, treatment: str = "") -> list[Planned]:
    who = board.people[person]
    got: dict[str, int] = {}
    for one in board.usable(person):
        got[one.treatment] = got.get(one.treatment, 0) + one.minutes
    lacking = {kind for kind, dose in who.doses if got.get(kind, 0) < dose} | {treatment}
    short = board.short_of(person)
    found = [
        one
        for one in board.sessions.values()
        if person not in one.people
        and _takes(board, one)
        and one.day not in board.closed
        and who.can_come(one.start, one.end, one.mode)
        and (not treatment or one.treatment == treatment)
    ]
    return sorted(
        found, key=lambda one: (one.treatment not in lacking, abs(one.minutes - short), one.start, one.id)
    )


def _takes(board: Board, one: Planned) -> bool:
    """Whether one more could sit in it, as far as the session goes."""
    room = board.rooms.get(one.room or 0)
    places = one.capacity if room is None else min(one.capacity, room.capacity)
    return one.group is not None and not one.fixed and one.start >= board.now and len(one.people) < places


def _touched(of: Board, board: Board, change: Change) -> _Found:
    """What `board` breaks where the change (made on `of`) touches it, by key."""
    pairs = change.on(of)
    both = [one for pair in pairs for one in pair if one is not None]
    leaders = {who for one in both for who in (one.leader, one.coleader) if who is not None}
    rooms = {one.room for one in both if one.room is not None}
    found = [
        *(one for leader in sorted(leaders) for one in of_leader(board, leader)),
        *(one for room in sorted(rooms) for one in of_room(board, room)),
        *(one for person in sorted(_people(of, change)) for one in of_person(board, person)),
        *(
            one
            for session in sorted({one.id for one in both})
            if session in board.sessions
            for one in of_session(board, board.sessions[session])
        ),
    ]
    return {one.key: one for one in found}


def _worse(before: _Found, then: _Found) -> list[Breach]:
    """What is wrong anew, or by more than before."""
    return [one for key, one in then.items() if key not in before or one.minutes > before[key].minutes]


def _people(board: Board, change: Change) -> set[int]:
    """Whose week the change may turn."""
    if isinstance(change, Reseat):
        return {change.person}
    return {person for pair in change.on(board) for one in pair if one is not None for person in one.people}


def _move(
    one: Planned,
    *,
    start: int | None = None,
    mode: str | None = None,
    room: int | str | None = "",
    leader: int | str | None = "",
    coleader: int | str | None = "",
) -> Move:
    """The session as it stands, with what is said changed ("" leaves it)."""
    return Move(
        session=one.id,
        start=one.start if start is None else start,
        mode=mode or one.mode,
        room=one.room if isinstance(room, str) else room,
        leader=one.leader if isinstance(leader, str) else leader,
        coleader=one.coleader if isinstance(coleader, str) else coleader,
    )


def _when(board: Board, one: Planned, start: int) -> str:
    return clock(start) if start // DAY == one.day else board.moment(start)


def _named(board: Board, one: Planned) -> str:
    return f"{one.title}, {board.moment(one.start)}"


def _people_words(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
