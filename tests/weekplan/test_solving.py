"""Computed weeks, judged by the checker that shares no code with the optimiser."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from weekplan.between import Found, News, Task
from weekplan.bound import Bounding, safe_bound
from weekplan.case import DAY, Case, Fixed, Mode, Span, Standing, Window
from weekplan.check import check
from weekplan.costing import costs
from weekplan.explaining import explain
from weekplan.greedy import greedy
from weekplan.make import make, rough
from weekplan.naming import sessions_of
from weekplan.plan import Plan, Session, Status
from weekplan.searching import search
from weekplan.solving import Progress, solve
from weekplan.standing import clashes
from weekplan.week import WeekModel
from weekplan.writing import case_to_json, plan_to_json

CASES = int(os.environ.get("STEPWELL_WEEK_CASES", "24"))
"""How many rough cases are searched; `make faults` takes more."""
_WORK = 1.2  # deterministic time, as CP-SAT counts it


def judged(case: Case, plan: Plan) -> None:
    report = check(case_to_json(case), plan_to_json(plan))
    assert report.breaches == ()
    assert report.disagreements == ()
    assert report.cost == plan.cost


def searched(case: Case, seconds: float, seed: int = 1) -> tuple[WeekModel, list[Found]]:
    """The search in this process, without its own processes."""
    model = WeekModel(case)
    found: list[Found] = []
    task = Task(model.matrix, model.groups, model.point(greedy(case)), seed, seconds, None)
    search(task, found.append, lambda: News(None, None))
    return model, found


@pytest.mark.parametrize("seed", range(CASES))
def test_no_found_week_of_a_rough_case_breaks_a_rule_or_costs_another_sum(seed: int) -> None:
    case = rough(seed)
    if clashes(case):
        pytest.skip("What is locked in this case breaks a rule by itself; another test is about that.")
    model, found = searched(case, 0.6, seed)
    begun = greedy(case)
    assert len(model.matrix.broken(model.point(begun))) == 0
    assert model.matrix.objective(model.point(begun)) == sum(costs(case, begun).values())
    for one in found[-1:]:
        assert len(model.matrix.broken(one.point)) == 0
        sessions, lost = sessions_of(model.variables, one.point)
        if lost:
            sessions = model.without(sessions, lost)
        by_name = costs(case, sessions)
        counted = model.matrix.objective(model.point(sessions))
        assert counted <= sum(by_name.values()) <= counted + _thin_copies(case, sessions)
        report = check(case_to_json(case), _plan_json(case, sessions))
        assert report.breaches == ()
        assert report.costs == by_name


def _thin_copies(case: Case, sessions: list[Session]) -> int:
    """What the model may miss: it counts the seats of sessions side by side together, and names them later."""
    of: dict[object, list[Session]] = {}
    for one in sessions:
        if one.offer is not None:
            of.setdefault((one.offer, one.span.start, one.mode), []).append(one)
    good = {one.id: one.good for one in case.offers}
    return sum(
        good[one.offer or ""] * case.weights.thin_group_per_seat
        for same in of.values()
        if len(same) > 1
        for one in same
    )


def _plan_json(case: Case, sessions: list[Session]) -> dict[str, object]:
    from weekplan.costing import met

    by_name = costs(case, sessions)
    plan = Plan(
        case.name,
        Status.FEASIBLE,
        tuple(sessions),
        sum(by_name.values()),
        by_name,
        None,
        0.0,
        1,
        met(case, sessions),
    )
    return plan_to_json(plan)


def test_a_small_week_is_solved_to_proof_and_the_checker_agrees() -> None:
    case = make(6, 3)
    heard: list[Progress] = []
    plan = solve(case, seconds=40, seed=1, workers=1, progress=heard.append)
    assert plan.status is Status.OPTIMAL
    assert plan.bound == plan.cost
    assert heard[0].cost >= heard[-1].cost >= plan.cost
    judged(case, plan)


def test_the_same_seed_and_one_worker_give_the_same_week() -> None:
    """The minute is not used up: the week is proved long before."""
    case = make(8, 2)
    one = solve(case, seconds=60, seed=5, workers=1)
    other = solve(case, seconds=60, seed=5, workers=1)
    assert one.sessions == other.sessions


def test_the_same_seed_and_the_same_work_give_the_same_weeks_however_long_they_take() -> None:
    """What a busy machine needs is left out: only the work that was done ends the search."""
    model = WeekModel(make(20, 2))
    begun = model.point(greedy(model.case))

    def heard() -> list[int]:
        found: list[Found] = []
        task = Task(model.matrix, model.groups, begun, 5, 300.0, _WORK, first=False)
        search(task, found.append, lambda: News(None, None))
        return [one.cost for one in found]

    once = heard()
    assert len(once) > 2
    assert heard() == once


def test_two_workers_share_what_they_find_and_stop_when_asked() -> None:
    case = make(12, 1)
    asked = iter([False] * 30)
    plan = solve(case, seconds=60, seed=1, workers=2, stop=lambda: next(asked, True))
    assert plan.seconds < 30
    assert plan.cost <= sum(costs(case, greedy(case)).values())
    judged(case, plan)


def test_the_bound_is_below_every_week_and_any_prices_give_one() -> None:
    case = make(6, 1)
    model = WeekModel(case)
    relaxed = Bounding(model.matrix, 60).wait()
    assert relaxed is not None
    _, found = searched(case, 5)
    assert relaxed.bound <= min([one.cost for one in found], default=10**9)
    zero, _ = safe_bound(model.matrix, np.zeros(model.matrix.rows))
    assert zero <= relaxed.bound


def test_locked_sessions_that_clash_are_named_and_the_answer_is_infeasible() -> None:
    case = make(6, 1)
    offer = case.offers[0]
    leader = case.facilitators[0].id
    room = case.rooms[0].id
    span = Span(offer.starts[0], offer.starts[0] + offer.minutes)
    both = tuple(
        Standing(name, offer.id, None, span, Mode.ON_SITE, room, (leader,), (), Fixed.LOCKED)
        for name in ("one", "two")
    )
    broken = replace(case, standing=both)
    assert clashes(broken) == [
        f"one and two are in room {room} at the same time, and one is locked.",
        f"{leader} leads one and two without the time between, and one is locked.",
    ]
    assert solve(broken, seconds=2).status is Status.INFEASIBLE


def test_somebody_who_can_never_come_is_short_and_told_why_and_what_would_help() -> None:
    case = make(8, 1)
    one = case.patients[0]
    narrow = replace(one, windows=(Window(Span(6 * 60, 7 * 60)),), used_to=())
    case = replace(case, patients=(narrow, *case.patients[1:]))
    plan = solve(case, seconds=8)
    judged(case, plan)
    short = next(each for each in plan.shortfalls if each.patient == one.id)
    assert short.minutes == one.ordered
    assert f"the other groups are held when {one.id} cannot come" in short.because
    assert any("would have to come" in mend.sentence for mend in short.mends)


def test_a_full_week_says_which_seat_would_help() -> None:
    case = make(10, 4)
    tight = replace(case, offers=tuple(replace(one, most=one.least, good=one.least) for one in case.offers))
    week = greedy(tight)
    plan = _plan_of(tight, week)
    for short in explain(tight, plan, seconds=20):
        assert short.because.endswith(".")
        for mend in short.mends:
            assert mend.minutes >= 0


def _plan_of(case: Case, week: tuple[Session, ...]) -> Plan:
    from weekplan.costing import met

    by_name = costs(case, week)
    return Plan(
        case.name, Status.FEASIBLE, week, sum(by_name.values()), by_name, None, 0.0, 1, met(case, week)
    )


def test_nothing_begins_before_now() -> None:
    case = replace(make(8, 1), now=2 * DAY)
    plan = solve(case, seconds=4)
    assert all(one.span.start >= 2 * DAY for one in plan.sessions)
    judged(case, plan)
