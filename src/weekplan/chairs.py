"""Who and what is on the book: times as cells, sessions as they run, patients as chairs.

People are numbers, and crowds are the bits of an int."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from weekplan.case import Fixed, Mode, Patient, Span

DAYS: Final = 7


def numbers(bits: int) -> Iterator[int]:
    """The people of a crowd, lowest number first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


@dataclass(slots=True, eq=False)
class Cell:
    """A time at which groups may be held. Crowds of patients: `can` come at all, `preferred`, still `free`."""

    span: Span
    mode: Mode
    time: int  # as bits, one for each point of the grid
    minutes: int
    day: int
    can: int = 0
    preferred: int = 0
    free: int = 0


@dataclass(slots=True, eq=False)
class Running:
    """A session on the book. `crowd` is `people` as bits; `places`: how many may sit in it."""

    id: str
    offer: int | None
    owed: str | None
    kind: str
    span: Span
    mode: Mode
    room: int | None
    leaders: tuple[int, ...]
    places: int
    cell: Cell | None = None
    people: list[int] = field(default_factory=list)
    crowd: int = 0
    fixed: Fixed = Fixed.NO
    others: int = 0

    @property
    def full(self) -> bool:
        return len(self.people) + self.others >= self.places


@dataclass(slots=True, eq=False)
class Chair:
    """What one patient has so far, and the limits that hold (raised where fixed sessions pass them)."""

    patient: Patient
    most: int
    days_most: int
    video_most: int
    day_most: list[int]
    minutes: int = 0
    video: int = 0
    kept_back: int = 0  # minutes of owed sessions still to be placed
    by_day: list[list[tuple[int, int, Mode]]] = field(default_factory=lambda: [[] for _ in range(DAYS)])
    day_minutes: list[int] = field(default_factory=lambda: [0] * DAYS)
    kinds: dict[str, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)  # by offer
    reach: list[Cell] = field(default_factory=list)
    apart: int = 0

    @property
    def days(self) -> int:
        return sum(1 for spans in self.by_day if spans)

    def takes(self, span: Span, mode: Mode, kept_back: int) -> bool:
        """Rules 1 and 7: free at the time, and within the limits of the week and the day."""
        day, minutes = span.day, span.minutes
        if self.minutes + minutes > self.most - kept_back:
            return False
        if self.day_minutes[day] + minutes > self.day_most[day]:
            return False
        spans = self.by_day[day]
        if not spans and self.days >= self.days_most:
            return False
        if mode == Mode.VIDEO and self.video + minutes > self.video_most:
            return False
        return all(span.end <= start or end <= span.start for start, end, _ in spans)

    def fits(self, span: Span, mode: Mode) -> bool:
        """Rule 2."""
        return any(mode in window.modes and window.span.holds(span) for window in self.patient.windows)

    def likes(self, span: Span, mode: Mode) -> bool:
        return any(
            window.preferred and mode in window.modes and window.span.holds(span)
            for window in self.patient.windows
        )
