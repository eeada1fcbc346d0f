"""When somebody is free in the week: keys such as "mon-morning", and how well a timetable fits them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from fractions import Fraction
from functools import cache
from importlib.resources import files

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class DayPart:
    """A part of a day in wall time [starts, ends)."""

    key: str
    title: str
    starts: time
    ends: time


@dataclass(frozen=True, order=True)
class FreeTime:
    """Free on a weekday (Monday is 0) in wall time [starts, ends)."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How much of some meetings lies in free time (0 to 1), and those that do not fit whole."""

    share: Fraction
    misfits: tuple[FreeTime, ...]
    sentence: str


@dataclass(frozen=True)
class FreeWeek:
    """Free times in order, touching ones joined; made by `free_week`."""

    times: tuple[FreeTime, ...]

    def covers(self, meeting: FreeTime) -> bool:
        """Is the whole meeting within one free stretch?"""
        return any(
            t.weekday == meeting.weekday and t.starts <= meeting.starts and meeting.ends <= t.ends
            for t in self.times
        )

    def fit(self, meetings: Iterable[FreeTime]) -> Fit:
        """How well a group's meetings fit. Somebody who ticked nothing is asked, not refused: the share is 0."""
        wanted = tuple(meetings)
        misfits = tuple(m for m in wanted if not self.covers(m))
        whole = sum(_minutes(m) for m in wanted)
        free = sum(_shared(m, t) for m in wanted for t in self.times)
        if not self.times:
            sentence = "Free times are not known; ask."
        elif not misfits:
            sentence = "Every meeting fits the free times."
        else:
            count = len(misfits)
            sentence = f"{count} of {len(wanted)} meetings {'does' if count == 1 else 'do'} not fit."
        return Fit(share=Fraction(free, whole) if whole else Fraction(0), misfits=misfits, sentence=sentence)


@cache
def load_day_parts() -> Mapping[str, DayPart]:
    """The parts of a day that ship with this version, by key, in order."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/day-parts.json").read_text("utf-8"))
    return {
        row["key"]: DayPart(
            key=row["key"],
            title=row["title"],
            starts=time.fromisoformat(row["from"]),
            ends=time.fromisoformat(row["until"]),
        )
        for row in raw["parts"]
    }


def free_week(keys: Iterable[str], parts: Mapping[str, DayPart] | None = None) -> FreeWeek:
    """The week behind keys such as "mon-morning". Raises ValueError for a key that is not one."""
    known = load_day_parts() if parts is None else parts
    times = []
    for key in set(keys):
        weekday, _, part = key.partition("-")
        if weekday not in WEEKDAYS or part not in known:
            raise ValueError(f"“{key}” is not a time of the week that can be ticked.")
        times.append(FreeTime(WEEKDAYS.index(weekday), known[part].starts, known[part].ends))
    joined: list[FreeTime] = []
    for free in sorted(times):
        last = joined[-1] if joined else None
        if last is not None and last.weekday == free.weekday and free.starts <= last.ends:
            joined[-1] = FreeTime(free.weekday, last.starts, max(last.ends, free.ends))
        else:
            joined.append(free)
    return FreeWeek(tuple(joined))


def _minutes(span: FreeTime) -> int:
    return max(0, _of_day(span.ends) - _of_day(span.starts))


def _shared(a: FreeTime, b: FreeTime) -> int:
    if a.weekday != b.weekday:
        return 0
    return max(0, min(_of_day(a.ends), _of_day(b.ends)) - max(_of_day(a.starts), _of_day(b.starts)))


def _of_day(at: time) -> int:
    return at.hour * 60 + at.minute
