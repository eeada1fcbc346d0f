"""The search: adaptive large-neighbourhood search from a standing week, one process of it.

Again and again a part of the week is freed (`neighbourhoods.py`) and solved exactly (`subsolve.py`); what was
gained decides which kind of part is freed next, and whether a part could be solved to proof how large it may be.
Runs as a process of its own (`python -m weekplan.searching`): better weeks leave on standard output, and better weeks
of other processes come in on standard input.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from weekplan.between import Found, News, Relaxed, Task, receive, send
from weekplan.linear import Ints, Mask
from weekplan.neighbourhoods import ALL, Part, Week, freed, week_of
from weekplan.subsolve import Solved, solve_part

WHOLE: Final = 14_000
"""A model with fewer variables is first tried as a whole, by the first of several processes."""

_SIZES: Final = (8.0, 30.0, 400.0)  # least, first and most size of a part
_PART_WORK: Final = 1.0  # deterministic time of one part, about three seconds
_PROMISING: Final = (12.0, 30.0, 30.0, 80.0)
"""Points by which a seat may raise the linear bound and still be looked at, drawn for each part."""
_BY_THE_RELAXED: Final = 0.75  # share of parts in which only groups of the relaxed week may be opened
_A_LITTLE: Final = 0.01  # of a group that the relaxed week holds
_STEP_WORK: Final = 0.01  # what a step costs besides


class _Kind:
    """One kind of part: how large it is freed, and what it has brought lately."""

    def __init__(self, choose: Callable[[Week, random.Random, int], Part]) -> None:
        self.choose = choose
        self.size = _SIZES[1]
        self.gain = 1.0

    def learn(self, solved: Solved, won: int, work: float) -> None:
        self.gain = max(0.15, 0.8 * self.gain + 0.2 * min(5.0, won / max(0.02, work) / 60))
        if not solved.proved:
            self.size *= 0.85
        elif solved.work < _PART_WORK / 2:
            self.size *= 1.4 if solved.work < _PART_WORK / 10 and not won else 1.15
        self.size = min(_SIZES[2], max(_SIZES[0], self.size))


def search(task: Task, found: Callable[[Found], None], news: Callable[[], News]) -> None:
    """Searches until its time is over. `found` hears of each better week; `news` brings better weeks of others
    and, once it is known, what the linear bound says of each variable."""
    draw = random.Random(task.seed)  # noqa: S311 - repeatable, not secret
    week = week_of(task.matrix, task.groups, task.point)
    cost = task.matrix.objective(week.point)
    sums = task.matrix.activity(week.point)
    kinds = [_Kind(one) for one in ALL]
    end = time.monotonic() + task.seconds
    spent = 0.0
    if task.first and task.matrix.variables <= WHOLE:
        solved = _whole(task, week, sums)
        spent += solved.work
        if solved.point is not None:
            week.point, cost, sums = solved.point, solved.cost, task.matrix.activity(solved.point)
            found(Found(week.point, cost, solved.proved))
            if solved.proved:
                return
    while (left := end - time.monotonic()) > 0.05 and (task.work is None or spent < task.work):
        heard = news()
        if heard.better is not None and heard.better.cost < cost:
            week.point, cost = heard.better.point, heard.better.cost
            sums = task.matrix.activity(week.point)
        kind = draw.choices(kinds, [one.gain for one in kinds])[0]
        free = freed(week, kind.choose(week, draw, int(kind.size)))
        if heard.relaxed is not None:
            free = promising(week, heard.relaxed, free, draw)
        solved = solve_part(
            task.matrix,
            week.point,
            free,
            seconds=left if task.work is not None else min(left, 4.0),
            work=_PART_WORK,
            seed=draw.randrange(1 << 30),
            sums=sums,
        )
        work = solved.work + _STEP_WORK
        spent += work
        won = 0
        if solved.point is not None:
            won = cost - solved.cost
            week.point = solved.point
            sums = task.matrix.activity(week.point)
            if won > 0:
                cost = solved.cost
                found(Found(week.point, cost, bool(free.all() and solved.proved)))
        kind.learn(solved, won, work)


def promising(week: Week, relaxed: Relaxed, free: Mask, draw: random.Random) -> Mask:
    """Leaves out seats and days that would raise the linear bound by many points each and, mostly, groups that the
    relaxed week does not hold at all: parts get smaller, and so more of the week fits into one."""
    groups = week.groups
    points = draw.choice(_PROMISING)
    keep: Mask = np.ones(len(free), dtype=bool)
    for variables, factor in ((groups.seats, 1), (groups.patterns, 2)):
        keep[variables] = relaxed.reduced[variables] < points * factor
    if draw.random() < _BY_THE_RELAXED:
        held = groups.held
        wanted = (held < 0) | (relaxed.point[np.maximum(held, 0)] > _A_LITTLE) | week.open_slots()
        keep &= (groups.slot < 0) | wanted[np.maximum(groups.slot, 0)]
    return free & (keep | (week.point > 0))


def _whole(task: Task, week: Week, sums: Ints) -> Solved:
    return solve_part(
        task.matrix,
        week.point,
        np.ones(task.matrix.variables, dtype=bool),
        seconds=task.seconds / 2,
        work=task.work / 2 if task.work is not None else 0,
        seed=task.seed,
        sums=sums,
    )


def _main() -> None:
    task: Task = receive(sys.stdin.buffer)
    heard = News(None, None)

    def listen() -> None:
        while (one := receive(sys.stdin.buffer)) is not None:
            if isinstance(one, Found):
                heard.better = one
            else:
                heard.relaxed = one

    threading.Thread(target=listen, daemon=True).start()
    search(task, lambda one: send(sys.stdout.buffer, one), lambda: heard)


if __name__ == "__main__":
    _main()
