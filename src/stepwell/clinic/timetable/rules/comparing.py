"""Two states of one week side by side: which sessions come, go, move or change hands, and who gains or loses what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What happens to a session, or to somebody's place in it."""

    ADDED = "added"
    DROPPED = "dropped"
    MOVED = "moved"  # another time
    PLACE = "place"  # another room or mode
    LEADER = "leader"  # other leaders


@dataclass(frozen=True, kw_only=True)
class Held:
    """A session in one state of the week. `key` is the same in both states for what is the same session.

    `occurrence`: its row on the calendar, if it has one. `people` are patients' numbers.
    """

    key: str
    title: str
    treatment: str
    starts: datetime
    ends: datetime
    mode: str
    room: int | None
    leaders: tuple[int, ...]
    people: frozenset[int]
    occurrence: int | None = None
    group: int | None = None

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One session that differs: `before` is None for an added one, `after` for a dropped one."""

    what: frozenset[What]
    before: Held | None
    after: Held | None

    @property
    def joined(self) -> frozenset[int]:
        return (self.after.people if self.after else frozenset()) - (
            self.before.people if self.before else frozenset()
        )

    @property
    def left(self) -> frozenset[int]:
        return (self.before.people if self.before else frozenset()) - (
            self.after.people if self.after else frozenset()
        )

    @property
    def stayed(self) -> frozenset[int]:
        """Who sits in both."""
        return self.before.people & self.after.people if self.before and self.after else frozenset()

    @property
    def session(self) -> Held:
        """As it will be, or as it was if it is dropped."""
        held = self.after or self.before
        if held is None:
            raise ValueError("A change is of a session before, after, or both.")
        return held


@dataclass(frozen=True, kw_only=True)
class Turned:
    """What changes for one patient: sessions joined, left and moved, and minutes gained (below zero: lost)."""

    patient: int
    joined: tuple[Held, ...] = ()
    left: tuple[Held, ...] = ()
    moved: tuple[tuple[Held, Held], ...] = ()
    elsewhere: tuple[Held, ...] = ()  # same time, another room, mode or leader
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Everything that differs; sessions in the order of the week, people by number."""

    sessions: tuple[Change, ...] = ()
    people: tuple[Turned, ...] = ()
    leaders: dict[int, tuple[Change, ...]] = field(default_factory=dict)

    def count(self, what: What) -> int:
        """How many sessions are added, dropped, moved, …"""
        return sum(what in change.what for change in self.sessions)

    @property
    def patients(self) -> tuple[int, ...]:
        return tuple(turned.patient for turned in self.people)

    def __bool__(self) -> bool:
        return bool(self.sessions)


def difference(before: Iterable[Held], after: Iterable[Held]) -> Difference:
    """From one state of the week to another."""
    old = {one.key: one for one in before}
    new = {one.key: one for one in after}
    found = []
    for key in {**old, **new}:
        was, will = old.get(key), new.get(key)
        what = _what(was, will)
        if what or (was is not None and will is not None and was.people != will.people):
            found.append(Change(what=what, before=was, after=will))
    found.sort(key=lambda one: (one.session.starts, one.session.title, one.session.key))
    return Difference(
        sessions=tuple(found), people=tuple(_turned(found)), leaders={k: tuple(v) for k, v in _led(found)}
    )


def _what(was: Held | None, will: Held | None) -> frozenset[What]:
    if was is None:
        return frozenset({What.ADDED})
    if will is None:
        return frozenset({What.DROPPED})
    return frozenset(
        what
        for what, differs in (
            (What.MOVED, (was.starts, was.ends) != (will.starts, will.ends)),
            (What.PLACE, (was.room, was.mode) != (will.room, will.mode)),
            (What.LEADER, set(was.leaders) != set(will.leaders)),
        )
        if differs
    )


