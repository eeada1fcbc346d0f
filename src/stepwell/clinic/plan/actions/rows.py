"""The rows of a draft as they are stored: what each part must hold, and whole trees of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan import queries, rules
from stepwell.clinic.plan.models import Goal, Intervention, Objective, Plan, Problem
from stepwell.clinic.refusal import Refused

_BLANK = {
    "statement": "Write what stands in the way.",
    "words": "Write the goal in the patient's own words.",
    "measure": "Write how one will see that the objective is reached.",
    "target": "Write the target: how much, how often, how long.",
}


def _checked(model: type, draft: Plan, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored. Raises `Refused` for blanks and unknown kinds."""
    found: dict[str, Any] = {k: v.strip() if isinstance(v, str) else v for k, v in facts.items()}
    for name, sentence in _BLANK.items():
        if name in found and not found[name]:
            raise Refused(sentence)
    if model is Problem:
        _check_problem(draft, found)
    if model is Objective:
        _check_objective(found)
    if model is Intervention:
        kinds = {kind.value for kind in rules.Kind}
        if "kind" in found and found["kind"] not in kinds:
            raise Refused(f"There is no kind of treatment {found['kind']}; choose one from the list.")
        if "minutes_per_week" in found and not 1 <= int(found["minutes_per_week"] or 0) <= 3000:
            raise Refused("An intervention takes 1 minute to 50 hours a week; correct the minutes.")
    return found


def _check_problem(draft: Plan, found: dict[str, Any]) -> None:
    diagnosis = found.get("diagnosis")
    if diagnosis is not None and diagnosis.patient_id != draft.episode.patient_id:
        raise Refused("This diagnosis belongs to another patient.")
    if diagnosis is not None and not found.get("condition"):
        found["condition"] = rules.condition_of(diagnosis.code).value
    if found.get("condition") and found["condition"] not in {c.value for c in rules.Condition}:
        raise Refused("Choose which condition the problem belongs to from the list.")


def _check_objective(found: dict[str, Any]) -> None:
    if "due_on" in found and found["due_on"] is None:
        raise Refused("Give the objective a day by which it should be reached.")
    instrument, scale = found.get("instrument", ""), found.get("scale", "")
    if instrument and instrument not in instruments():
        raise Refused(f"There is no questionnaire called {instrument}.")
    if scale and (not instrument or scale not in {s.code for s in load_instrument(instrument).subscales}):
        raise Refused("The questionnaire has no such scale; choose one of its own, or the total.")
    way, score = found.get("target_way", ""), found.get("target_score")
    if not way and score is None:
        return
    if not instrument or way not in {w.value for w in rules.Way} or score is None:
        raise Refused("A score to reach needs a questionnaire, at most or at least, and a number.")
    if not -1000 <= int(score) <= 1000:
        raise Refused("The score to reach is out of range; correct the number.")


def _write(draft: Plan, problems: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Insert a tree behind what is there, one statement for each kind of part; the problems made."""
    made_problems: list[Problem] = []
    made_goals: list[Goal] = []
    made_objectives: list[Objective] = []
    made_interventions: list[Intervention] = []
    there = _next(draft.problems.all())
    for p, problem in enumerate(problems, start=there):
        facts = {"statement": problem["statement"], "diagnosis": problem.get("diagnosis")}
        facts["condition"] = problem.get("condition", "")
        columns = _checked(Problem, draft, facts)
        made_problems.append(Problem(plan=draft, number=p, first_id=problem.get("first"), **columns))
        for g, goal in enumerate(problem.get("goals", ()), start=1):
            words = _checked(Goal, draft, {"words": goal["words"]})
            made_goals.append(Goal(problem=made_problems[-1], number=g, first_id=goal.get("first"), **words))
            for o, objective in enumerate(goal.get("objectives", ()), start=1):
                made_objectives.append(_objective_row(draft, made_goals[-1], o, objective))
                made_interventions += _intervention_rows(draft, made_objectives[-1], objective)
    Problem.objects.bulk_create(made_problems)
    Goal.objects.bulk_create(made_goals)
    Objective.objects.bulk_create(made_objectives)
    Intervention.objects.bulk_create(made_interventions)
    return made_problems


def _objective_row(draft: Plan, goal: Goal, number: int, facts: Mapping[str, Any]) -> Objective:
    names = ("measure", "target", "instrument", "scale", "target_way")
    given = {name: facts.get(name, "") for name in names}
    given |= {"due_on": facts["due_on"], "target_score": facts.get("target_score")}
    return Objective(
        goal=goal, number=number, first_id=facts.get("first"), **_checked(Objective, draft, given)
    )


def _intervention_rows(draft: Plan, objective: Objective, facts: Mapping[str, Any]) -> list[Intervention]:
    names = ("kind", "minutes_per_week", "who", "text")
    return [
        Intervention(objective=objective, **_checked(Intervention, draft, {k: one.get(k, "") for k in names}))
        for one in facts.get("interventions", ())
    ]


def _going_on(plan: Plan) -> list[dict[str, Any]]:
    """The tree of a plan without what is met or given up, and without goals and problems that have nothing left."""
    closed = queries.met_ids(plan) | queries.given_up_ids(plan)
    problems = []
    for problem in plan.problems.all():
        goals = []
        for goal in problem.goals.all():
            left = [o for o in goal.objectives.all() if o.pk not in closed]
            if left:
                kept = [_objective(o) for o in left]
                goals.append({"words": goal.words, "first": goal.first_id or goal.pk, "objectives": kept})
        if goals:
            problems.append(
                {
                    "statement": problem.statement,
                    "diagnosis": problem.diagnosis,
                    "condition": problem.condition,
                    "first": problem.first_id or problem.pk,
                    "goals": goals,
                }
            )
    return problems


def _objective(row: Objective) -> dict[str, Any]:
    names = ("measure", "target", "due_on", "instrument", "scale", "target_way", "target_score")
    return {name: getattr(row, name) for name in names} | {
        "first": row.first_id or row.pk,
        "interventions": [
            {"kind": i.kind, "minutes_per_week": i.minutes_per_week, "who": i.who, "text": i.text}
            for i in row.interventions.all()
        ],
    }


def _next(rows: Any) -> int:
    return int(rows.aggregate(Max("number"))["number__max"] or 0) + 1
