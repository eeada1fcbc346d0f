"""Whose each variable is: the map by which the search frees parts of a week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from weekplan.linear import Ints, Matrix
from weekplan.model.variables import Variables


@dataclass(frozen=True, slots=True)
class Groups:
    """`patient` and `slot` per variable, -1 where it is nobody's; a seat has both. `day` per variable of a patient's
    day, else -1. Then what is known of each slot, and of each seat the slot that it is in."""

    patient: Ints
    slot: Ints
    day: Ints
    held: Ints  # per slot: its variable, or -1 where it is locked
    start: Ints  # per slot
    kind: Ints  # per slot: number of the kind of treatment
    seats: Ints  # variables that are seats
    good: Ints  # per slot
    patterns: Ints  # variables that are a way to spend a day
    leader: Ints  # per variable: the facilitator that it sets to work (who leads, co-leads, holds a visit), else -1
    visits: Ints  # variables that are an individual or family session
    links: Ints  # per entry of the matrix by which a way to spend a day holds a time: its number


def groups_of(v: Variables, matrix: Matrix, decided: int) -> Groups:
    """Reads the owners from the variables; wishes belong to whom their rows speak of, if it is one."""
    candidates = v.candidates
    count = matrix.variables
    patient = np.full(count, -1, dtype=np.int64)
    slot = np.full(count, -1, dtype=np.int64)
    day = np.full(count, -1, dtype=np.int64)
    leader = np.full(count, -1, dtype=np.int64)
    for number in range(len(candidates.slots)):
        held = v.held[number]
        if held is not None:
            slot[held] = number
        for table in (v.rooms[number], v.lead[number], v.colead[number]):
            for variable in table.values():
                slot[variable] = number
        for table in (v.lead[number], v.colead[number]):
            for who, variable in table.items():
                leader[variable] = who
    for number, (who, where, _) in enumerate(candidates.seats):
        patient[v.seat[number]] = who
        slot[v.seat[number]] = where
        day[v.seat[number]] = candidates.slots[where].span.day
    for number, visit in enumerate(candidates.visits):
        for variable in (v.visit[number], *v.visit_room[number].values()):
            patient[variable] = visit.patient
            day[variable] = visit.span.day
        leader[v.visit[number]] = visit.leader
    for days in v.days:
        for one in days:
            for variable in (
                *(p.variable for p in one.patterns),
                *([one.come] if one.come is not None else []),
            ):
                patient[variable] = one.patient
                day[variable] = one.day
    _owners_of_wishes(matrix, decided, patient, slot)
    kinds = sorted({one.offer.kind for one in candidates.slots})
    patterns = np.array([p.variable for days in v.days for one in days for p in one.patterns], dtype=np.int64)
    return Groups(
        patient,
        slot,
        day,
        np.array([-1 if one is None else one for one in v.held], dtype=np.int64),
        np.array([one.span.start for one in candidates.slots], dtype=np.int64),
        np.array([kinds.index(one.offer.kind) for one in candidates.slots], dtype=np.int64),
        np.array(v.seat, dtype=np.int64),
        np.array([one.offer.good for one in candidates.slots], dtype=np.int64),
        patterns,
        leader,
        np.array(v.visit, dtype=np.int64),
        _links(matrix, patterns),
    )


def _links(matrix: Matrix, patterns: Ints) -> Ints:
    """Entries of rows "who sits at this time is on one of the ways to spend the day that hold it"."""
    is_pattern = np.zeros(matrix.variables, dtype=bool)
    is_pattern[patterns] = True
    balanced = (matrix.low == 0) & (matrix.high == 0)
    found: Ints = np.flatnonzero(is_pattern[matrix.column] & (matrix.value == -1) & balanced[matrix.row_of])
    return found


def _owners_of_wishes(matrix: Matrix, decided: int, patient: Ints, slot: Ints) -> None:
    order = np.argsort(matrix.column, kind="stable")
    for variable in range(decided, matrix.variables):
        people: set[int] = set()
        slots: set[int] = set()
        for place in order[matrix.column_start[variable] : matrix.column_start[variable + 1]]:
            row = matrix.row_of[place]
            others = matrix.column[matrix.start[row] : matrix.start[row + 1]]
            others = others[others < decided]
            if len(others) > 400:  # of all, so of nobody: overtime, how often an offer is held
                people.update((-2, -3))
                slots.update((-2, -3))
                continue
            people.update(np.unique(patient[others]).tolist())
            slots.update(np.unique(slot[others]).tolist())
        people.discard(-1)
        slots.discard(-1)
        if len(people) == 1:
            patient[variable] = next(iter(people))
        elif len(slots) == 1:
            slot[variable] = next(iter(slots))
