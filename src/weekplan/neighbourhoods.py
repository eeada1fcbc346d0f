"""Which part of a week is freed next: one neighbourhood, one function, one sentence.

Each answers with the freed patients and the slots whose sessions may be opened, closed or changed, as masks, and with the
slots in which the freed patients may be seated. The size is what the search adapts.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weekplan.groups import Groups
from weekplan.linear import Ints, Mask, Matrix

Part = tuple[Mask, Mask, Mask]  # patients, slots that may change, slots that may be sat in


@dataclass(slots=True)
class Week:
    """What the neighbourhoods know: the model, its owners, and the standing point."""

    matrix: Matrix
    groups: Groups
    point: Ints
    patients: int
    may_sit: npt.NDArray[np.bool_]  # patient x slot

    @property
    def slots(self) -> int:
        return len(self.groups.held)

    def open_slots(self) -> Mask:
        """Slots in which a session is held now."""
        held = self.groups.held
        return (held < 0) | (self.point[np.maximum(held, 0)] > 0)

    def sitting(self) -> tuple[Ints, Ints]:
        """Patient and slot of each seat taken now."""
        taken = self.groups.seats[self.point[self.groups.seats] > 0]
        return self.groups.patient[taken], self.groups.slot[taken]

    def cost_of_patients(self) -> Ints:
        """Points that each patient's own variables cost now."""
        paid = self.matrix.cost * self.point
        own = self.groups.patient >= 0
        return np.bincount(self.groups.patient[own], weights=paid[own], minlength=self.patients).astype(
            np.int64
        )


def week_of(matrix: Matrix, groups: Groups, point: Ints) -> Week:
    patients = int(groups.patient.max(initial=-1)) + 1
    may_sit = np.zeros((patients, len(groups.held)), dtype=bool)
    may_sit[groups.patient[groups.seats], groups.slot[groups.seats]] = True
    return Week(matrix, groups, point, patients, may_sit)


def similar_patients(week: Week, draw: random.Random, size: int) -> Part:
    """People who could sit in much the same sessions, and some of these sessions."""
    return _around(week, draw.randrange(week.patients), draw, size)


def around_a_need(week: Week, draw: random.Random, size: int) -> Part:
    """Those around somebody whose week costs much: she is short, waits long, or comes too often."""
    costs = week.cost_of_patients()
    most = sorted(range(week.patients), key=lambda one: -int(costs[one]))
    return _around(
        week, most[min(int(draw.expovariate(1 / (1 + week.patients / 8))), week.patients - 1)], draw, size
    )


