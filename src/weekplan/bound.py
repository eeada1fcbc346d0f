"""The linear bound: no week can cost less.

HiGHS solves the relaxation by its interior-point method, without crossover, in a process of its own: HiGHS and
OR-Tools cannot live in one process. The answer is safe whatever the solver's tolerances: from its row prices the
bound is computed anew, and every choice of prices gives a valid one (Lagrangian duality).
"""

from __future__ import annotations

import io
import math
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from weekplan.linear import INFINITE, Matrix

Floats = npt.NDArray[np.float64]

_SLACK: Final = 1e-6
"""Below this a bound is rounded down to the whole point: the arithmetic is in floating point."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """`bound`: whole points that no week undercuts. `point`: the relaxed week. `reduced`: what each variable
    would add to the bound if it were raised by one."""

    bound: int
    point: Floats
    reduced: Floats


def safe_bound(matrix: Matrix, prices: Floats) -> tuple[int, Floats]:
    """The Lagrangian bound of row prices, with the reduced costs. A price of the wrong sign for a one-sided row is 0."""
    prices = np.where((matrix.low <= -INFINITE) & (prices > 0), 0.0, prices)
    prices = np.where((matrix.high >= INFINITE) & (prices < 0), 0.0, prices)
    side = np.where(prices >= 0, matrix.low, matrix.high).astype(np.float64)
    pulled = np.zeros(matrix.variables)
    np.add.at(pulled, matrix.column, matrix.value * prices[matrix.row_of])
    reduced = matrix.cost - pulled
    value = float((prices * side).sum())
    value += float(np.where(reduced >= 0, reduced * matrix.lower, reduced * matrix.upper).sum())
    return math.ceil(value - _SLACK * max(1.0, abs(value))) + matrix.constant, reduced


class Bounding:
    """A relaxation being solved beside the search. `answer()` looks without waiting."""

    def __init__(self, matrix: Matrix, seconds: float) -> None:
        self._matrix = matrix
        self._child = subprocess.Popen(
            [sys.executable, "-m", "weekplan.bound", str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._child.stdin is not None
        sent = io.BytesIO()
        np.savez(
            sent,
            lower=matrix.lower,
            upper=matrix.upper,
            cost=matrix.cost,
            low=matrix.low,
            high=matrix.high,
            start=matrix.start,
            column=matrix.column,
            value=matrix.value,
        )
        self._child.stdin.write(sent.getvalue())
        self._child.stdin.close()

    def wait(self) -> Relaxed | None:
        """Waits for the relaxation; None if it could not be solved in its time."""
        assert self._child.stdout is not None
        got = self._child.stdout.read()
        self._child.wait()
        if not got:
            return None
        with np.load(io.BytesIO(got)) as arrays:
            point, prices = arrays["point"], arrays["prices"]
        bound, reduced = safe_bound(self._matrix, prices)
        return Relaxed(bound, point, reduced)

    def stop(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()


def _solve(arrays: dict[str, npt.NDArray[np.int64]], seconds: float) -> tuple[Floats, Floats] | None:
    import highspy  # only here: HiGHS and OR-Tools cannot share a process

    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("solver", "ipm")
    highs.setOptionValue("run_crossover", "off")
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("time_limit", seconds)
    lp = highspy.HighsLp()
    lp.num_col_ = len(arrays["lower"])
    lp.num_row_ = len(arrays["low"])
    lp.col_cost_ = arrays["cost"].astype(np.float64)
    lp.col_lower_ = arrays["lower"].astype(np.float64)
    lp.col_upper_ = arrays["upper"].astype(np.float64)
    endless = highspy.kHighsInf
    lp.row_lower_ = np.where(arrays["low"] <= -INFINITE, -endless, arrays["low"]).astype(np.float64)
    lp.row_upper_ = np.where(arrays["high"] >= INFINITE, endless, arrays["high"]).astype(np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = arrays["start"].astype(np.int32)
    lp.a_matrix_.index_ = arrays["column"].astype(np.int32)
    lp.a_matrix_.value_ = arrays["value"].astype(np.float64)
    highs.passModel(lp)
    highs.run()
    solution = highs.getSolution()
    if not solution.dual_valid and not len(solution.row_dual):
        return None
    return np.array(solution.col_value), np.array(solution.row_dual)


def _main() -> None:
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as loaded:
        answer = _solve(dict(loaded), float(sys.argv[1]))
    if answer is not None:
        out = io.BytesIO()
        np.savez(out, point=answer[0], prices=answer[1])
        sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    _main()
