"""What stands in a plan: as the rules read it, and as the plain data that a signature covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from stepwell.clinic.assessment.models import Diagnosis
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import Goal, Objective, Plan


def met_ids(plan: Plan) -> frozenset[int]:
    """Objectives that a review of this version found met."""
    reviews = plan.reviews.all()
    return frozenset(number for review in reviews for number in review.met)


def given_up_ids(plan: Plan) -> frozenset[int]:
    """Objectives that a review of this version gave up."""
    return frozenset(
        one.objective_id
        for review in plan.reviews.all()
        for one in review.verdicts.all()
        if one.verdict == rules.Verdict.DISCONTINUED
    )


def standing_without_problem(plan: Plan, diagnoses: Iterable[Diagnosis]) -> tuple[rules.Untreated, ...]:
    """Diagnoses that stand and have neither a problem nor a reason in the plan. No query of its own."""
    return rules.untreated(
        [rules.Standing(d.pk, d.code, d.text) for d in diagnoses],
        {p.diagnosis_id for p in plan.problems.all() if p.diagnosis_id},
        {d.diagnosis_id for d in plan.deferred.all()},
    )


def conditions_of(plan: Plan) -> list[rules.Condition]:
    """The condition of each problem that says one."""
    return [rules.Condition(p.condition) for p in plan.problems.all() if p.condition]


def target_of(row: Objective) -> rules.Target | None:
    """The score that meets an objective; None when none is set."""
    if not row.target_way or row.target_score is None:
        return None
    return rules.Target(rules.Way(row.target_way), row.target_score)


def fingerprint(plan: Plan) -> str:
    """SHA-256 of everything that a signature covers: what was read is what is signed."""
    content = json.dumps(content_of(plan), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def as_rules(plan: Plan) -> rules.Plan:
    """The rows as the rules read them; no query when the plan is `whole`."""
    met, given_up = met_ids(plan), given_up_ids(plan)
    return rules.Plan(
        tuple(
            rules.Problem(
                problem.number,
                problem.statement,
                tuple(
                    rules.Goal(
                        goal.number,
                        goal.words,
                        tuple(objective_as_rules(o, met, given_up=given_up) for o in _objectives(goal)),
                    )
                    for goal in problem.goals.all()
                ),
                rules.Condition(problem.condition) if problem.condition else None,
            )
            for problem in plan.problems.all()
        )
    )


def _objectives(goal: Goal) -> Any:
    return goal.objectives.all()


def objective_as_rules(
    row: Objective,
    met: frozenset[int] = frozenset(),
    last_worked_on: date | None = None,
    given_up: frozenset[int] = frozenset(),
) -> rules.Objective:
    """One objective with its interventions."""
    return rules.Objective(
        number=row.number,
        measure=row.measure,
        target=row.target,
        due=row.due_on,
        interventions=tuple(
            rules.Intervention(rules.Kind(i.kind), i.minutes_per_week, i.text)
            for i in row.interventions.all()
        ),
        met=row.pk in met,
        given_up=row.pk in given_up,
        last_worked_on=last_worked_on,
    )


def content_of(plan: Plan) -> dict[str, Any]:
    """Everything that a signature covers, as plain data; hashed when signed."""
    return {
        "episode": plan.episode_id,
        "version": plan.version,
        "strengths": plan.strengths,
        "deferred": [{"diagnosis": d.diagnosis.code, "because": d.because} for d in plan.deferred.all()],
        "problems": [
            {
                "number": p.number,
                "statement": p.statement,
                "condition": p.condition,
                "diagnosis": p.diagnosis.code if p.diagnosis else None,
                "goals": [
                    {
                        "number": g.number,
                        "words": g.words,
                        "objectives": [
                            {
                                "number": o.number,
                                "measure": o.measure,
                                "target": o.target,
                                "due_on": o.due_on.isoformat(),
                                "instrument": o.instrument,
                                "scale": o.scale,
                                "score": [o.target_way, o.target_score],
                                "interventions": [
                                    {
                                        "kind": i.kind,
                                        "minutes_per_week": i.minutes_per_week,
                                        "who": i.who,
                                        "text": i.text,
                                    }
                                    for i in o.interventions.all()
                                ],
                            }
                            for o in g.objectives.all()
                        ],
                    }
                    for g in p.goals.all()
                ],
            }
            for p in plan.problems.all()
        ],
    }
