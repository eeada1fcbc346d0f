"""The week mended in a moment: somebody calls in sick, a room floods, a shift changes, a holiday is declared.

Only what the change breaks is freed: the sessions that lost their leader, room or day, and the seats at times at which
somebody can no longer come. Everything else stays where it is. The freed part is solved to proof, ordered hours first
and then the fewest people moved. First another leader or room is looked for, so that nobody moves at all; on a day that is
closed people are seated in what is held on the other days. Delivered and locked sessions never move.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from weekplan.case import Case, Mode, Patient, Span, Window
from weekplan.changes import Change, Closed, LeaderOut, NewWindows, RoomOut
from weekplan.focus import focus, merged, within_reach
from weekplan.greedy import greedy
from weekplan.linear import Ints
from weekplan.naming import sessions_of
from weekplan.plan import Session
from weekplan.subsolve import solve_part
from weekplan.week import WeekModel

MOVED: Final = 1000
"""Points of a moved seat while a week is mended: below a missed session, above every wish."""
FEW: Final = 40
"""More people than this, seated in what is held already, are seated by hand first."""
NEAR: Final = (3, 8)
"""So many starts are tried for a session that has to be held at another time: few, and more if somebody loses by it."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """The mended week; `moved`: people whose seats are others than before; `dropped`: sessions no longer held."""

    case: Case
    sessions: tuple[Session, ...]
    moved: tuple[str, ...]
    dropped: tuple[str, ...]
    lost: tuple[tuple[str, int], ...]  # patient and minutes that she is short now and was not
    proved: bool
    seconds: float


def repair(case: Case, sessions: Iterable[Session], change: Change, *, seconds: float = 5.0) -> Repaired:
    """Mends a week after one change. `case` is the case without it."""
    began = time.monotonic()
    before = tuple(sessions)
    least = {one.id: one.least for one in case.offers}
    ordered = {one.id: one.ordered for one in case.patients}
    after = changed(case, change)
    broken = {one.id for one in before if _broken(after, one, change)}
    week, unseated = _without_broken_seats(before, broken, change)
    if unseated:  # a group that one person leaves may be too small to be held
        broken |= {one.id for one in week if one.offer in least and _below(one, least[one.offer], before)}
    proved = True
    if not unseated and not isinstance(change, Closed):
        week, broken = _led_or_housed_elsewhere(after, week, broken, seconds)
    people = {name for one in week if one.id in broken for name in one.people} | unseated
    if people or broken:
        as_it_was = week
        anew = not isinstance(change, Closed) and any(
            one.offer is not None and one.id in broken for one in week
        )
        for near in NEAR if anew else (0,):
            week, proved = _mend(after, as_it_was, people, broken, seconds, stay=not unseated, near=near)
            if not _lost(ordered, before, week):
                break
    lost = _lost(ordered, before, week)
    for name, _ in lost:
        if name not in unseated and time.monotonic() - began < seconds:
            week, also = _mend(after, week, {name}, (), seconds, stay=False)
            proved = proved and also
    if lost:
        lost = _lost(ordered, before, week)
    return Repaired(
        after,
        week,
        _moved(before, week),
        _dropped(before, week, broken),
        lost,
        proved,
        time.monotonic() - began,
    )


def _lost(
    ordered: dict[str, int], before: tuple[Session, ...], after: tuple[Session, ...]
) -> tuple[tuple[str, int], ...]:
    """Who is shorter of the ordered minutes than before, and by how much, in the order of the case."""
    gone, come = _turned(before, after)
    names = {name for one in (*gone, *come) for name in one.people}
    had, has = _minutes(before, names), _minutes(after, names)
    return tuple(
        (name, less)
        for name in ordered
        if name in names
        and (less := max(0, ordered[name] - has[name]) - max(0, ordered[name] - had[name])) > 0
    )


def _turned(before: tuple[Session, ...], after: tuple[Session, ...]) -> tuple[list[Session], list[Session]]:
    """Sessions of before that are others now, and what has come instead. What nobody touched is the same object."""
    old, new = {id(one) for one in before}, {id(one) for one in after}
    return [one for one in before if id(one) not in new], [one for one in after if id(one) not in old]


def _minutes(week: tuple[Session, ...], names: set[str]) -> dict[str, int]:
    minutes = dict.fromkeys(names, 0)
    for one in week:
        if not names.isdisjoint(one.people):
            for name in names.intersection(one.people):
                minutes[name] += one.span.minutes
    return minutes


def changed(case: Case, change: Change) -> Case:
    """The case with a change in it."""
    match change:
        case LeaderOut(leader, span):
            people = tuple(
                replace(one, available=_minus(one.available, span)) if one.id == leader else one
                for one in case.facilitators
            )
            return replace(case, facilitators=people)
        case RoomOut(room, span):
            rooms = tuple(
                replace(one, hours=_minus(one.hours, span)) if one.id == room else one for one in case.rooms
            )
            return replace(case, rooms=rooms)
        case NewWindows(patient, windows):
            patients = tuple(
                replace(one, windows=windows) if one.id == patient else one for one in case.patients
            )
            return replace(case, patients=patients)
        case Closed(day):
            return replace(case, closed=case.closed | {day})


def _minus(spans: tuple[Span, ...], out: Span) -> tuple[Span, ...]:
    left = []
    for span in spans:
        for part in (Span(span.start, min(span.end, out.start)), Span(max(span.start, out.end), span.end)):
            if part.start < part.end:
                left.append(part)
    return tuple(left)


def _broken(after: Case, session: Session, change: Change) -> bool:
    if session.fixed != "no" or session.span.start < after.now:
        return False
    match change:
        case LeaderOut(leader, span):
            return leader in session.leaders and session.span.overlaps(span)
        case RoomOut(room, span):
            return session.room == room and session.span.overlaps(span)
        case Closed(day):
            return session.span.day == day
        case NewWindows(patient, windows):
            return session.offer is None and patient in session.people and not _fits(session, windows)


def _below(session: Session, least: int, before: tuple[Session, ...]) -> bool:
    if session.fixed != "no" or len(session.people) + session.others >= least:
        return False
    was = next(one for one in before if one.id == session.id)
    return len(was.people) + was.others >= least


def _fits(session: Session, windows: tuple[Window, ...]) -> bool:
    return any(session.mode in one.modes and one.span.holds(session.span) for one in windows)


def _without_broken_seats(
    week: tuple[Session, ...], broken: set[str], change: Change
) -> tuple[tuple[Session, ...], set[str]]:
    if not isinstance(change, NewWindows):
        return week, set()
    left = []
    for one in week:
        if (
            change.patient in one.people
            and one.fixed == "no"
            and one.id not in broken
            and not _fits(one, change.windows)
        ):
            one = replace(one, people=tuple(name for name in one.people if name != change.patient))
        left.append(one)
    return tuple(left), {change.patient}


def _mend(
    case: Case,
    week: tuple[Session, ...],
    people: set[str],
    freed: Iterable[str],
    seconds: float,
    *,
    stay: bool,
    near: int = 0,
) -> tuple[tuple[Session, ...], bool]:
    """Solves the small case of these people to proof and puts it back into the week. `near`: so many of the nearest
    starts are open to their groups; 0 and they are not held anew."""
    free = set(freed)
    fresh = {one.offer for one in week if one.id in free and one.offer is not None} if near else set()
    seen = week if near else within_reach(case, week, people)
    small = _near(focus(case, seen, people, free, fresh, stay=stay), week, free, near)
    seats = {
        name: tuple(
            (one.offer, one.span.start) for one in week if one.offer is not None and name in one.people
        )
        for name in people
    }
    weights = replace(case.weights, moved=MOVED, unaccustomed=0 if stay else MOVED)
    patients = tuple(one if stay else _keeping(one, seats[one.id]) for one in small.patients)
    small = replace(small, weights=weights, patients=patients)
    model = WeekModel(small)
    point = _by_hand(model) if not near and len(people) > FEW else model.point(())
    solved = solve_part(
        model.matrix, point, np.ones(model.matrix.variables, dtype=bool), seconds=seconds, work=0, seed=1
    )
    solved_point = point if solved.point is None else solved.point
    found, lost = sessions_of(model.variables, solved_point)
    return merged(week, found, people, free), solved.proved and not lost


def _by_hand(model: WeekModel) -> Ints:
    """Where many are seated anew, the search begins at a week made by hand: it ends sooner, and what it has when its
    time is over is no worse than that."""
    small = model.case
    known = {one.id: one.apart for one in small.patients}
    strangers = {one.id: [name for name in one.people if name not in known] for one in small.standing}
    made = greedy(
        replace(
            small,
            standing=tuple(
                replace(
                    one,
                    people=tuple(name for name in one.people if name in known),
                    others=one.others + len(strangers[one.id]),
                )
                for one in small.standing
            ),
        )
    )
    week = [
        replace(one, people=tuple(n for n in one.people if known[n].isdisjoint(strangers.get(one.id, ()))))
        for one in made
    ]
    point = model.point(one for one in week if one.people)
    return point if not len(model.matrix.broken(point)) else model.point(())


def _near(small: Case, week: tuple[Session, ...], freed: set[str], count: int) -> Case:
    """Sessions that are held anew begin near the time they had: a mend is wanted at once, not another week."""
    had = {one.offer: one.span.start for one in week if one.id in freed and one.offer is not None}
    offers = tuple(
        replace(
            one, starts=tuple(sorted(sorted(one.starts, key=lambda s: (abs(s - had[one.id]), s))[:count]))
        )
        if one.id in had
        else one
        for one in small.offers
    )
    return replace(small, offers=offers)


def _led_or_housed_elsewhere(
    case: Case, week: tuple[Session, ...], broken: set[str], seconds: float
) -> tuple[tuple[Session, ...], set[str]]:
    """Somebody else leads, or another room is found, and nobody moves: as many people as possible are kept so.

    Answers with the week and the sessions that are still broken.
    """
    groups = {one.id for one in week if one.id in broken and one.offer is not None}
    if not groups:
        return week, broken
    small = focus(case, week, (), groups)
    seats = {one.id: len(one.people) + one.others for one in week}
    model = WeekModel(replace(small, weights=replace(case.weights, session=0)))
    cost = model.matrix.cost
    for number, slot in enumerate(model.candidates.slots):
        held = model.variables.held[number]
        if held is not None and slot.standing is not None:
            cost[held] -= MOVED * seats[slot.standing.id]
    solved = solve_part(
        model.matrix,
        model.point(()),
        np.ones(model.matrix.variables, dtype=bool),
        seconds=seconds,
        work=0,
        seed=1,
    )
    if solved.point is None:
        return week, broken
    found = {one.id: one for one in sessions_of(model.variables, solved.point)[0]}
    kept = {name for name in groups if name in found}
    mended = tuple(
        replace(one, leaders=found[one.id].leaders, room=found[one.id].room) if one.id in kept else one
        for one in week
    )
    return mended, broken - kept


def _keeping(patient: Patient, seats: tuple[tuple[str, int], ...]) -> Patient:
    return replace(patient, used_to=seats)


def _dropped(before: tuple[Session, ...], after: tuple[Session, ...], broken: set[str]) -> tuple[str, ...]:
    held = {one.id for one in after}
    placed = {one.owed for one in after if one.owed is not None}
    return tuple(
        one.id for one in before if one.id in broken and one.id not in held and one.owed not in placed
    )


def _moved(before: tuple[Session, ...], after: tuple[Session, ...]) -> tuple[str, ...]:
    def seats(week: list[Session]) -> dict[str, set[tuple[str, int, Mode]]]:
        of: dict[str, set[tuple[str, int, Mode]]] = {}
        for one in week:
            for name in one.people:
                of.setdefault(name, set()).add((one.offer or one.owed or "", one.span.start, one.mode))
        return of

    gone, come = _turned(before, after)
    old, new = seats(gone), seats(come)
    return tuple(sorted(name for name in old if old[name] - new.get(name, set())))