def _around(week: Week, one: int, draw: random.Random, size: int) -> Part:
    shared = (week.may_sit & week.may_sit[one]).sum(axis=1) / (1 + week.may_sit.sum(axis=1))
    shared = shared + np.array([draw.random() * 0.3 for _ in range(week.patients)]) * shared.max()
    shared[one] = np.inf
    chosen = np.argsort(-shared, kind="stable")[: max(2, size // 3)]
    patients = np.zeros(week.patients, dtype=bool)
    patients[chosen] = True
    return patients, _some_slots(week, patients, draw, size), np.ones(week.slots, dtype=bool)


def _some_slots(week: Week, patients: Mask, draw: random.Random, size: int) -> Mask:
    """Slots that the freed could fill alone or nearly so, most wanted first, with some chance."""
    could = week.may_sit[patients].sum(axis=0).astype(float)
    could *= np.array([0.3 + draw.random() for _ in range(week.slots)])
    could[week.open_slots()] *= 1.5
    slots = np.zeros(week.slots, dtype=bool)
    slots[np.argsort(-could, kind="stable")[: size * 2]] = True
    wanted: Mask = slots & (could > 0)
    return wanted


def seats_alone(week: Week, draw: random.Random, size: int) -> Part:
    """Twice as many people, in the sessions that are held: the timetable stays, the seating is anew."""
    patients, _, sit = _around(week, draw.randrange(week.patients), draw, size * 2)
    return patients, np.zeros(week.slots, dtype=bool), sit


def some_times(week: Week, draw: random.Random, size: int) -> Part:
    """Some starts near each other on one or two days, with all who can sit then."""
    starts = sorted(set(week.groups.start.tolist()))
    count = max(2, size // 12)
    first = draw.choice(starts)
    near = sorted(starts, key=lambda start: abs(start % 1440 - first % 1440) + 200 * draw.random())[:count]
    return _all_in(week, np.isin(week.groups.start, near))


def one_day(week: Week, draw: random.Random, size: int) -> Part:
    """A day, or as much of it as the size allows."""
    day = draw.choice(sorted(set((week.groups.start // 1440).tolist())))
    starts = sorted({start for start in week.groups.start.tolist() if start // 1440 == day})
    count = max(2, size // 12)
    if len(starts) > count:
        at = draw.randrange(len(starts) - count + 1)
        starts = starts[at : at + count]
    return _all_in(week, np.isin(week.groups.start, starts))


def some_kinds(week: Week, draw: random.Random, size: int) -> Part:
    """One or two kinds of treatment, at some of their times."""
    kinds = sorted(set(week.groups.kind.tolist()))
    slots = np.isin(week.groups.kind, draw.sample(kinds, min(2, len(kinds))))
    keep = np.array([draw.random() for _ in range(week.slots)]) < size / max(1.0, slots.sum() / 1.5)
    return _all_in(week, slots & (keep | week.open_slots()))


def a_few_sessions(week: Week, draw: random.Random, size: int) -> Part:
    """A thin session and some others like it, with all who sit in them: may they be one?"""
    who, where = week.sitting()
    fill = np.bincount(where, minlength=week.slots)
    running = [slot for slot in range(week.slots) if week.groups.held[slot] >= 0 and fill[slot]]
    if not running:
        return similar_patients(week, draw, size)
    thin = sorted(running, key=lambda slot: fill[slot] - week.groups.good[slot] + 4 * draw.random())
    first = thin[min(int(draw.expovariate(0.2)), len(thin) - 1)]
    same = [slot for slot in running if week.groups.kind[slot] == week.groups.kind[first] and slot != first]
    draw.shuffle(same)
    chosen = [first, *same[: max(1, size // 20)]]
    patients = np.zeros(week.patients, dtype=bool)
    patients[who[np.isin(where, chosen)]] = True
    slots = np.zeros(week.slots, dtype=bool)
    slots[chosen] = True
    return patients, slots | _some_slots(week, patients, draw, size // 2), np.ones(week.slots, dtype=bool)


def around_a_leader(week: Week, draw: random.Random, size: int) -> Part:
    """A facilitator's sessions and individual hours, with those who sit in them: first of all one whose individual
    session finds no time."""
    groups = week.groups
    at_work = (groups.leader >= 0) & (week.point > 0)
    if not at_work.any():
        return similar_patients(week, draw, size)
    has = np.zeros(week.patients, dtype=bool)
    has[groups.patient[groups.visits[week.point[groups.visits] > 0]]] = True
    waiting = sorted({int(one) for one in groups.patient[groups.visits] if not has[one]})
    patients = np.zeros(week.patients, dtype=bool)
    if waiting and draw.random() < 0.7:
        first = draw.choice(waiting)
        own = groups.visits[groups.patient[groups.visits] == first]
        leader = int(draw.choice(groups.leader[own].tolist()))
        patients[first] = True
    else:
        leader = int(draw.choice(groups.leader[at_work].tolist()))
    led = np.unique(groups.slot[at_work & (groups.leader == leader) & (groups.slot >= 0)])
    chosen = draw.sample(led.tolist(), min(len(led), max(1, size // 12)))
    slots = np.zeros(week.slots, dtype=bool)
    slots[chosen] = True
    visited = groups.visits[(groups.leader[groups.visits] == leader) & (week.point[groups.visits] > 0)]
    theirs = sorted({int(one) for one in groups.patient[visited]})
    patients[draw.sample(theirs, min(len(theirs), max(2, size // 5)))] = True
    who, where = week.sitting()
    beside = sorted(set(who[np.isin(where, chosen)].tolist()))
    patients[draw.sample(beside, min(len(beside), max(3, size // 3)))] = True
    return patients, slots | _some_slots(week, patients, draw, size // 2), np.ones(week.slots, dtype=bool)


def _all_in(week: Week, slots: Mask) -> Part:
    return np.ones(week.patients, dtype=bool), slots, slots


ALL: tuple[Callable[[Week, random.Random, int], Part], ...] = (
    similar_patients,
    around_a_need,
    seats_alone,
    some_times,
    one_day,
    some_kinds,
    a_few_sessions,
    around_a_leader,
)


def freed(week: Week, part: Part) -> Mask:
    """The variables of a part. A freed patient may take any seat in running or freed slots among those to sit in;
    her day is free where a seat of hers is."""
    patients, slots, sit = part
    groups = week.groups
    owner, slot = groups.patient, groups.slot
    usable = sit & (slots | week.open_slots())
    seat = np.zeros(len(owner), dtype=bool)
    seat[groups.seats] = True
    free: Mask = (owner < 0) & (slot < 0)
    free |= (owner < 0) & (slot >= 0) & slots[np.maximum(slot, 0)]
    free |= seat & patients[np.maximum(owner, 0)] & usable[np.maximum(slot, 0)] & (owner >= 0)
    own = (owner >= 0) & ~seat
    if sit.all():
        free |= own & patients[np.maximum(owner, 0)]
    else:
        touched = np.zeros((week.patients, 8), dtype=bool)
        seats = np.flatnonzero(free & seat)
        touched[owner[seats], groups.day[seats]] = True
        touched[np.arange(week.patients), 7] = touched[:, :7].any(axis=1)
        free |= own & touched[np.maximum(owner, 0), np.where(groups.day >= 0, groups.day, 7)]
    return _possible(week, free)


def _possible(week: Week, free: Mask) -> Mask:
    """Without the ways to spend a day that hold a time at which the patient could sit nowhere."""
    matrix, links = week.matrix, week.groups.links
    pattern = np.zeros(len(free), dtype=bool)
    pattern[week.groups.patterns] = True
    seated = (free | (week.point > 0)) & ~pattern
    somewhere = np.zeros(matrix.rows, dtype=bool)
    somewhere[matrix.row_of[seated[matrix.column]]] = True
    nowhere = links[~somewhere[matrix.row_of[links]]]
    idle = np.zeros(len(free), dtype=bool)
    idle[matrix.column[nowhere]] = True
    answer: Mask = free & ~(idle & (week.point == 0))
    return answer
