"""A part of the week solved exactly: some variables free, all others as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from weekplan.linear import INFINITE, Ints, Mask, Matrix

SMALL: Final = 1500
"""A part with fewer variables is solved as it is: to look it over first takes longer than it saves."""


@dataclass(frozen=True, slots=True)
class Solved:
    """`point` is None if nothing as good as the standing point was found; `proved`: no better one exists."""

    point: Ints | None
    cost: int
    proved: bool
    work: float  # CP-SAT's deterministic time
    bound: float = -float("inf")


def solve_part(
    matrix: Matrix,
    point: Ints,
    free: Mask,
    *,
    seconds: float,
    work: float,
    seed: int,
    workers: int = 1,
    sums: Ints | None = None,
) -> Solved:
    """The best values of the free variables. Ends after `seconds`, or after `work` of deterministic time."""
    numbers = np.flatnonzero(free)
    place = np.full(matrix.variables, -1, dtype=np.int64)
    place[numbers] = np.arange(len(numbers))
    inside = free[matrix.column]
    rows = np.unique(matrix.row_of[inside])
    if sums is None:
        sums = matrix.activity(point)
    part = np.zeros(matrix.rows, dtype=np.int64)
    np.add.at(part, matrix.row_of[inside], matrix.value[inside] * point[matrix.column[inside]])
    rest = sums - part
    model = cp_model.CpModel()
    proto = model.proto
    lower, upper, hint = matrix.lower[numbers], matrix.upper[numbers], point[numbers]
    for low, high in zip(lower.tolist(), upper.tolist(), strict=True):
        variable = proto.variables.add()
        variable.domain.extend((low, high))
    columns, values = place[matrix.column].tolist(), matrix.value.tolist()
    begin, lows, highs, others = (
        matrix.start.tolist(),
        matrix.low.tolist(),
        matrix.high.tolist(),
        rest.tolist(),
    )
    for row in rows.tolist():
        names, factors = [], []
        for index in range(begin[row], begin[row + 1]):
            if columns[index] >= 0:
                names.append(columns[index])
                factors.append(values[index])
        linear = proto.constraints.add().linear
        linear.vars.extend(names)
        linear.coeffs.extend(factors)
        low = lows[row] - others[row] if lows[row] > -INFINITE else -(2**40)
        high = highs[row] - others[row] if highs[row] < INFINITE else 2**40
        linear.domain.extend((low, high))
    costs = matrix.cost[numbers]
    paid = np.flatnonzero(costs)
    proto.objective.vars.extend(paid.tolist())
    proto.objective.coeffs.extend(costs[paid].tolist())
    proto.solution_hint.vars.extend(range(len(numbers)))
    proto.solution_hint.values.extend(hint.tolist())
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.num_workers = workers
    settings.linearization_level = 2
    settings.cp_model_presolve = len(numbers) > SMALL
    settings.cp_model_probing_level = 0  # parts are plain: it takes longer than it saves
    settings.add_lp_constraints_lazily = False
    settings.symmetry_level = 0
    settings.max_time_in_seconds = seconds
    if work:
        settings.max_deterministic_time = work
    settings.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solved(None, 0, False, solver.response_proto.deterministic_time)
    found = point.copy()
    found[numbers] = np.array(list(solver.response_proto.solution), dtype=np.int64)
    return Solved(
        found,
        matrix.objective(found),
        status == cp_model.OPTIMAL,
        solver.response_proto.deterministic_time,
        solver.best_objective_bound,
    )
