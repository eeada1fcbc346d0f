"""The week of a program in few lines: days that meet at the same times stand together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from stepwell.clinic.timetable.rules.next_seats import Meets

_PAUSE = 30
"""Sessions with at most so many minutes between them are one block of time: there is a break, nobody goes home."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Weekdays (0 is Monday) on which somebody is there from `starts_at` to `ends_at`; `modes` are of its groups."""

    weekdays: tuple[int, ...]
    starts_at: time
    ends_at: time
    modes: frozenset[str]


def blocks_of_week(meets: Iterable[Meets]) -> tuple[Block, ...]:
    """Groups that follow or overlap each other are one block; days with the same block are one line."""
    of_day: dict[int, list[Block]] = {}
    for meeting in sorted(meets, key=lambda m: (m.weekday, m.starts_at, m.ends_at)):
        day = of_day.setdefault(meeting.weekday, [])
        one = Block(
            weekdays=(meeting.weekday,),
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            modes=frozenset({meeting.mode}),
        )
        if day and _minutes(one.starts_at) - _minutes(day[-1].ends_at) <= _PAUSE:
            day[-1] = Block(
                weekdays=one.weekdays,
                starts_at=day[-1].starts_at,
                ends_at=max(day[-1].ends_at, one.ends_at),
                modes=day[-1].modes | one.modes,
            )
        else:
            day.append(one)
    alike: dict[tuple[time, time, frozenset[str]], list[int]] = {}
    for blocks in of_day.values():
        for block in blocks:
            alike.setdefault((block.starts_at, block.ends_at, block.modes), []).append(block.weekdays[0])
    found = [
        Block(weekdays=tuple(days), starts_at=starts, ends_at=ends, modes=modes)
        for (starts, ends, modes), days in alike.items()
    ]
    return tuple(sorted(found, key=lambda b: (b.weekdays[0], b.starts_at, b.ends_at)))


def therapies_said(kinds: Sequence[str], text: Mapping[str, Any]) -> list[str]:
    """In the order of the content, with the talks that everybody has besides the groups."""
    held = {*kinds, "individual"}
    return [said for kind, said in text["therapies"].items() if kind in held]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
