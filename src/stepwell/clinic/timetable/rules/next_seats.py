"""The next seats that fit somebody's week: which groups to join, from when on, and what would be missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from .windows import Fit, Window, fit

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_STEPS = 6_000
"""Combinations looked at for each track; reached only by far more groups than a site has, and then the best so far stands."""


@dataclass(frozen=True, kw_only=True)
class Meets:
    """One weekly time of a group, in wall time of the site."""

    weekday: int
    starts_at: time
    ends_at: time
    minutes: int
    mode: str


@dataclass(frozen=True, kw_only=True)
class OpenGroup:
    """A group as a newcomer finds it. `free`: seats left in its fullest coming session; `first_on`: its next one."""

    id: int
    name: str
    kind: str
    tracks: frozenset[int]
    meets: tuple[Meets, ...]
    free: int
    first_on: date
    needs: frozenset[str] = frozenset()
    closed_series: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What she needs: minutes and days of a week, and when she can come. `windows` None: not known, any time."""

    minutes: int
    days_most: int = 7
    windows: tuple[Window, ...] | None = None
    tags: frozenset[str] = frozenset()
    held: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class TrackOfGroups:
    """A track to offer as a whole; no id: the groups of every track together."""

    id: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to begin: the groups, the first day, the minutes they give a week, and what is missing and why."""

    track: TrackOfGroups
    starts_on: date
    groups: tuple[OpenGroup, ...]
    minutes: int
    missing: int
    days: int
    preferred: int
    sentence: str
    left_out: tuple[str, ...] = field(default=())


def next_seats(
    groups: Sequence[OpenGroup], tracks: Sequence[TrackOfGroups], wanted: Wanted, today: date
) -> tuple[Option, ...]:
    """For each track the best combination of its open groups, and one of all groups when that gives more.

    Best: most of the ordered minutes (never more than ordered plus half a session), then most preferred time, then
    most kinds of treatment, then fewest days. First the option with least missing, then the earliest start.
    """
    usable: dict[int, Fit] = {}
    why_not: dict[int, str] = {}
    for group in groups:
        reason, suits = _judge(group, wanted)
        if reason:
            why_not[group.id] = reason
        else:
            usable[group.id] = suits
    options = []
    for track in tracks:
        of_track = [g for g in groups if track.id is None or track.id in g.tracks]
        option = _best(track, of_track, usable, why_not, wanted, today)
        if option is not None:
            options.append(option)
    whole = [o for o in options if o.track.id is not None]
    mixed = [
        o
        for o in options
        if o.track.id is None
        and all(o.minutes > w.minutes or o.starts_on < w.starts_on for w in whole)
        and not any(o.groups == w.groups for w in whole)
    ]
    return tuple(sorted([*whole, *mixed], key=lambda o: (o.missing, o.starts_on, -o.preferred, o.track.name)))


def meets_words(group: OpenGroup) -> str:
    """'Mon, Wed 6:00 pm'."""
    by_time: dict[time, list[str]] = {}
    for meeting in group.meets:
        by_time.setdefault(meeting.starts_at, []).append(_DAYS[meeting.weekday])
    return "; ".join(f"{', '.join(days)} {_clock(at)}" for at, days in by_time.items())


def _judge(group: OpenGroup, wanted: Wanted) -> tuple[str, Fit]:
    """Why the group is not for her, or how it suits."""
    if group.id in wanted.held:
        return f"{group.name}: she belongs to it already.", Fit.NO
    if group.closed_series:
        return f"{group.name} is a closed series: nobody joins later.", Fit.NO
    lacking = group.needs - wanted.tags
    if lacking:
        return f"{group.name} is for people with: {', '.join(sorted(lacking))}.", Fit.NO
    if group.free < 1:
        return f"{group.name} ({meets_words(group)}) is full.", Fit.NO
    if wanted.windows is None:
        return "", Fit.POSSIBLE
    suits = min(
        (fit(wanted.windows, m.weekday, m.starts_at, m.ends_at, m.mode) for m in group.meets), default=Fit.NO
    )
    if suits is Fit.NO:
        return f"{group.name} ({meets_words(group)}) is at a time she cannot come.", Fit.NO
    return "", suits


def _best(
    track: TrackOfGroups,
    groups: Iterable[OpenGroup],
    usable: dict[int, Fit],
    why_not: dict[int, str],
    wanted: Wanted,
    today: date,
) -> Option | None:
    groups = list(groups)
    candidates = sorted(
        (g for g in groups if g.id in usable),
        key=lambda g: (-_minutes(g), -usable[g.id], g.first_on, g.name, g.id),
    )
    chosen = _Search(candidates, usable, wanted).best
    if not chosen:
        return None
    chosen = tuple(sorted(chosen, key=lambda g: (g.meets[0].weekday, g.meets[0].starts_at)))
    minutes = sum(_minutes(g) for g in chosen)
    missing = max(0, wanted.minutes - minutes)
    left_out = tuple(why_not[g.id] for g in groups if g.id in why_not) if missing else ()
    return Option(
        track=track,
        starts_on=max(today + timedelta(days=1), min(g.first_on for g in chosen)),
        groups=chosen,
        minutes=minutes,
        missing=missing,
        days=len({m.weekday for g in chosen for m in g.meets}),
        preferred=sum(_minutes(g) for g in chosen if usable[g.id] is Fit.PREFERRED),
        sentence=_sentence(minutes, missing),
        left_out=left_out,
    )


class _Search:
    """Depth first over the groups, longest first: with each or without it; what cannot beat the best is left."""

    def __init__(self, candidates: list[OpenGroup], usable: dict[int, Fit], wanted: Wanted) -> None:
        self.candidates, self.usable, self.wanted = candidates, usable, wanted
        self.after = [sum(_minutes(g) for g in candidates[i:]) for i in range(len(candidates) + 1)]
        self.most = wanted.minutes + max((_minutes(g) // 2 for g in candidates), default=0)
        self.best: tuple[OpenGroup, ...] = ()
        self.value: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
        self.steps = 0
        self._walk(0, (), 0, ())

    def _walk(
        self, at: int, chosen: tuple[OpenGroup, ...], minutes: int, times: tuple[tuple[Meets, int], ...]
    ) -> None:
        self.steps += 1
        value = self._value(chosen, minutes)
        if value > self.value:
            self.best, self.value = chosen, value
        enough = min(minutes + self.after[at], self.wanted.minutes)
        if at == len(self.candidates) or self.steps > _MOST_STEPS or enough < self.value[0]:
            return
        if minutes >= self.wanted.minutes:
            return
        group = self.candidates[at]
        gives = _minutes(group)
        days = {m.weekday for m, _ in times} | {m.weekday for m in group.meets}
        if (
            minutes + gives <= self.most
            and len(days) <= self.wanted.days_most
            and not any(_overlap(m, other) for m in group.meets for other, _ in times)
        ):
            more = (*times, *((m, group.id) for m in group.meets))
            self._walk(at + 1, (*chosen, group), minutes + gives, more)
        self._walk(at + 1, chosen, minutes, times)

    def _value(self, chosen: tuple[OpenGroup, ...], minutes: int) -> tuple[int, int, int, int, int]:
        return (
            min(minutes, self.wanted.minutes),
            sum(_minutes(g) for g in chosen if self.usable[g.id] is Fit.PREFERRED),
            len({g.kind for g in chosen}),
            -len({m.weekday for g in chosen for m in g.meets}),
            -minutes,
        )


def _minutes(group: OpenGroup) -> int:
    return sum(m.minutes for m in group.meets)


def _overlap(one: Meets, other: Meets) -> bool:
    return one.weekday == other.weekday and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _sentence(minutes: int, missing: int) -> str:
    if missing:
        return f"{_hours(minutes)} a week; {_hours(missing)} would be missing."
    return f"{_hours(minutes)} a week; nothing is missing."


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if rest and whole else f"{rest} min" if rest else f"{whole} h"


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"
