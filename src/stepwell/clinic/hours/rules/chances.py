"""Until when something missing can still be had: the chances to come, looked at from the last one back."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime

Span = tuple[datetime, datetime]


def last_moment(needed: int, chances: Iterable[Span], firm: Iterable[Span]) -> tuple[datetime | None, int]:
    """The latest instant from which chances, given as (start, end), add up to `needed` minutes, or None.

    Beside it the most minutes that can be had of them, `needed` at most. A chance over something `firm` is none.
    Looks back from the last chance and adds up the most that one person can attend from each on: either it is
    left out, or it is taken together with the best of those that begin once it is over.
    """
    held = tuple(firm)
    starts: list[datetime] = []  # the latest first, and beside each the most minutes from it on
    most: list[int] = []
    for start, end in sorted(chances, reverse=True):
        if any(start < other_end and other_start < end for other_start, other_end in held):
            continue
        after = bisect_left(starts, True, key=lambda other: other < end)
        best = minutes_of((start, end)) + (most[after - 1] if after else 0)
        starts.append(start)
        most.append(max(best, most[-1] if most else 0))
        if most[-1] >= needed:
            return start, needed
    return None, most[-1] if most else 0


def minutes_of(span: Span) -> int:
    """Whole minutes from start to end."""
    # In UTC: two instants of one zone would be subtracted as wall times, wrong over a change of clocks.
    return int((span[1].astimezone(UTC) - span[0].astimezone(UTC)).total_seconds() // 60)
