"""What was ordered: minutes a week, by kind of treatment if wanted, and days a week."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class HoursOrder:
    """Minutes a week ordered from `starts_on` up to, not including, `ends_on`; `kind` "" means any kind.

    `days`: the least days a week on which the person is to come; of an order for any kind.
    """

    minutes_per_week: int
    starts_on: date
    ends_on: date | None = None
    kind: str = ""
    days: int = 0


_Amount = Callable[[HoursOrder], int]


def ordered_in_week(orders: Sequence[HoursOrder], week_start: date, kind: str | None = None) -> int:
    """Minutes ordered for the week: the order for any kind when there is one, else the sum of the kinds.

    Of several orders for one kind the latest begun counts on each day; what is no whole week is rounded up.
    """
    if kind is None:
        general = ordered_in_week(orders, week_start, "")
        return general or sum(
            ordered_in_week(orders, week_start, k) for k in {o.kind for o in orders if o.kind}
        )
    of_kind = [o for o in orders if o.kind == kind]
    return _sevenths(of_kind, week_start, lambda order: order.minutes_per_week)


def days_in_week(orders: Sequence[HoursOrder], week_start: date) -> int:
    """Days on which the person is to come in the week; an order of part of the week counts for its part, rounded up."""
    general = [o for o in orders if o.kind == "" and o.days]
    return _sevenths(general, week_start, lambda order: order.days) if general else 0


def ordered_before(orders: Sequence[HoursOrder], day: date, weeks: int) -> int:
    """Minutes ordered in the so many weeks that end with the day before `day`, rounded down."""
    first = day - timedelta(weeks=weeks)
    general = [o for o in orders if not o.kind]
    if not general:
        return sum(
            _between([o for o in orders if o.kind == kind], first, day)
            for kind in sorted({o.kind for o in orders})
        )
    return _between(general, first, day)


def ordered_between(orders: Sequence[HoursOrder], first: date, end: date, kind: str) -> int:
    """Minutes ordered of a kind on the days from `first` up to, not including, `end`; a day is a seventh of its week."""
    return _between([o for o in orders if o.kind == kind], first, end) if first < end else 0


def _between(of_kind: Sequence[HoursOrder], first: date, end: date) -> int:
    turns = {first, end} | {
        day for o in of_kind for day in (o.starts_on, o.ends_on) if day is not None and first < day < end
    }
    days = sorted(turns)
    sevenths = sum(
        _in_force(of_kind, one, lambda order: order.minutes_per_week) * (other - one).days
        for one, other in pairwise(days)
    )
    return sevenths // 7


def _sevenths(of_kind: Sequence[HoursOrder], week_start: date, what: _Amount) -> int:
    last = week_start + timedelta(days=6)
    if not any(
        week_start < day <= last for o in of_kind for day in (o.starts_on, o.ends_on) if day is not None
    ):
        # Nothing begins or ends within the week, as in most weeks: every day is like its first.
        return _in_force(of_kind, week_start, what)
    sevenths = sum(_in_force(of_kind, week_start + timedelta(days=n), what) for n in range(7))
    return -(-sevenths // 7)


def _in_force(of_kind: Iterable[HoursOrder], day: date, what: _Amount) -> int:
    """What is ordered for a week on a day: by the latest order begun that has not ended."""
    standing = [o for o in of_kind if o.starts_on <= day and (o.ends_on is None or day < o.ends_on)]
    return what(max(standing, key=lambda o: o.starts_on)) if standing else 0
