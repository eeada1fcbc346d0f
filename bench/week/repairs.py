"""How long a repair takes, and how many people it moves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from weekplan.case import DAY, Span
from weekplan.changes import Change, Closed, LeaderOut, NewWindows, RoomOut
from weekplan.greedy import greedy
from weekplan.make import make
from weekplan.repairing import repair

WITHIN = {120: 0.2, 300: 0.5}
ONE_PATIENT = 0.025


def repair_table(sizes: list[int]) -> Iterator[str]:
    """One block of lines for each size: median and p95 in milliseconds, people moved, proved."""
    for size in sizes:
        case = make(size, 1, standing=True)
        week = greedy(case)
        day = Span(2 * DAY, 3 * DAY)
        kinds: dict[str, list[Change]] = {
            "a facilitator is out for a day": [LeaderOut(one.id, day) for one in case.facilitators],
            "a room is out for a day": [RoomOut(one.id, day) for one in case.rooms],
            "a holiday is declared": [Closed(day) for day in (2, 3, 4)],
            "one patient is seated anew": [
                NewWindows(one.id, tuple(w for w in one.windows if w.span.day != 2))
                for one in case.patients[:60]
            ],
        }
        yield f"\nrepairs of a week of {size} patients"
        yield f"{'change':<34}{'tries':>6}{'median':>10}{'p95':>10}{'moved, median':>15}{'proved':>8}   goal"
        for name, changes in kinds.items():
            took, moved, proved = [], [], 0
            for change in changes:
                began = time.perf_counter()
                done = repair(case, week, change)
                took.append(time.perf_counter() - began)
                moved.append(len(done.moved))
                proved += done.proved
            p95 = sorted(took)[max(0, round(0.95 * len(took)) - 1)]
            most = ONE_PATIENT if name.startswith("one") else WITHIN.get(size)
            goal = f"<= {1000 * most:.0f} ms {'held' if p95 <= most else 'MISSED'}" if most else ""
            yield (
                f"{name:<34}{len(took):>6}{1000 * statistics.median(took):>7.0f} ms{1000 * p95:>7.0f} ms"
                f"{statistics.median(moved):>15.0f}{proved:>5}/{len(took)}   {goal}"
            )
