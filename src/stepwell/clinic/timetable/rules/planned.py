"""What a draft week holds: sessions, groups, who leads them, places, and people with the times at which they can come.

Times are minutes of the week in wall time of the site (`day * 1440 + minute of the day`), lengths are minutes. Where
nothing is on file about somebody (`None`), nothing is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
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
