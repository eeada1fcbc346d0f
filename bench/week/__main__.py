"""Weeks of 15 to 300 patients by four methods, side by side.

    python -m bench.week                      all sizes, five seeds: about an hour and a half
    python -m bench.week --quick              15 and 30 patients, two seeds
    python -m bench.week --sizes 60 --seeds 1 as said
    python -m bench.week --repairs            only how long a repair takes

Each method gets the same case, the same two cores and the same seconds, one after another. The linear bound is computed
in the same run by HiGHS, in its own time.
"""

from __future__ import annotations

import argparse
import os
import statistics

from bench.week.methods import METHODS, Result, run
from bench.week.repairs import repair_table
from weekplan.bound import Bounding
from weekplan.make import make
from weekplan.week import WeekModel

SECONDS = {15: 5.0, 30: 15.0, 60: 60.0, 120: 60.0, 300: 60.0}
FULL_WITHIN = {15: 5.0, 30: 10.0, 60: 20.0, 120: 30.0, 300: 60.0}
OVER_BOUND = {30: 0.02, 60: 0.06, 120: 0.07, 300: 0.08}
OF_CP_SAT = {60: 0.90, 120: 0.80, 300: 0.80}
GIB_MOST = {300: 2.0}
_GIB = 2**30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.week", description="The week optimiser, measured.")
    parser.add_argument("--quick", action="store_true", help="15 and 30 patients, two seeds")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SECONDS), help="numbers of patients")
    parser.add_argument("--seeds", type=int, default=5, help="how many cases of each size")
    parser.add_argument("--bound-seconds", type=float, default=900.0, help="most time for the linear bound")
    parser.add_argument("--repairs", action="store_true", help="only the repairs")
    asked = parser.parse_args()
    sizes, seeds = ([15, 30], 2) if asked.quick else (asked.sizes, asked.seeds)
    if not asked.repairs:
        for size in sizes:
            _size(size, seeds, asked.bound_seconds)
    for line in repair_table([60] if asked.quick else [120, 300]):
        print(line, flush=True)
    print(f"{os.cpu_count()} cores; load of the machine {os.getloadavg()[0]:.1f} at the end.")


def _size(size: int, seeds: int, bound_seconds: float) -> None:
    seconds = SECONDS.get(size, 60.0)
    results: dict[str, list[Result]] = {method: [] for method in METHODS}
    bounds: list[int | None] = []
    for seed in range(1, seeds + 1):
        relaxed = Bounding(WeekModel(make(size, seed)).matrix, bound_seconds).wait()
        bounds.append(relaxed.bound if relaxed is not None else None)
        for method in METHODS:
            results[method].append(run(method, size, seed, seconds))
    print(f"\n{size} patients, {seeds} cases, {seconds:.0f} s each on two cores")
    print(
        f"{'method':<8}{'cost':>10}{'over bound':>12}{'worst':>8}{'short':>16}{'own gap':>9}{'full after':>12}{'memory':>10}"
    )
    for method, found in results.items():
        over = [one.cost / bound - 1 for one, bound in zip(found, bounds, strict=True) if bound]
        gaps = [one.cost / one.bound - 1 for one in found if one.bound and one.bound > 0]
        full = [one.full for one in found]
        never = any(one is None for one in full)
        print(
            f"{method:<8}{statistics.median(one.cost for one in found):>10.0f}"
            f"{_share(over):>12}{_share(over, worst=True):>8}"
            f"{_worst_short(found):>16}{_share(gaps):>9}"
            f"{'never' if never else f'{max(one for one in full if one is not None):.1f} s':>12}"
            f"{max(one.memory for one in found) / _GIB:>6.2f} GiB"
        )
    for line in _goals(size, results, bounds):
        print(line)


def _share(values: list[float], *, worst: bool = False) -> str:
    if not values:
        return "-"
    return f"{100 * (max(values) if worst else statistics.median(values)):.1f} %"


def _worst_short(found: list[Result]) -> str:
    minutes, doses, owed = (max(one.short[n] for one in found) for n in range(3))
    return f"{minutes}/{doses} min, {owed}"


def _goals(size: int, results: dict[str, list[Result]], bounds: list[int | None]) -> list[str]:
    lines = []
    mine = results["ours"]
    if size in FULL_WITHIN:
        late = max((one.full if one.full is not None else float("inf")) for one in mine)
        lines.append(_goal("nobody short, seconds, worst", late, FULL_WITHIN[size]))
    over = [one.cost / bound - 1 for one, bound in zip(mine, bounds, strict=True) if bound]
    if size in OVER_BOUND and over:
        lines.append(_goal("cost over the linear bound, worst", max(over), OVER_BOUND[size]))
    if size in OF_CP_SAT:
        share = max(one.cost / other.cost for one, other in zip(mine, results["cp-sat"], strict=True))
        lines.append(_goal("cost beside one CP-SAT solve, worst", share, OF_CP_SAT[size]))
    if size in GIB_MOST:
        lines.append(
            _goal("memory of one solve, GiB, worst", max(one.memory for one in mine) / _GIB, GIB_MOST[size])
        )
    beside = max(
        one.cost / min(results[method][n].cost for method in METHODS if method != "ours")
        for n, one in enumerate(mine)
    )
    lines.append(_goal("cost beside the best other method, worst", beside, 1.0))
    return lines


def _goal(what: str, value: float, most: float) -> str:
    return f"  {what:<44}{value:>8.3f}   goal <= {most:<6.2f} {'held' if value <= most else 'MISSED'}"


if __name__ == "__main__":
    main()
