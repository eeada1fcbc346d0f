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
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from weekplan.between import Relaxed
from weekplan.linear import INFINITE, Floats, Matrix

_SLACK: Final = 1e-6
"""Below this a bound is rounded down to the whole point: the arithmetic is in floating point."""


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
        np.savez(sent, allow_pickle=False, **matrix.arrays())
        self._child.stdin.write(sent.getvalue())
        self._child.stdin.close()

    def wait(self) -> Relaxed | None:
        """Waits for the relaxation; None if it could not be solved in its time."""
        assert self._child.stdout is not None
        with self._child.stdout as answer:
            got = answer.read()
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


def highs_of(arrays: Mapping[str, npt.NDArray[np.int64]], *, integer: bool = False) -> Any:
    """A HiGHS instance with the model passed in, silent and on one thread. Only in a process without OR-Tools."""
    import highspy  # only here: HiGHS and OR-Tools cannot share a process

    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
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
    if integer:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    highs.passModel(lp)
    return highs


def _solve(arrays: Mapping[str, npt.NDArray[np.int64]], seconds: float) -> tuple[Floats, Floats] | None:
    highs = highs_of(arrays)
    highs.setOptionValue("solver", "ipm")
    highs.setOptionValue("run_crossover", "off")
    highs.setOptionValue("time_limit", seconds)
    highs.run()
    solution = highs.getSolution()
    if not len(solution.row_dual):
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
