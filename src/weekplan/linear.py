"""A linear model in whole numbers that belongs to no solver.

Every rule and wish of a week is written once, as rows over variables; CP-SAT, HiGHS and the search over parts
of the week all read the same rows. Coefficients and bounds are integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

INFINITE: Final = 10**9
"""A bound that binds nothing; every sum of a week stays far below."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Linear:
    """Variables `0..n-1` with bounds and costs, rows `low <= sum(coefficient * variable) <= high`."""

    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    constant: int = 0
    row_low: list[int] = field(default_factory=list)
    row_high: list[int] = field(default_factory=list)
    row_start: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    coefficients: list[int] = field(default_factory=list)

    def variable(self, upper: int = 1, *, lower: int = 0, cost: int = 0) -> int:
        """A new variable; its number is the answer."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        return len(self.lower) - 1

    def row(self, terms: Iterable[tuple[int, int]], *, low: int = -INFINITE, high: int = INFINITE) -> None:
        """Adds `low <= sum of coefficient * variable <= high`; terms are (variable, coefficient)."""
        before = len(self.columns)
        for variable, coefficient in terms:
            if coefficient:
                self.columns.append(variable)
                self.coefficients.append(coefficient)
        if len(self.columns) == before:
            if low > 0 or high < 0:
                raise ValueError(f"A row without variables cannot lie between {low} and {high}.")
            return
        self.row_start.append(len(self.columns))
        self.row_low.append(low)
        self.row_high.append(high)

    def sum(self, variables: Sequence[int], *, low: int = -INFINITE, high: int = INFINITE) -> None:
        """A row whose coefficients are all one."""
        self.row(((variable, 1) for variable in variables), low=low, high=high)

    def frozen(self) -> Matrix:
        return Matrix(self)


class Matrix:
    """The same model as arrays, by rows and by columns, for solvers and for cutting parts out of it."""

    def __init__(self, linear: Linear) -> None:
        self.lower: Ints = np.array(linear.lower, dtype=np.int64)
        self.upper: Ints = np.array(linear.upper, dtype=np.int64)
        self.cost: Ints = np.array(linear.cost, dtype=np.int64)
        self.constant = linear.constant
        self.low: Ints = np.array(linear.row_low, dtype=np.int64)
        self.high: Ints = np.array(linear.row_high, dtype=np.int64)
        self.start: Ints = np.array(linear.row_start, dtype=np.int64)
        self.column: Ints = np.array(linear.columns, dtype=np.int64)
        self.value: Ints = np.array(linear.coefficients, dtype=np.int64)
        self.row_of: Ints = np.repeat(np.arange(len(self.low)), np.diff(self.start))
        order = np.argsort(self.column, kind="stable")
        self.by_column_row: Ints = self.row_of[order]
        counts = np.bincount(self.column, minlength=len(self.lower))
        self.column_start: Ints = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)

    @property
    def variables(self) -> int:
        return len(self.lower)

    @property
    def rows(self) -> int:
        return len(self.low)

    def arrays(self) -> dict[str, Ints]:
        """The model as named arrays, rows one after another."""
        return {
            "lower": self.lower,
            "upper": self.upper,
            "cost": self.cost,
            "low": self.low,
            "high": self.high,
            "start": self.start,
            "column": self.column,
            "value": self.value,
        }

    def activity(self, point: Ints) -> Ints:
        """The sum of each row at a point."""
        return np.add.reduceat(self.value * point[self.column], self.start[:-1])

    def objective(self, point: Ints) -> int:
        return int(self.cost @ point) + self.constant

    def broken(self, point: Ints) -> Ints:
        """Numbers of the rows that a point breaks; bounds of variables are not looked at."""
        sums = self.activity(point)
        return np.flatnonzero((sums < self.low) | (sums > self.high))
