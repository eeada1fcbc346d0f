"""Parts of a week: what is freed is solved, what is not freed stands, and nothing that could be better is left out."""

from __future__ import annotations

import random

import numpy as np
import pytest

from weekplan import neighbourhoods
from weekplan.between import Found, News, Relaxed, Task
from weekplan.greedy import greedy
from weekplan.linear import Ints
from weekplan.make import make
from weekplan.neighbourhoods import ALL, Part, Week, freed, week_of
from weekplan.searching import promising, search
from weekplan.subsolve import solve_part
from weekplan.week import WeekModel

KINDS = {kind.__name__: kind for kind in ALL}


@pytest.fixture(scope="module")
def model() -> WeekModel:
    return WeekModel(make(15, 3))


@pytest.fixture(scope="module")
def start(model: WeekModel) -> Ints:
    return model.point(greedy(model.case))


def a_week(model: WeekModel, point: Ints) -> Week:
    return week_of(model.matrix, model.groups, point)


@pytest.mark.parametrize("name", KINDS)
def test_a_part_is_no_dearer_afterwards_and_keeps_every_rule_and_all_that_was_not_freed(
    model: WeekModel, start: Ints, name: str
) -> None:
    week = a_week(model, start)
    for seed in range(4):
        free = freed(week, KINDS[name](week, random.Random(seed), 20))
        assert free.any()
        solved = solve_part(model.matrix, start, free, seconds=20, work=2, seed=1)
        assert solved.point is not None
        assert solved.cost <= model.matrix.objective(start)
        assert len(model.matrix.broken(solved.point)) == 0
        assert (solved.point[~free] == start[~free]).all()


@pytest.mark.parametrize("name", KINDS)
def test_days_that_are_left_out_of_a_part_could_not_have_been_chosen(
    model: WeekModel, start: Ints, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = a_week(model, start)

    def choose() -> Part:
        return KINDS[name](week, random.Random(5), 12)

    few = freed(week, choose())
    monkeypatch.setattr(neighbourhoods, "_possible", lambda _, free: free)
    all_of_them = freed(week, choose())
    assert (few <= all_of_them).all()
    assert not start[all_of_them & ~few].any()
    answers = [
        solve_part(model.matrix, start, free, seconds=60, work=0, seed=1) for free in (few, all_of_them)
    ]
    assert [one.proved for one in answers] == [True, True]
    assert answers[0].cost == answers[1].cost


def test_a_part_around_a_leader_frees_a_session_of_hers_and_some_who_sit_in_it(
    model: WeekModel, start: Ints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbourhoods, "_some_slots", lambda week, *_: np.zeros(week.slots, dtype=bool))
    week = a_week(model, start)
    led = model.groups.slot[(model.groups.leader >= 0) & (start > 0) & (model.groups.slot >= 0)]
    who, where = week.sitting()
    for seed in range(20):
        patients, slots, _ = neighbourhoods.around_a_leader(week, random.Random(seed), 24)
        assert set(np.flatnonzero(slots)) & set(led)
        assert patients[who[slots[where]]].any()


def test_by_the_relaxed_week_a_part_loses_what_is_dear_and_nothing_that_stands(
    model: WeekModel, start: Ints
) -> None:
    week, groups = a_week(model, start), model.groups
    reduced = np.zeros(model.matrix.variables)
    reduced[groups.seats] = 1000.0
    relaxed = Relaxed(0, np.zeros(model.matrix.variables), reduced)
    free = np.ones(model.matrix.variables, dtype=bool)
    for seed in range(6):
        left = promising(week, relaxed, free, random.Random(seed))
        assert left[start > 0].all()
        assert not left[groups.seats[start[groups.seats] == 0]].any()


def test_the_search_hears_a_better_week_and_goes_on_from_it(model: WeekModel, start: Ints) -> None:
    better = solve_part(
        model.matrix, start, np.ones(model.matrix.variables, dtype=bool), seconds=20, work=3, seed=1
    )
    assert better.point is not None
    assert better.cost < model.matrix.objective(start)
    said = News(Found(better.point, better.cost, False), None)
    found: list[int] = []
    task = Task(model.matrix, model.groups, start, 1, 10.0, 1.0, first=False)
    search(task, lambda one: found.append(one.cost), lambda: said)
    assert all(cost < better.cost for cost in found)
