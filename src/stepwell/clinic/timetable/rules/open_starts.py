"""The next day on which somebody new can begin: a whole week of treatment with a free seat in each group.

For the public, so the answer is a day and nothing else: no number of seats, no size of a group.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from .next_seats import Meets, OpenGroup

_MOST_STEPS = 4_000
"""Combinations looked at for one track; beyond them no day is named, and people are told to ask."""


def next_start(
    spans: Sequence[Sequence[OpenGroup]],
    *,
    minutes: int,
    days_most: int,
    earliest: date,
    fits: Collection[str] = (),
) -> date | None:
    """The first day from `earliest` on at which joining groups with a free seat gives `minutes` a week.

    `spans` are the groups of a track as they meet in one stretch of weeks after another, nearest first: a group
    that is full now may have a seat later. Groups of a closed series, and groups that need what `fits` does not
    name, are not for newcomers. Two sessions at a time are never both counted; no more than `days_most` days a
    week. None: no such day in the weeks that are planned.
    """
    steps = [_MOST_STEPS]
    for groups in spans:
        usable = [
            group
            for group in groups
            if group.free > 0 and not group.closed_series and group.meets and group.needs <= set(fits)
        ]
        longest = sorted(usable, key=lambda g: (-_minutes(g), g.first_on, g.id))
        for first in sorted(usable, key=lambda g: (g.first_on, -_minutes(g), g.id)):
            # With `first` as the earliest: those that meet before it were tried already.
            later = [g for g in longest if g.id != first.id and g.first_on >= first.first_on]
            if _enough(minutes - _minutes(first), later, first.meets, days_most, steps):
                return max(earliest, first.first_on)
    return None


def after_today(today: date) -> date:
    """The first day that is offered to the public: nobody begins today, the intake comes first."""
    return today + timedelta(days=1)


def _enough(
    lacking: int, groups: Sequence[OpenGroup], held: tuple[Meets, ...], days_most: int, steps: list[int]
) -> bool:
    """Whether some of `groups` give the `lacking` minutes beside what is `held`. Depth first, longest first."""
    steps[0] -= 1
    if len({meeting.weekday for meeting in held}) > days_most or steps[0] < 0:
        return False
    if lacking <= 0:
        return True
    if sum(_minutes(group) for group in groups) < lacking:
        return False
    group, rest = groups[0], groups[1:]
    clash = any(_overlap(one, other) for one in group.meets for other in held)
    if not clash and _enough(lacking - _minutes(group), rest, (*held, *group.meets), days_most, steps):
        return True
    return _enough(lacking, rest, held, days_most, steps)


def _minutes(group: OpenGroup) -> int:
    return sum(meeting.minutes for meeting in group.meets)


def _overlap(one: Meets, other: Meets) -> bool:
    return one.weekday == other.weekday and one.starts_at < other.ends_at and other.starts_at < one.ends_at
