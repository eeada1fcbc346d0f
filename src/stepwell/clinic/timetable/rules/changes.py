"""The changes of a draft week: a session moved, added or dropped, and a person who changes seats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .board import Board
from .planned import NEW, Planned


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
