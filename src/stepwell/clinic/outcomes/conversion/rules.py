"""Counting what became of those who asked: by stage, source and month, with the days between and reasons lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from statistics import median


class Stage(IntEnum):
    """How far somebody came; who reached a stage counts in every one before it."""

    ASKED = 0
    REACHED = 1
    BOOKED = 2
    CAME = 3
    ADMITTED = 4
    FIRST_SESSION = 5


@dataclass(frozen=True, kw_only=True)
class Course:
    """What became of one inquiry: instants, None for what has not happened. `month` is the first of its month.

    `lost` is the key of the reason why it ended, empty while it goes on or when the person came.
    """

    month: date
    source: str
    heard_from: str
    received_at: datetime
    tried_at: datetime | None = None
    reached_at: datetime | None = None
    booked_at: datetime | None = None
    came_at: datetime | None = None
    admitted_at: datetime | None = None
    first_session_at: datetime | None = None
    lost: str = ""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One line of the report: how many came to each stage (by `Stage`), and how many were lost."""

    key: str
    stages: tuple[int, ...]
    lost: int

    def share(self, stage: Stage) -> float | None:
        """Of all that asked, 0 to 1; None of nobody."""
        return self.stages[stage] / self.stages[0] if self.stages[0] else None


@dataclass(frozen=True, kw_only=True)
class Delay:
    """How long it took those who got there: how many, half of them within, and the longest."""

    people: int
    middle: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Delays:
    """From the request to the first try, to the intake, and to the first session."""

    first_contact: Delay
    intake: Delay
    first_session: Delay


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The whole report; months newest first, sources by how many asked, reasons by how many were lost."""

    whole: Counted
    by_source: tuple[Counted, ...]
    by_heard: tuple[Counted, ...]
    by_month: tuple[Counted, ...]
    delays: Delays
    delays_by_month: tuple[tuple[str, Delays], ...]
    reasons: tuple[tuple[str, int], ...]


def stage_of(course: Course) -> Stage:
    """The furthest stage. Whoever came further was reached and booked, even where nobody wrote it down."""
    for stage, at in (
        (Stage.FIRST_SESSION, course.first_session_at),
        (Stage.ADMITTED, course.admitted_at),
        (Stage.CAME, course.came_at),
        (Stage.BOOKED, course.booked_at),
        (Stage.REACHED, course.reached_at),
    ):
        if at is not None:
            return stage
    return Stage.ASKED


def conversion(courses: Iterable[Course]) -> Conversion:
    """Count everything. Somebody who asked twice is counted twice: each request is one that was answered or not."""
    rows = list(courses)
    months = sorted({row.month for row in rows}, reverse=True)
    return Conversion(
        whole=_counted("", rows),
        by_source=_by(rows, lambda row: row.source),
        by_heard=_by(rows, lambda row: row.heard_from),
        by_month=tuple(_counted(m.isoformat(), [row for row in rows if row.month == m]) for m in months),
        delays=_delays(rows),
        delays_by_month=tuple(
            (m.isoformat(), _delays([row for row in rows if row.month == m])) for m in months
        ),
        reasons=tuple(
            sorted(
                Counter(row.lost for row in rows if row.lost).items(), key=lambda item: (-item[1], item[0])
            )
        ),
    )


def _by(rows: Sequence[Course], key: Callable[[Course], str]) -> tuple[Counted, ...]:
    found = {key(row) for row in rows}
    lines = [_counted(one, [row for row in rows if key(row) == one]) for one in found]
    return tuple(sorted(lines, key=lambda line: (-line.stages[0], line.key)))


def _counted(key: str, rows: Sequence[Course]) -> Counted:
    reached = [stage_of(row) for row in rows]
    return Counted(
        key=key,
        stages=tuple(sum(one >= stage for one in reached) for stage in Stage),
        lost=sum(bool(row.lost) for row in rows),
    )


def _delays(rows: Sequence[Course]) -> Delays:
    return Delays(
        first_contact=_delay(rows, lambda row: row.tried_at),
        intake=_delay(rows, lambda row: row.came_at),
        first_session=_delay(rows, lambda row: row.first_session_at),
    )


def _delay(rows: Sequence[Course], until: Callable[[Course], datetime | None]) -> Delay:
    spans = sorted(max(timedelta(0), at - row.received_at) for row in rows if (at := until(row)) is not None)
    if not spans:
        return Delay(people=0, middle=None, longest=None)
    middle = median(span.total_seconds() for span in spans)
    return Delay(people=len(spans), middle=timedelta(seconds=middle), longest=spans[-1])
