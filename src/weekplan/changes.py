"""What may happen to a week that is published: somebody is away, a room is out, a shift changes, a day is closed.

They stand apart from `repairing`, so that a program which only names a change need not load a solver.
"""

from __future__ import annotations

from dataclasses import dataclass

from weekplan.case import Span, Window


@dataclass(frozen=True, slots=True)
class LeaderOut:
    """A facilitator cannot lead in this span."""

    leader: str
    span: Span


@dataclass(frozen=True, slots=True)
class RoomOut:
    room: str
    span: Span


@dataclass(frozen=True, slots=True)
class NewWindows:
    """A patient can come at other times from now on."""

    patient: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """The site is closed on a day of the week."""

    day: int


Change = LeaderOut | RoomOut | NewWindows | Closed
