"""From a case to a plan: start, model, bound and search side by side, names, reasons.

1. A week made by hand (`greedy.py`) is there within seconds and never lost.
2. The model is written once (`model/`); a process of its own computes the linear bound (`bound.py`).
3. Search processes improve the week until the time is over, the bound is met, or somebody says stop.
4. Rooms, leaders and people get their names (`naming.py`), and whoever is short an explanation (`explaining.py`).
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from weekplan.between import Found, Relaxed, Task, receive, send
from weekplan.bound import Bounding
from weekplan.case import Case
from weekplan.costing import costs, met
from weekplan.explaining import explain
from weekplan.greedy import greedy
from weekplan.linear import Ints
from weekplan.naming import sessions_of
from weekplan.plan import Plan, Session, Status
from weekplan.standing import clashes
from weekplan.thinning import thinned
from weekplan.week import WeekModel

_WORK_A_SECOND: Final = 0.2
"""Deterministic time that one worker surely gets through in a second of a slow machine."""
_BOUND_SECONDS: Final = 5e-4
"""Seconds that the linear bound takes for each variable, as measured."""
_ALONE: Final = 0.6
"""Part of the time after which the last worker no longer waits for the bound."""
_SEARCHED: Final = 0.97
_SEARCHED_SHORT: Final = 0.85
"""Parts of the time that go into the search; more is kept for reasons while somebody is short."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is: seconds, cost of the best week so far, the bound once known, and what is missing in
    that week: minutes of orders, minutes of doses, owed sessions."""

    seconds: float
    cost: int
    bound: int | None
    short: tuple[int, int, int]


def solve(
    case: Case,
    *,
    seconds: float,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """The best week found in `seconds`. With one worker the same seed gives the same plan: the search ends after an
    amount of work, which is done well before `seconds` are over unless the machine has hardly time for it.

    `stop` is asked several times a second; when it says yes, the best week so far is the answer.
    """
    began = time.monotonic()
    best = Best(case, greedy(case))
    tell = progress or _nobody
    tell(Progress(time.monotonic() - began, best.cost, None, best.short))
    if clashes(case):
        return _answer(case, best, None, Status.INFEASIBLE, began, seed, seconds)
    few = thinned(case)
    model = WeekModel(few)
    point = model.point(best.sessions if few is case else greedy(few))
    bounding = Bounding(model.matrix, max(1.0, seconds))
    try:
        bound, proved = _improve(model, point, best, bounding, began, seconds, seed, workers, tell, stop)
    finally:
        bounding.stop()
    if few is not case:
        bound = proved = None  # of the thinned case: says nothing about all weeks
    if proved:
        bound = best.cost if bound is None else max(bound, proved)
    status = Status.OPTIMAL if bound is not None and best.cost <= bound else Status.FEASIBLE
    return _answer(case, best, bound, status, began, seed, seconds)


def _nobody(_: Progress) -> None:
    return


class Best:
    """The best named week so far. A counted week counts only once it has names."""

    def __init__(self, case: Case, sessions: Iterable[Session]) -> None:
        self.case = case
        self.sessions: tuple[Session, ...] = ()
        self.cost, self.short = -1, (0, 0, 0)
        self.offer(sessions)

    def offer(self, sessions: Iterable[Session]) -> bool:
        """Keeps a week if it costs less."""
        named = tuple(sessions)
        cost = sum(costs(self.case, named).values())
        if 0 <= self.cost <= cost:
            return False
        self.sessions, self.cost = named, cost
        got = met(self.case, named)
        self.short = (
            sum(one.short for one in got),
            sum(minutes for one in got for _, minutes in one.doses_short),
            sum(len(one.owed_missing) for one in got),
        )
        return True


def _improve(
    model: WeekModel,
    point: Ints,
    best: Best,
    bounding: Bounding,
    began: float,
    seconds: float,
    seed: int,
    workers: int,
    tell: Callable[[Progress], None],
    stop: Callable[[], bool] | None,
) -> tuple[int | None, int | None]:
    """Runs the search processes. Answers with the bound, and the cost that was proved to be the least."""
    alone = workers == 1
    end = began + seconds * _SEARCHED
    news: queue.Queue[tuple[int, Found | None]] = queue.Queue()
    relaxed: list[Relaxed | None] = []
    waiting = threading.Thread(target=lambda: relaxed.append(bounding.wait()), daemon=True)
    waiting.start()

    def searcher(number: int) -> Searcher:
        left, budget = end - time.monotonic(), seconds if alone else None
        return Searcher(model, point, seed + 7919 * number, left, budget, number, news)

    # The bound is one of the workers until it is known, unless it would take most of the time.
    beside = not alone and model.matrix.variables * _BOUND_SECONDS < seconds / 2
    team = [searcher(number) for number in range(workers - beside)]
    counted = model.matrix.objective(point)
    proved: int | None = None
    told = False
    try:
        while time.monotonic() < end and any(one.running for one in team):
            if len(team) < workers and (relaxed or time.monotonic() > began + seconds * _ALONE):
                team.append(searcher(len(team)))
            if any(best.short) and time.monotonic() > began + seconds * _SEARCHED_SHORT:
                break
            if stop is not None and stop():
                break
            bound = relaxed[0].bound if relaxed and relaxed[0] is not None else None
            if relaxed and relaxed[0] is not None and not told and not alone:
                told = True
                for one in team:
                    one.hear(relaxed[0])
            if bound is not None and best.cost <= bound and not alone:
                break
            try:
                number, found = news.get(timeout=0.1)
            except queue.Empty:
                continue
            if found is None:
                team[number].running = False
                continue
            if found.cost < counted:
                counted, point = found.cost, found.point
                for one in team:
                    if one.number != number:
                        one.hear(found)
                sessions, lost = sessions_of(model.variables, found.point)
                if not lost:
                    best.offer(sessions)
                else:
                    best.offer(model.without(sessions, lost))
                tell(Progress(time.monotonic() - began, best.cost, bound, best.short))
            if found.proved:
                proved = found.cost
                break
    finally:
        for one in team:
            one.end()
    while relaxed == [] and time.monotonic() < end and proved is None and (stop is None or not stop()):
        time.sleep(0.05)
    bounding.stop()
    waiting.join()
    answer = relaxed[0] if relaxed else None
    return (answer.bound if answer is not None else None), proved


class Searcher:
    """One search process, and the thread that reads what it finds."""

    def __init__(
        self,
        model: WeekModel,
        point: Ints,
        seed: int,
        seconds: float,
        budget: float | None,
        number: int,
        news: queue.Queue[tuple[int, Found | None]],
    ) -> None:
        self.number = number
        self.running = True
        self._child = subprocess.Popen(
            [sys.executable, "-m", "weekplan.searching"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._in, self._out = self._child.stdin, self._child.stdout
        work = budget * _WORK_A_SECOND if budget is not None else None
        send(self._in, Task(model.matrix, model.groups, point, seed, seconds, work, number == 0))
        self._ear = threading.Thread(target=self._listen, args=(news,), daemon=True)
        self._ear.start()

    def _listen(self, news: queue.Queue[tuple[int, Found | None]]) -> None:
        while (found := receive(self._out)) is not None:
            news.put((self.number, found))
        news.put((self.number, None))

    def hear(self, news: Found | Relaxed) -> None:
        """Tells this process of a better week of another, or of the relaxed week."""
        try:
            send(self._in, news)
        except OSError:
            self.running = False

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        self._ear.join()
        self._out.close()
        with contextlib.suppress(OSError):  # what was written and never read
            self._in.close()


def _answer(
    case: Case, best: Best, bound: int | None, status: Status, began: float, seed: int, seconds: float
) -> Plan:
    by_name = costs(case, best.sessions)
    plan = Plan(
        case=case.name,
        status=status,
        sessions=best.sessions,
        cost=sum(by_name.values()),
        costs=by_name,
        bound=bound,
        seconds=0.0,
        seed=seed,
        met=met(case, best.sessions),
    )
    left = began + seconds - time.monotonic()
    shortfalls = explain(case, plan, seconds=max(0.5, left))
    return replace(plan, shortfalls=shortfalls, seconds=round(time.monotonic() - began, 3))