def _turned(changes: Iterable[Change]) -> Iterable[Turned]:
    of: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        for patient in change.joined | change.left | (change.stayed if change.what else frozenset()):
            of[patient].append(change)
    for patient, mine in sorted(of.items()):
        joined = tuple(c.after for c in mine if c.after and patient in c.joined)
        left = tuple(c.before for c in mine if c.before and patient in c.left)
        kept = [c for c in mine if patient in c.stayed and c.before and c.after]
        yield Turned(
            patient=patient,
            joined=joined,
            left=left,
            moved=tuple((c.before, c.after) for c in kept if What.MOVED in c.what and c.before and c.after),
            elsewhere=tuple(c.after for c in kept if What.MOVED not in c.what and c.after),
            minutes=sum(one.minutes for one in joined)
            - sum(one.minutes for one in left)
            + sum(c.after.minutes - c.before.minutes for c in kept if c.before and c.after),
        )


def _led(changes: Iterable[Change]) -> Iterable[tuple[int, list[Change]]]:
    """Staff -> the sessions that change for them: they lead it now, no longer, or at another time or place."""
    of: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        was = set(change.before.leaders) if change.before else set()
        will = set(change.after.leaders) if change.after else set()
        touched = was ^ will
        if change.what & {What.MOVED, What.PLACE}:
            touched |= was & will
        for staff in touched:
            of[staff].append(change)
    return sorted(of.items())


def brought_up_to_date(base: Iterable[Held], now: Iterable[Held], mine: Iterable[Held]) -> tuple[Held, ...]:
    """A draft `mine`, made from `base`, carried over to the calendar as it stands `now`.

    What changed on the calendar since then wins; the rest of the draft stays. Where both want the same person,
    room or leader at one time, the draft gives way.
    """
    old = {one.key: one for one in base}
    drafted = {one.key: one for one in mine}
    firm: list[Held] = []
    wished: list[Held] = []
    for today in now:
        was, draft = old.get(today.key), drafted.pop(today.key, None)
        if was is None or (draft is None and today != was):
            firm.append(today)
        elif draft is not None:
            one = _merged(was, today, draft)
            (firm if one == today else wished).append(one)
    # What is left was in the draft alone: new there, or cancelled on the calendar since.
    wished += [one for key, one in drafted.items() if key not in old]
    done = list(firm)
    for one in sorted(wished, key=lambda held: (held.starts, held.key)):
        done.append(_giving_way(one, done))
    return tuple(sorted(done, key=lambda held: (held.starts, held.key)))


def _merged(was: Held, today: Held, draft: Held) -> Held:
    """Each fact as the draft has it where the calendar still is what it was."""
    same_time = (was.starts, was.ends) == (today.starts, today.ends)
    same_place = (was.mode, was.room) == (today.mode, today.room)
    time = draft if same_time else today
    place = draft if same_place else today
    return Held(
        key=today.key,
        title=today.title,
        treatment=today.treatment,
        starts=time.starts,
        ends=time.ends,
        mode=place.mode,
        room=place.room,
        leaders=draft.leaders if set(was.leaders) == set(today.leaders) else today.leaders,
        people=(today.people | (draft.people - was.people)) - (was.people - draft.people),
        occurrence=today.occurrence,
        group=today.group,
    )


def _giving_way(one: Held, others: Iterable[Held]) -> Held:
    clashing = [o for o in others if one.starts < o.ends and o.starts < one.ends]
    taken = frozenset().union(*(o.people for o in clashing))
    leading = {leader for o in clashing for leader in o.leaders}
    rooms = {o.room for o in clashing if o.room is not None}
    return Held(
        key=one.key,
        title=one.title,
        treatment=one.treatment,
        starts=one.starts,
        ends=one.ends,
        mode=one.mode,
        room=None if one.room in rooms else one.room,
        leaders=tuple(leader for leader in one.leaders if leader not in leading),
        people=one.people - taken,
        occurrence=one.occurrence,
        group=one.group,
    )
