"""The board of a draft week: what is planned, who and what there is, and the week after one more change.

Times are minutes of the week in wall time of the site (`day * 1440 + minute of the day`), lengths are minutes. Where
nothing is on file about somebody (`None`), nothing is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

DAY: Final = 1440
VIDEO: Final = "video"
NEW: Final = 0
"""The number of a session that is only thought of: no row has it."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One session of the draft. `fixed`: it has begun, so nothing about it is judged or changed."""

    id: int
    title: str
    treatment: str
    start: int
    minutes: int
    mode: str = "on_site"
    group: int | None = None
    room: int | None = None
    leader: int | None = None
    coleader: int | None = None
    capacity: int = 1
    people: frozenset[int] = frozenset()
    locked: bool = False
    fixed: bool = False

    @property
    def end(self) -> int:
        return self.start + self.minutes

    @property
    def day(self) -> int:
        return self.start // DAY

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a group asks for. `members`: only these (a closed series), None when others may join. `tracks`: only people of
    one of these, and whoever is of none. `topic`: of this week, where topics roll on; who had it waits for the next."""

    id: int
    name: str
    treatment: str
    capacity: int
    minutes: int = 90
    least: int = 1
    modes: frozenset[str] = frozenset({"on_site", VIDEO})
    needs: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    each: int = 20
    leaders: int = 1
    members: frozenset[int] | None = None
    tracks: frozenset[int] = frozenset()
    topic: str = ""
    room: int | None = None
    leader: int | None = None
    coleader: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """Somebody who leads. `away` and `busy` are times at which they cannot; None: not on file."""

    id: int
    name: str
    leads: frozenset[str] | None = None
    coleads: frozenset[str] = frozenset()
    available: tuple[Span, ...] | None = None
    away: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    credential: str = ""  # why no group may be led at all; "" when one may
    day_most: int | None = None
    week_most: int | None = None
    rest: int = 0
    travel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room and the times at which it cannot be used."""

    id: int
    name: str
    capacity: int
    features: frozenset[str] = frozenset()
    out: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time at which a person can come."""

    start: int
    end: int
    on_site: bool = True
    video: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in treatment: what is ordered in this week and when they can come; None: not on file.

    `track`: the one that her groups have in common. `had`: groups whose topic of this week she had in this turn.
    """

    id: int
    name: str
    ordered: int = 0
    most: int | None = None
    days_most: int | None = None
    day_most: int | None = None
    windows: tuple[Window, ...] | None = None
    busy: tuple[Span, ...] = ()
    apart: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    track: int | None = None
    had: frozenset[int] = frozenset()
    doses: tuple[tuple[str, int], ...] = ()

    def can_come(self, start: int, end: int, mode: str) -> bool:
        """Within a window, and at no other appointment."""
        # Asked thousands of times for one board: written out, not as `any` of a generator.
        for begin, stop in self.busy:
            if start < stop and begin < end:
                return False
        if self.windows is None:
            return True
        for window in self.windows:
            if (
                window.start <= start
                and end <= window.end
                and (window.video if mode == VIDEO else window.on_site)
            ):
                return True
        return False


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
        return _moment(self.starts_on.weekday(), minute)

    def day_name(self, day: int) -> str:
        """'Tue'."""
        return _DAYS[(self.starts_on.weekday() + day) % 7]

    def after(self, change: Change) -> Board:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A session gets this time, place and these leaders; all of them are said."""

    session: int
    start: int
    mode: str
    room: int | None
    leader: int | None
    coleader: int | None = None

    def on(self, board: Board) -> tuple[tuple[Planned | None, Planned | None], ...]:
        was = board.sessions[self.session]
        now = replace(
            was,
            start=self.start,
            mode=self.mode,
            room=self.room,
            leader=self.leader,
            coleader=self.coleader,
        )
        return ((was, now),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseat:
    """A person leaves one session, joins another, or both."""

    person: int
    leaves: int | None = None
    joins: int | None = None

    def on(self, board: Board) -> tuple[tuple[Planned | None, Planned | None], ...]:
        pairs: list[tuple[Planned | None, Planned | None]] = []
        if self.leaves is not None:
            was = board.sessions[self.leaves]
            pairs.append((was, replace(was, people=was.people - {self.person})))
        if self.joins is not None:
            was = board.sessions[self.joins]
            pairs.append((was, replace(was, people=was.people | {self.person})))
        return tuple(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A session is not held."""

    session: int

    def on(self, board: Board) -> tuple[tuple[Planned | None, Planned | None], ...]:
        return ((board.sessions[self.session], None),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """One more session of a group; nobody sits in it yet."""

    group: int
    start: int
    minutes: int
    mode: str
    room: int | None
    leader: int | None
    coleader: int | None = None

    def on(self, board: Board) -> tuple[tuple[Planned | None, Planned | None], ...]:
        group = board.groups[self.group]
        return (
            (
                None,
                Planned(
                    id=NEW,
                    title=group.name,
                    treatment=group.treatment,
                    group=group.id,
                    start=self.start,
                    minutes=self.minutes,
                    mode=self.mode,
                    room=self.room,
                    leader=self.leader,
                    coleader=self.coleader,
                    capacity=group.capacity,
                ),
            ),
        )


Change = Move | Reseat | Drop | Add


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


def clock(minute: int) -> str:
    """'10:45 am' of a minute of the week."""
    hour, rest = divmod(minute % DAY, 60)
    return f"{hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}"


@lru_cache(maxsize=4096)  # asked for each session whether or not something is wrong with it
def _moment(first_weekday: int, minute: int) -> str:
    return f"{_DAYS[(first_weekday + minute // DAY) % 7]} {clock(minute)}"


def length(minutes: int) -> str:
    """'90 minutes', '3 h', '7 h 30 min'."""
    if minutes < 120:
        return f"{minutes} minutes" if minutes != 1 else "1 minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


_Keys = Callable[["Planned"], frozenset[int]]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


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
