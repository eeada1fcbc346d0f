"""A plan is signed whole or not at all; its dose is what it orders."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.placement.rules import Level, hours_band
from stepwell.clinic.plan.rules import (
    Condition,
    Goal,
    Intervention,
    Kind,
    MissingPart,
    Objective,
    Plan,
    Problem,
    first_plan_due,
    less_than_ordered,
    may_sign,
    missing_parts,
    most_due_first,
    outside_the_level,
    review_due,
    weekly_dose,
)
from stepwell.clinic.refusal import Refused

USE = Condition.SUBSTANCE_USE
SKILLS = Intervention(Kind.SKILLS, 360, "Relapse-prevention group")
TALK = Intervention(Kind.INDIVIDUAL, 60)
GOOD = Objective(1, "Days without drinking", "28 of 28", date(2026, 5, 1), (SKILLS, TALK))


def plan_with(objective: Objective) -> Plan:
    return Plan((Problem(1, "Drinks daily.", (Goal(1, "I want my license back.", (objective,)),), USE),))


WHOLE = plan_with(GOOD)


def test_a_whole_plan_may_be_signed() -> None:
    assert missing_parts(WHOLE) == ()
    may_sign(WHOLE)


@pytest.mark.parametrize(
    ("plan", "sentences"),
    [
        (Plan(), ["Plan has no problem."]),
        (
            Plan((Problem(1, " "),)),
            [
                "Problem 1 has no statement.",
                "Problem 1 has no condition that it belongs to.",
                "Problem 1 has no goal.",
            ],
        ),
        (Plan((Problem(2, "Anxious.", (Goal(1, "Sleep."),), USE),)), ["Problem 2, goal 1 has no objective."]),
        (plan_with(replace(GOOD, measure="")), ["Problem 1, goal 1, objective 1 has no measure."]),
        (plan_with(replace(GOOD, target="\t")), ["Problem 1, goal 1, objective 1 has no target."]),
        (plan_with(replace(GOOD, due=None)), ["Problem 1, goal 1, objective 1 has no date."]),
        (plan_with(replace(GOOD, interventions=())), ["Problem 1, goal 1, objective 1 has no intervention."]),
        (
            plan_with(replace(GOOD, interventions=(Intervention(None, 0),))),
            [
                "Problem 1, goal 1, objective 1 has no kind of treatment for an intervention.",
                "Problem 1, goal 1, objective 1 has no weekly minutes for an intervention.",
            ],
        ),
    ],
)
def test_every_missing_part_is_named(plan: Plan, sentences: list[str]) -> None:
    assert [part.sentence for part in missing_parts(plan)] == sentences
    with pytest.raises(Refused) as refusal:
        may_sign(plan)
    assert str(refusal.value) == " ".join(["The plan cannot be signed yet.", *sentences])


def test_one_bare_problem_among_whole_ones_stops_the_signature() -> None:
    plan = Plan((*WHOLE.problems, Problem(2, "No housing.", condition=USE)))
    assert missing_parts(plan) == (MissingPart("problem 2", "goal"),)


def test_the_weekly_dose_adds_up_by_kind() -> None:
    more = replace(GOOD, number=2, interventions=(replace(SKILLS, weekly_minutes=180),))
    plan = Plan((*WHOLE.problems, *plan_with(more).problems))
    assert weekly_dose(plan) == {Kind.SKILLS: 540, Kind.INDIVIDUAL: 60}


def test_a_met_objective_orders_nothing_more() -> None:
    assert weekly_dose(plan_with(replace(GOOD, met=True))) == {}


@given(st.lists(st.tuples(st.sampled_from(Kind), st.integers(1, 600)), max_size=8))
def test_no_minute_is_lost_in_the_dose(ordered: list[tuple[Kind, int]]) -> None:
    interventions = tuple(Intervention(kind, minutes) for kind, minutes in ordered)
    dose = weekly_dose(plan_with(replace(GOOD, interventions=interventions)))
    assert sum(dose.values()) == sum(minutes for _, minutes in ordered)


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (539, "The plan orders 8 h 59 min a week;"),
        (540, None),
        (1199, None),
        (1200, "The plan orders 20 hours a week; the level asks for 9 or more and under 20 hours a week."),
    ],
)
def test_a_dose_outside_the_level_is_told(minutes: int, sentence: str | None) -> None:
    told = outside_the_level({Kind.SKILLS: minutes}, hours_band(Level("2.1")))
    assert (told or "").startswith(sentence or "")
    assert (told is None) == (sentence is None)


@pytest.mark.parametrize(
    ("planned", "ordered", "sentence"),
    [
        (540, 540, None),
        (600, 540, None),
        (540, None, None),
        (
            375,
            540,
            "The plan's treatments come to 6.25 hours a week, 2.75 fewer than the 9 ordered; "
            "add minutes to the plan or lower the order.",
        ),
    ],
)
def test_a_plan_that_doses_less_than_is_ordered_says_so(
    planned: int, ordered: int | None, sentence: str | None
) -> None:
    assert less_than_ordered({Kind.SKILLS: planned}, ordered) == sentence


def test_the_first_plan_is_due_in_a_week_and_reviewed_every_thirty_days() -> None:
    assert first_plan_due(date(2026, 2, 26)) == date(2026, 3, 5)
    assert review_due(date(2026, 1, 31)) == date(2026, 3, 2)


def test_the_most_due_objective_comes_first() -> None:
    today = date(2026, 4, 15)
    overdue = replace(GOOD, number=5, due=date(2026, 4, 14), last_worked_on=date(2026, 4, 14))
    never = replace(GOOD, number=4, due=date(2026, 6, 1))
    left_alone = replace(GOOD, number=3, due=date(2026, 6, 1), last_worked_on=date(2026, 4, 1))
    yesterday = replace(GOOD, number=2, due=date(2026, 4, 20), last_worked_on=date(2026, 4, 14))
    met = replace(GOOD, number=1, met=True)
    ordered = most_due_first([met, yesterday, left_alone, never, overdue], today)
    assert ordered == (overdue, never, left_alone, yesterday)


def test_every_kind_of_treatment_has_words() -> None:
    assert [kind.label for kind in Kind][:3] == ["Skills training", "Process group", "Education"]
    assert len({kind.label for kind in Kind}) == 9
