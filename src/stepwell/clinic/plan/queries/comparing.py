"""Two versions side by side, as the rule that compares them reads them."""

from __future__ import annotations

from typing import Any

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import Objective, Plan
from stepwell.clinic.saying import date_words


def parts_of(plan: Plan) -> list[rules.Part]:
    """Every problem, goal and objective of a version. No query when the plan is `with_goals`."""
    found = [rules.Part("plan", 0, "", "Strengths and supports", (("Strengths", plan.strengths),))]
    found += [
        rules.Part("diagnosis", d.diagnosis_id, "", f"{d.diagnosis.code} {d.diagnosis.text}",
                   (("Not worked on here", d.because),))
        for d in plan.deferred.all()
    ]  # fmt: skip
    for p in plan.problems.all():
        illness = f"{p.diagnosis.code} {p.diagnosis.text}" if p.diagnosis else ""
        condition = rules.Condition(p.condition).label if p.condition else ""
        facts = (("Problem", p.statement), ("Diagnosis", illness), ("Condition", condition))
        found.append(rules.Part("problem", line_of(p), str(p.number), p.statement, facts))
        for g in p.goals.all():
            number = f"{p.number}.{g.number}"
            found.append(rules.Part("goal", line_of(g), number, f"“{g.words}”", (("Goal", g.words),)))
            found += [_objective(o, f"{number}.{o.number}") for o in g.objectives.all()]
    return found


def line_of(row: Any) -> int:
    """The same number for a part and everything it goes on with."""
    return int(row.first_id or row.pk)


def _objective(row: Objective, number: str) -> rules.Part:
    by = ""
    if row.instrument:
        known = row.instrument in instruments()
        by = load_instrument(row.instrument).title if known else row.instrument
        by += f", {row.scale}" if row.scale else ""
        if row.target_way:
            by += f", {row.target_way.replace('_', ' ')} {row.target_score}"
    facts = (
        ("Measure", row.measure),
        ("Target", row.target),
        ("Date", date_words(row.due_on)),
        ("Measured by", by),
        *((rules.Kind(i.kind).label, _done(i)) for i in row.interventions.all()),
    )
    return rules.Part("objective", line_of(row), number, row.measure, facts)


def _done(row: Any) -> str:
    hours, minutes = divmod(row.minutes_per_week, 60)
    amount = " ".join(filter(None, (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")))
    return ", ".join(filter(None, (f"{amount} a week", row.text, row.who)))


def ended_in(plan: Plan) -> dict[int, str]:
    """Line of an objective -> 'met at the review of 3 May 2026', of those a review of this version closed."""
    objectives = {
        o.pk: line_of(o) for p in plan.problems.all() for g in p.goals.all() for o in g.objectives.all()
    }
    found = {}
    for review in plan.reviews.all():
        for one in review.verdicts.all():
            verdict = rules.Verdict(one.verdict)
            if verdict.closes and one.objective_id in objectives:
                on = date_words(review.at.date())
                why = f": {one.because.rstrip('.')}" if one.because else ""
                word = "met" if verdict is rules.Verdict.MET else "given up"
                found[objectives[one.objective_id]] = f"{word} at the review of {on}{why}"
    return found
