"""The ways to make a week that are compared. Each runs in a process of its own and prints its result as JSON.

ours        weekplan.solve with two processes
cp-sat      one CP-SAT solve of the same model, with the same hint and two workers
mip         HiGHS branch and bound of the same model, with the same start
greedy      the week as a careful person makes it by hand
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import psutil

from weekplan.case import Case
from weekplan.costing import costs, met
from weekplan.greedy import greedy
from weekplan.make import make
from weekplan.plan import Session

CORES = 2


@dataclass(frozen=True)
class Result:
    """`full`: seconds until nobody was short of hours, doses or owed sessions; None: never. `short`: minutes of
    orders, minutes of doses, owed sessions. `bound`: what the method itself proved. `memory`: the most bytes that its
    process and all that it started held at one moment (resident sets, added up)."""

    method: str
    patients: int
    seed: int
    cost: int
    short: tuple[int, int, int]
    bound: float | None
    seconds: float
    full: float | None
    memory: int = 0


def run(method: str, patients: int, seed: int, seconds: float) -> Result:
    """One method on one case, in a process of its own."""
    words = [sys.executable, "-m", "bench.week.methods", method, str(patients), str(seed), str(seconds)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        held = Held(running.pid)
        said, wrong = running.communicate()
        held.over.set()
        held.join()
    if running.returncode:
        raise SystemExit(f"{method} of {patients} patients failed: {wrong[-2000:]}")
    got = json.loads(said.splitlines()[-1])
    return replace(Result(**{**got, "short": tuple(got["short"])}), memory=held.most)


class Held(threading.Thread):
    """Looks ten times a second at how much memory a process and its children hold."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(pid)
        self.over = threading.Event()
        self.most = 0
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.1):
            now = 0
            try:
                for one in (self.process, *self.process.children(recursive=True)):
                    now += one.memory_info().rss
            except psutil.Error:
                continue  # one of them has ended between two looks
            self.most = max(self.most, now)


def _short(case: Case, sessions: tuple[Session, ...]) -> tuple[int, int, int]:
    got = met(case, sessions)
    return (
        sum(one.short for one in got),
        sum(minutes for one in got for _, minutes in one.doses_short),
        sum(len(one.owed_missing) for one in got),
    )


def _named(case: Case, sessions: tuple[Session, ...]) -> tuple[int, tuple[int, int, int]]:
    return sum(costs(case, sessions).values()), _short(case, sessions)


def ours(
    case: Case, seed: int, seconds: float
) -> tuple[int, tuple[int, int, int], float | None, float | None]:
    from weekplan.solving import Progress, solve

    first: list[float] = []

    def note(now: Progress) -> None:
        if not any(now.short) and not first:
            first.append(now.seconds)

    plan = solve(case, seconds=seconds, seed=seed, workers=CORES, progress=note)
    return plan.cost, _short(case, plan.sessions), plan.bound, first[0] if first else None


def cp_sat(
    case: Case, seed: int, seconds: float
) -> tuple[int, tuple[int, int, int], float | None, float | None]:
    import numpy as np

    from weekplan.naming import sessions_of
    from weekplan.subsolve import solve_part
    from weekplan.week import WeekModel

    began = time.monotonic()
    model = WeekModel(case)
    point = model.point(greedy(case))
    solved = solve_part(
        model.matrix,
        point,
        np.ones(model.matrix.variables, dtype=bool),
        seconds=max(0.1, seconds - (time.monotonic() - began)),
        work=0,
        seed=seed,
        workers=CORES,
    )
    sessions, lost = sessions_of(model.variables, point if solved.point is None else solved.point)
    cost, short = _named(case, tuple(model.without(sessions, lost) if lost else sessions))
    return cost, short, solved.bound + model.matrix.constant, None


def mip(
    case: Case, seed: int, seconds: float
) -> tuple[int, tuple[int, int, int], float | None, float | None]:
    import highspy
    import numpy as np

    from weekplan.bound import highs_of
    from weekplan.naming import sessions_of
    from weekplan.week import WeekModel

    began = time.monotonic()
    model = WeekModel(case)
    point = model.point(greedy(case))
    matrix = model.matrix
    highs = highs_of(matrix.arrays(), integer=True)
    highs.setOptionValue("threads", CORES)
    highs.setOptionValue("random_seed", seed)
    highs.setOptionValue("time_limit", max(0.1, seconds - (time.monotonic() - began)))
    start = highspy.HighsSolution()
    start.col_value = point.astype(float).tolist()
    highs.setSolution(start)
    highs.run()
    values = np.array(highs.getSolution().col_value)
    found = point if not len(values) else np.rint(values).astype(np.int64)
    if len(matrix.broken(found)):
        found = point
    sessions, lost = sessions_of(model.variables, found)
    cost, short = _named(case, tuple(model.without(sessions, lost) if lost else sessions))
    return cost, short, highs.getInfo().mip_dual_bound + matrix.constant, None


def by_hand(
    case: Case, seed: int, seconds: float
) -> tuple[int, tuple[int, int, int], float | None, float | None]:
    cost, short = _named(case, greedy(case))
    return cost, short, None, None


METHODS: dict[
    str, Callable[[Case, int, float], tuple[int, tuple[int, int, int], float | None, float | None]]
] = {"ours": ours, "cp-sat": cp_sat, "mip": mip, "greedy": by_hand}


def _main() -> None:
    method, patients, seed, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    case = make(patients, seed)
    began = time.monotonic()
    cost, short, bound, full = METHODS[method](case, seed, seconds)
    took = time.monotonic() - began
    if full is None and not any(short):
        full = took
    if bound is not None and abs(bound) > 1e12:
        bound = None
    print(json.dumps(asdict(Result(method, patients, seed, cost, short, bound, took, full))))


if __name__ == "__main__":
    _main()
