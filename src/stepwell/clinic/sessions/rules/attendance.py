"""Minutes a person was there while the service ran, and what to call it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

Span = tuple[datetime, datetime]


def minutes_attended(
    service: Span,
    arrived: datetime | None,
    left: datetime | None,
    *,
    stepped_out: Iterable[tuple[datetime, datetime | None]] = (),
    breaks: Iterable[Span] = (),
    at: datetime | None = None,
) -> int:
    """Whole minutes (rounded down) of presence within the service, without step-outs and breaks.

    Instants carry a zone. Not arrived is 0. Not yet left means there until the service ends, or until `at`
    when that is earlier; a step-out without a return lasts until then. Time before the start and after the end
    never counts, overlapping step-outs and breaks count once, and nonsense (left before arriving) is 0.
    """
    if arrived is None:
        return 0
    starts, ends = (moment.astimezone(UTC) for moment in service)
    if at is not None:
        ends = min(ends, at.astimezone(UTC))
    first = max(starts, arrived.astimezone(UTC))
    last = ends if left is None else min(ends, left.astimezone(UTC))
    if last <= first:
        return 0
    away = [(a.astimezone(UTC), last if b is None else b.astimezone(UTC)) for a, b in stepped_out]
    away += [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in breaks]
    present = last - first - _covered(away, first, last)
    return int(present.total_seconds() // 60)


Away = tuple[tuple[datetime, datetime | None], ...]


def away_in_order(away: Iterable[tuple[datetime, datetime | None]]) -> Away:
    """The times out of the room, each once, by when they began."""
    return tuple(sorted(set(away), key=lambda one: (one[0], one[1] is None, one[1] or one[0])))


def away_problem(called: str, arrived: datetime, left: datetime | None, away: Away, at: datetime) -> str:
    """The sentence for times out of the room (`away_in_order`) that cannot be; "" when they can.

    Each begins while the person is there, ends before the next begins, and none lies ahead of `at`; only the last
    may have no return.
    """
    for number, (out, back) in enumerate(away):
        if out < arrived or (back is not None and back <= out):
            return f"{called} came back before stepping out. Change one of the times; nothing was saved."
        if out > at or (back is not None and back > at):
            return f"The time for {called} lies ahead; record it once it has come. Nothing was saved."
        if left is not None and (out > left or (back is not None and back > left)):
            return f"{called} had left by then: change when {called} left or stepped out. Nothing was saved."
        if number + 1 < len(away) and (back is None or back > away[number + 1][0]):
            return f"{called} stepped out twice without coming back. Say when {called} came back; nothing was saved."
    return ""


def _covered(spans: Iterable[Span], first: datetime, last: datetime) -> timedelta:
    """How much of [first, last) the spans cover, each minute once."""
    covered, reached = timedelta(0), first
    for start, end in sorted(spans):
        start, end = max(start, reached), min(end, last)
        if end > start:
            covered += end - start
            reached = end
    return covered


class AttendanceState(StrEnum):
    """What is known of one person and one session."""

    EXPECTED = "expected"
    NOT_HERE_YET = "not_here_yet"
    HERE = "here"
    ATTENDED = "attended"
    PARTLY = "partly"
    EXCUSED = "excused"
    NO_SHOW = "no_show"
    NOT_RECORDED = "not_recorded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class AttendanceRecord:
    """What was written down. `outcome` is "", "present", "excused" or "unexcused"."""

    outcome: str = ""
    arrived: datetime | None = None
    left: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AttendanceRule:
    """Minutes: an arrival is late after, leaving is early before the end by, missing after the start by.

    `left_after_end`: how long after the end somebody may be said to have left.
    """

    late_after: int
    early_before_end: int
    missing_after: int
    left_after_end: int


@dataclass(frozen=True, kw_only=True)
class AttendanceStanding:
    """The state with the minutes late and the minutes missed at the end, and the sentence."""

    state: AttendanceState
    late: int
    early: int
    sentence: str


@cache
def load_attendance_rule() -> AttendanceRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/attendance.json").read_text("utf-8"))
    return AttendanceRule(
        late_after=raw["late_after"],
        early_before_end=raw["early_before_end"],
        missing_after=raw["missing_after"],
        left_after_end=raw["left_after_end"],
    )


def attendance_state(
    service: Span,
    record: AttendanceRecord,
    at: datetime,
    rule: AttendanceRule,
    *,
    cancelled: bool = False,
) -> AttendanceStanding:
    """What to call it at `at`. Only a person decides about an absence: nothing becomes a no-show by itself."""
    starts, ends = service
    if cancelled:
        return _said(AttendanceState.CANCELLED, "The session was cancelled.")
    if record.outcome == "excused":
        return _said(AttendanceState.EXCUSED, "Absent, excused.")
    if record.outcome == "unexcused":
        return _said(AttendanceState.NO_SHOW, "Absent, not excused.")
    if record.arrived is None:
        if at < starts + timedelta(minutes=rule.missing_after):
            return _said(AttendanceState.EXPECTED, "Expected.")
        if at < ends:
            return _said(
                AttendanceState.NOT_HERE_YET, f"Not here {_minutes(starts, at)} min after the start."
            )
        return _said(AttendanceState.NOT_RECORDED, "The session is over and attendance is not recorded.")
    late = _minutes(starts, record.arrived)
    late = late if late > rule.late_after else 0
    if record.left is None and at < ends:
        return _said(AttendanceState.HERE, f"Here, {late} min late." if late else "Here.", late)
    early = _minutes(record.left, ends) if record.left is not None else 0
    early = early if early > rule.early_before_end else 0
    if not late and not early:
        return _said(AttendanceState.ATTENDED, "Attended.")
    parts = [*([f"{late} min late"] if late else []), *([f"left {early} min early"] if early else [])]
    return _said(AttendanceState.PARTLY, f"Attended in part: {', '.join(parts)}.", late, early)


def _said(state: AttendanceState, sentence: str, late: int = 0, early: int = 0) -> AttendanceStanding:
    return AttendanceStanding(state=state, late=late, early=early, sentence=sentence)


def _minutes(first: datetime, last: datetime) -> int:
    """Whole minutes from first to last; 0 when last is not after first."""
    seconds = (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()
    return max(0, int(seconds // 60))
