"""Between the counted week and the named one.

`sessions_of` gives the counted sessions of a slot their rooms, leaders and people; `point_of` goes the other way
and finds the values of all variables for sessions that somebody else has chosen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from weekplan.case import DAY, Fixed, Mode, Span, Standing
from weekplan.linear import INFINITE, Ints, Matrix
from weekplan.model.variables import Variables
from weekplan.plan import Session


@dataclass(slots=True)
class _Copy:
    """One session of a slot while it is being filled."""

    room: int | None  # class
    size: int
    people: list[int] = field(default_factory=list)


def sessions_of(v: Variables, point: Ints) -> tuple[list[Session], list[tuple[int, int]]]:
    """The sessions of a week, and the seats (patient, slot) that found no session among those kept apart."""
    candidates = v.candidates
    case = candidates.case
    sessions = [_standing(v, one) for one in case.standing if one.fixed is Fixed.DELIVERED]
    lost: list[tuple[int, int]] = []
    rooms = _Rooms(v)
    for number in sorted(range(len(candidates.slots)), key=lambda n: candidates.slots[n].span.start):
        slot = candidates.slots[number]
        people = [candidates.seats[seat][0] for seat in v.seats_in[number] if point[v.seat[seat]]]
        if slot.locked:
            assert slot.standing is not None
            there = _standing(v, slot.standing)
            named = tuple(case.patients[one].id for one in people)
            sessions.append(_with_people(there, (*there.people, *named)))
            continue
        held = v.held[number]
        count = int(point[held]) if held is not None else 0
        if count:
            leaders = [who for who, one in v.lead[number].items() if point[one]]
            beside = [who for who, one in v.colead[number].items() if point[one]]
            copies = _copies(v, point, number, count)
            lost += [(one, number) for one in _seat(v, copies, people)]
            for copy in range(count):
                them = [leaders[copy]] + ([beside[copy]] if beside else [])
                sessions.append(
                    Session(
                        id=slot.standing.id
                        if slot.standing
                        else _name(slot.offer.id, slot.span.start, slot.mode, copy),
                        offer=slot.offer.id,
                        owed=None,
                        kind=slot.offer.kind,
                        span=slot.span,
                        mode=slot.mode,
                        room=rooms.take(copies[copy].room, slot.span),
                        leaders=tuple(case.facilitators[who].id for who in them),
                        people=tuple(case.patients[one].id for one in copies[copy].people),
                        others=slot.standing.others if slot.standing else 0,
                    )
                )
    stood = {
        (one.owed, one.people, one.span.start, one.mode): one.id
        for one in case.standing
        if one.owed is not None
    }
    for index in sorted(range(len(candidates.visits)), key=lambda n: candidates.visits[n].span.start):
        visit = candidates.visits[index]
        if not point[v.visit[index]]:
            continue
        kind = next((kind for kind, one in v.visit_room[index].items() if point[one]), None)
        patient = case.patients[visit.patient].id
        usual = stood.get((visit.owed.id, (patient,), visit.span.start, visit.mode))
        sessions.append(
            Session(
                id=usual or _name(f"{patient}-{visit.owed.id}", visit.span.start, visit.mode, 0),
                offer=None,
                owed=visit.owed.id,
                kind=visit.owed.kind,
                span=visit.span,
                mode=visit.mode,
                room=rooms.take(kind, visit.span),
                leaders=(case.facilitators[visit.leader].id,),
                people=(patient,),
            )
        )
    for one in case.standing:
        if one.fixed is Fixed.LOCKED and one.owed is not None:
            sessions.append(_standing(v, one))
    return sorted(sessions, key=lambda session: (session.span.start, session.id)), lost


class _Rooms:
    """Gives sessions a room of their class: sessions come by start, so the first free room always does."""

    def __init__(self, v: Variables) -> None:
        self._classes = v.candidates.classes
        self._until: dict[str, list[Span]] = defaultdict(list)

    def take(self, kind: int | None, span: Span) -> str | None:
        if kind is None:
            return None
        for room in self._classes[kind].rooms:
            if not any(span.overlaps(taken) for taken in self._until[room.id]):
                self._until[room.id].append(span)
                return room.id
        raise AssertionError("More sessions than rooms of a class: the model let them through.")


def _name(what: str, start: int, mode: Mode, copy: int) -> str:
    minute = start % DAY
    place = "v" if mode is Mode.VIDEO else "s"
    return f"{what}.{start // DAY}.{minute // 60:02}{minute % 60:02}{place}{copy + 1 if copy else ''}"


def _with_people(session: Session, people: tuple[str, ...]) -> Session:
    return Session(
        session.id,
        session.offer,
        session.owed,
        session.kind,
        session.span,
        session.mode,
        session.room,
        session.leaders,
        people,
        session.fixed,
        session.others,
    )


def _standing(v: Variables, one: Standing) -> Session:
    case = v.candidates.case
    if one.offer is not None:
        kind = v.candidates.offer_of[one.offer].kind
    elif not one.people or one.people[0] not in v.candidates.patient_of:
        kind = ""  # of somebody outside of a small case
    else:
        patient = case.patients[v.candidates.patient_of[one.people[0]]]
        kind = next(owed.kind for owed in patient.owed if owed.id == one.owed)
    return Session(
        one.id,
        one.offer,
        one.owed,
        kind,
        one.span,
        one.mode,
        one.room,
        one.leaders,
        one.people,
        str(one.fixed),
        one.others,
    )


def _copies(v: Variables, point: Ints, number: int, count: int) -> list[_Copy]:
    slot = v.candidates.slots[number]
    others = slot.standing.others if slot.standing else 0
    if slot.mode is Mode.VIDEO:
        return [_Copy(None, slot.offer.most - others) for _ in range(count)]
    copies = []
    for kind, variable in v.rooms[number].items():
        size = min(slot.offer.most, v.candidates.classes[kind].capacity) - others
        copies += [_Copy(kind, size) for _ in range(int(point[variable]))]
    return sorted(copies, key=lambda copy: -copy.size)


def _seat(v: Variables, copies: list[_Copy], people: list[int]) -> list[int]:
    """Spreads people over the sessions of a slot, evenly and apart; answers who found no seat."""
    case = v.candidates.case
    apart: dict[int, set[int]] = {one: set() for one in people}
    for one in people:
        for other in case.patients[one].apart:
            there = v.candidates.patient_of.get(other)
            if there in apart and there is not None:
                apart[one].add(there)
                apart[there].add(one)
    order = sorted(people, key=lambda one: (-len(apart[one]), one))
    lost = []
    for one in order:
        fits = [copy for copy in copies if len(copy.people) < copy.size and not apart[one] & set(copy.people)]
        if fits:
            min(fits, key=lambda copy: (len(copy.people), -copy.size)).people.append(one)
        elif not _make_room(copies, one, apart):
            lost.append(one)
    for copy in copies:
        copy.people.sort()
    return lost


def _make_room(copies: list[_Copy], one: int, apart: dict[int, set[int]]) -> bool:
    """Moves one person from a session to another so that somebody kept apart finds a seat."""
    for here in copies:
        clash = apart[one] & set(here.people)
        movable = list(clash) if len(clash) == 1 else ([] if clash else list(here.people))
        for other in movable:
            for there in copies:
                if there is here or len(there.people) >= there.size or apart[other] & set(there.people):
                    continue
                here.people.remove(other)
                there.people.append(other)
                here.people.append(one)
                return True
    return False


def point_of(v: Variables, matrix: Matrix, sessions: list[Session], decided: int) -> Ints:
    """The values of all variables for these sessions; `decided` is the number of variables before the wishes.

    Sessions and seats that are not among the candidates are left out.
    """
    candidates = v.candidates
    point = np.zeros(matrix.variables, dtype=np.int64)
    seat = {(patient, slot): v.seat[n] for n, (patient, slot, _) in enumerate(candidates.seats)}
    slots: dict[tuple[str, Mode, int], list[int]] = defaultdict(list)
    own: dict[str, int] = {}
    for number, slot in enumerate(candidates.slots):
        if slot.standing is not None:
            own[slot.standing.id] = number
        else:
            slots[slot.offer.id, slot.mode, slot.span.start].append(number)
    visits = {
        (visit.patient, visit.owed.id, visit.mode, visit.span.start, visit.leader): index
        for index, visit in enumerate(candidates.visits)
    }
    class_of = {room.id: kind for kind, alike in enumerate(candidates.classes) for room in alike.rooms}
    for session in sessions:
        if session.offer is None:
            index = visits.get(
                (
                    candidates.patient_of[session.people[0]],
                    session.owed or "",
                    session.mode,
                    session.span.start,
                    candidates.leader_of[session.leaders[0]],
                )
            )
            if index is not None and session.fixed == "no":
                point[v.visit[index]] = 1
                if session.room is not None and v.visit_room[index]:
                    point[v.visit_room[index][class_of[session.room]]] = 1
            continue
        found = own.get(session.id)
        if found is None:
            found = next(iter(slots.get((session.offer, session.mode, session.span.start), ())), None)
        if found is None:
            continue
        for name in session.people:
            variable = seat.get((candidates.patient_of[name], found))
            if variable is not None:
                point[variable] = 1
        held = v.held[found]
        if held is None:
            continue
        point[held] += 1
        point[v.lead[found][candidates.leader_of[session.leaders[0]]]] = 1
        if len(session.leaders) > 1:
            point[v.colead[found][candidates.leader_of[session.leaders[1]]]] = 1
        if session.room is not None:
            point[v.rooms[found][class_of[session.room]]] += 1
    _choose_days(v, point)
    complete(matrix, point, decided)
    return point


def _choose_days(v: Variables, point: Ints) -> None:
    for days in v.days:
        for day in days:
            chosen = frozenset(
                n for n, variables in enumerate(day.at) if any(point[one] for one in variables)
            )
            on_site = day.there or any(point[one] for variables in day.on_site for one in variables)
            for pattern in day.patterns:
                point[pattern.variable] = int(pattern.times == chosen and pattern.on_site == on_site)
            if day.come is not None:
                point[day.come] = int(bool(chosen))


def complete(matrix: Matrix, point: Ints, decided: int) -> None:
    """Sets the variables of the wishes (all from `decided` on) to the best that the decisions allow.

    What costs is kept as low as its rows let it, what earns or is free as high.
    """
    sums = matrix.activity(np.where(np.arange(matrix.variables) < decided, point, 0))
    order = np.argsort(matrix.column, kind="stable")
    for variable in range(decided, matrix.variables):
        low, high = int(matrix.lower[variable]), int(matrix.upper[variable])
        places = order[matrix.column_start[variable] : matrix.column_start[variable + 1]]
        for place in places:
            row, factor = int(matrix.row_of[place]), int(matrix.value[place])
            if matrix.low[row] > -INFINITE:
                need = int(matrix.low[row] - sums[row])
                if factor > 0:
                    low = max(low, -(-need // factor)) if matrix.cost[variable] > 0 else low
                else:
                    high = min(high, (-need) // -factor)
            if matrix.high[row] < INFINITE:
                room = int(matrix.high[row] - sums[row])
                if factor > 0:
                    high = min(high, room // factor)
                else:
                    low = max(low, -(room // -factor)) if matrix.cost[variable] > 0 else low
        value = low if matrix.cost[variable] > 0 else max(low, high)
        point[variable] = value
        for place in places:
            sums[matrix.row_of[place]] += matrix.value[place] * value
