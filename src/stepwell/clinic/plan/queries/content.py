"""What stands in a plan: as the rules read it, and as the plain data that a signature covers."""

from __future__ import annotations

from datetime import date
from typing import Any

from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import Goal, Objective, Plan


def met_ids(plan: Plan) -> frozenset[int]:
    """Objectives that a review of this version found met."""
    reviews = plan.reviews.all()
    return frozenset(number for review in reviews for number in review.met)


def as_rules(plan: Plan) -> rules.Plan:
    """The rows as the rules read them; no query when the plan is `whole`."""
    met = met_ids(plan)
    return rules.Plan(
        tuple(
            rules.Problem(
                problem.number,
                problem.statement,
                tuple(
                    rules.Goal(
                        goal.number, goal.words, tuple(objective_as_rules(o, met) for o in _objectives(goal))
                    )
                    for goal in problem.goals.all()
                ),
            )
            for problem in plan.problems.all()
        )
    )


def _objectives(goal: Goal) -> Any:
    return goal.objectives.all()


def objective_as_rules(
    row: Objective, met: frozenset[int] = frozenset(), last_worked_on: date | None = None
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
        last_worked_on=last_worked_on,
    )


def content_of(plan: Plan) -> dict[str, Any]:
    """Everything that a signature covers, as plain data; hashed when signed."""
    return {
        "episode": plan.episode_id,
        "version": plan.version,
        "strengths": plan.strengths,
        "problems": [
            {
                "number": p.number,
                "statement": p.statement,
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
