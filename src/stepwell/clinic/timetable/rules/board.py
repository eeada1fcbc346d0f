"""The board of a draft week: everything on it found by its id, who gets how much, and the week after a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from .planned import Group, Leader, Person, Place, Planned, Span
from .words import DAYS, moment


class Changing(Protocol):
    """What makes another week of a board: the sessions it concerns, as they are and as they will be."""

    def on(self, board: Board) -> tuple[tuple[Planned | None, Planned | None], ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A draft week whole. Built by `board_of`; `after` gives the week after a change."""

    starts_on: date
    sessions: Mapping[int, Planned]
    groups: Mapping[int, Group]
    leaders: Mapping[int, Leader]
    rooms: Mapping[int, Place]
    people: Mapping[int, Person]
    closed: frozenset[int] = frozenset()
    opens: tuple[Span, ...] | None = None  # of the site
    now: int = 0  # nothing new begins before
    grid: int = 15
    of_leader: Mapping[int, tuple[Planned, ...]] = field(default_factory=dict)
    of_room: Mapping[int, tuple[Planned, ...]] = field(default_factory=dict)
    of_person: Mapping[int, tuple[Planned, ...]] = field(default_factory=dict)
    # Of this board alone, and never of the week after a change: `replace` begins it anew.
    _usable: dict[int, tuple[Planned, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def moment(self, minute: int) -> str:
        """'Tue 10:45 am'."""
        return moment(self.starts_on.weekday(), minute)

    def day_name(self, day: int) -> str:
        """'Tue'."""
        return DAYS[(self.starts_on.weekday() + day) % 7]

    def after(self, change: Changing) -> Board:
        """The week once the change is made. Raises KeyError for a session that is not there."""
        board = self
        for before, after in change.on(self):
            board = board._with(before, after)
        return board

    def usable(self, person: int) -> tuple[Planned, ...]:
        """Sessions in which somebody really can sit: at a time they can come, one at a time, the first of two."""
        found = self._usable.get(person)
        if found is None:
            found = self._usable[person] = self._found_usable(person)
        return found

    def _found_usable(self, person: int) -> tuple[Planned, ...]:
        who, taken = self.people.get(person), -1
        found = []
        for session in self.of_person.get(person, ()):
            able = session.fixed or who is None or who.can_come(session.start, session.end, session.mode)
            if able and session.start >= taken and (session.fixed or session.day not in self.closed):
                found.append(session)
                taken = session.end
        return tuple(found)

    def minutes_of(self, person: int) -> int:
        """Minutes of the week that somebody gets."""
        return sum(session.minutes for session in self.usable(person))

    def short_of(self, person: int) -> int:
        """Minutes below what is ordered."""
        who = self.people.get(person)
        return max(0, who.ordered - self.minutes_of(person)) if who is not None else 0

    def _with(self, before: Planned | None, after: Planned | None) -> Board:
        sessions = dict(self.sessions)
        if before is not None:
            del sessions[before.id]
        if after is not None:
            sessions[after.id] = after
        return replace(
            self,
            sessions=sessions,
            of_leader=_moved(self.of_leader, before, after, _leaders),
            of_room=_moved(self.of_room, before, after, _rooms),
            of_person=_moved(self.of_person, before, after, _people),
        )


def board_of(
    *,
    starts_on: date,
    sessions: Iterable[Planned],
    groups: Iterable[Group] = (),
    leaders: Iterable[Leader] = (),
    rooms: Iterable[Place] = (),
    people: Iterable[Person] = (),
    closed: frozenset[int] = frozenset(),
    opens: tuple[Span, ...] | None = None,
    now: int = 0,
    grid: int = 15,
) -> Board:
    """A board with everything found by its id."""
    held = sorted(sessions, key=_by_time)
    by_leader: dict[int, list[Planned]] = {}
    by_room: dict[int, list[Planned]] = {}
    by_person: dict[int, list[Planned]] = {}
    for one in held:
        for index, keys in ((by_leader, _leaders(one)), (by_room, _rooms(one)), (by_person, one.people)):
            for key in keys:
                index.setdefault(key, []).append(one)
    return Board(
        starts_on=starts_on,
        sessions={one.id: one for one in held},
        groups={one.id: one for one in groups},
        leaders={one.id: one for one in leaders},
        rooms={one.id: one for one in rooms},
        people={one.id: one for one in people},
        closed=closed,
        opens=opens,
        now=now,
        grid=grid,
        of_leader={key: tuple(found) for key, found in by_leader.items()},
        of_room={key: tuple(found) for key, found in by_room.items()},
        of_person={key: tuple(found) for key, found in by_person.items()},
    )


_Keys = Callable[["Planned"], frozenset[int]]


def _by_time(one: Planned) -> tuple[int, int]:
    return (one.start, one.id)


def _leaders(one: Planned) -> frozenset[int]:
    return frozenset(who for who in (one.leader, one.coleader) if who is not None)


def _rooms(one: Planned) -> frozenset[int]:
    return frozenset({one.room}) if one.room is not None else frozenset()


def _people(one: Planned) -> frozenset[int]:
    return one.people


def _moved(
    index: Mapping[int, tuple[Planned, ...]],
    before: Planned | None,
    after: Planned | None,
    keys: _Keys,
) -> Mapping[int, tuple[Planned, ...]]:
    """The index with one session in the place of another; what it does not concern is shared."""
    old = keys(before) if before is not None else frozenset()
    new = keys(after) if after is not None else frozenset()
    found = dict(index)
    for key in old | new:
        here = [one for one in found.get(key, ()) if before is None or one.id != before.id]
        if after is not None and key in new:
            here.append(after)
        found[key] = tuple(sorted(here, key=_by_time))
    return found
