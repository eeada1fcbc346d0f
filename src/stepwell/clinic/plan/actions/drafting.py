"""Writing a draft: it may be changed freely until the clinician signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.models import Diagnosis
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.actions.rows import _checked, _going_on, _next, _write
from stepwell.clinic.plan.models import DeferredDiagnosis, Goal, Intervention, Objective, Plan, Problem
from stepwell.clinic.refusal import Refused

Part = Problem | Goal | Objective | Intervention

_MAY_CHANGE: dict[type, frozenset[str]] = {
    Problem: frozenset({"statement", "diagnosis", "condition"}),
    Goal: frozenset({"words"}),
    Objective: frozenset(
        {"measure", "target", "due_on", "instrument", "scale", "target_way", "target_score"}
    ),
    Intervention: frozenset({"kind", "minutes_per_week", "who", "text"}),
}


@transaction.atomic
def begin_plan(*, by: Actor, at: datetime, episode: Episode) -> Plan:
    """A draft of the next version, with everything of the plan in force that goes on.

    What was met or given up stays behind in the version in which it was. Raises `Refused` when there is a draft
    already, or the episode is closed.
    """
    staff_id = policies.may_write(by, episode)
    draft = _begun(staff_id, at, episode)
    _into_the_trail(by, at, "plan.begin", draft, {"version": draft.version})
    return draft


def _begun(staff_id: int, at: datetime, episode: Episode) -> Plan:
    """The draft with what goes on of the plan in force. Raises `Refused` for a second draft."""
    locked = _open_episode(episode)
    last = Plan.objects.filter(episode=locked).aggregate(Max("version"))["version__max"] or 0
    try:
        with transaction.atomic():
            draft = Plan.objects.create(
                episode=locked,
                version=last + 1,
                review_due_on=rules.review_due(queries.site_day(locked, at)),
                begun_at=at,
                begun_by_id=staff_id,
            )
    except IntegrityError as twice:  # one_plan_in_draft
        raise Refused("A draft has been begun already; go on with that one.") from twice
    in_force = queries.whole(Plan.objects.filter(queries.IN_FORCE, episode=locked)).first()
    if in_force is not None:
        draft.strengths = in_force.strengths
        draft.save(update_fields=["strengths"])
        _write(draft, _going_on(in_force))
        DeferredDiagnosis.objects.bulk_create(
            DeferredDiagnosis(plan=draft, diagnosis=d.diagnosis, because=d.because)
            for d in in_force.deferred.all()
            if d.diagnosis.ended_at is None
        )
    return draft


@transaction.atomic
def save_plan(
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    problems: Sequence[Mapping[str, Any]] | None = None,
    strengths: str | None = None,
) -> Plan:
    """Put a whole tree in the place of what the draft holds; None leaves that part as it is.

    A problem: `statement`, `diagnosis` (row or None), `condition`, `goals`; a goal: `words`, `objectives`; an
    objective: `measure`, `target`, `due_on`, `instrument`, `scale`, `target_way`, `target_score`, `interventions`;
    `first` in each: the id of the row it goes on with, if any; an intervention: `kind`,
    `minutes_per_week`, `who`, `text`. Raises `Refused` for a signed plan, blanks, or an unknown kind.
    """
    draft = _draft(by, plan)
    if problems is not None:
        draft.problems.all().delete()
        _write(draft, problems)
    if strengths is not None:
        draft.strengths = strengths.strip()
        draft.save(update_fields=["strengths"])
    _into_the_trail(by, at, "plan.save", draft, {"problems": len(problems or ())})
    return draft


@transaction.atomic
def add_problem(
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    statement: str,
    diagnosis: Diagnosis | None = None,
    condition: str = "",
) -> Problem:
    """What stands in the way, with the diagnosis it belongs to, if any; without words the diagnosis says the condition."""
    draft = _draft(by, plan)
    facts = _checked(Problem, draft, {"statement": statement, "diagnosis": diagnosis, "condition": condition})
    row = Problem.objects.create(plan=draft, number=_next(draft.problems.all()), **facts)
    _into_the_trail(by, at, "plan.add_problem", draft, {"problem": row.pk})
    return row


@transaction.atomic
def add_goal(*, by: Actor, at: datetime, problem: Problem, words: str) -> Goal:
    """What the patient wants, in the patient's own words."""
    draft = _draft(by, problem.plan)
    facts = _checked(Goal, draft, {"words": words})
    row = Goal.objects.create(problem=problem, number=_next(problem.goals.all()), **facts)
    _into_the_trail(by, at, "plan.add_goal", draft, {"goal": row.pk})
    return row


@transaction.atomic
def add_objective(
    *,
    by: Actor,
    at: datetime,
    goal: Goal,
    measure: str,
    target: str,
    due_on: date,
    instrument: str = "",
    scale: str = "",
    target_way: str = "",
    target_score: int | None = None,
) -> Objective:
    """A step toward the goal that can be seen, by a day. `instrument`: the questionnaire that measures it, by its
    total or a `scale`; `target_way` ('at_most', 'at_least') and `target_score`: what meets it."""
    draft = _draft(by, goal.problem.plan)
    given = {
        "measure": measure, "target": target, "due_on": due_on, "instrument": instrument,
        "scale": scale, "target_way": target_way, "target_score": target_score,
    }  # fmt: skip
    facts = _checked(Objective, draft, given)
    row = Objective.objects.create(goal=goal, number=_next(goal.objectives.all()), **facts)
    _into_the_trail(by, at, "plan.add_objective", draft, {"objective": row.pk})
    return row


@transaction.atomic
def add_intervention(
    *,
    by: Actor,
    at: datetime,
    objective: Objective,
    kind: str,
    minutes_per_week: int,
    who: str = "",
    text: str = "",
) -> Intervention:
    """What is done for the objective: a kind of treatment (`rules.Kind`) and its minutes a week."""
    draft = _draft(by, objective.goal.problem.plan)
    given = {"kind": kind, "minutes_per_week": minutes_per_week, "who": who, "text": text}
    row = Intervention.objects.create(objective=objective, **_checked(Intervention, draft, given))
    _into_the_trail(by, at, "plan.add_intervention", draft, {"intervention": row.pk})
    return row


@transaction.atomic
def change_part(*, by: Actor, at: datetime, part: Part, facts: Mapping[str, Any]) -> Part:
    """Change columns of a problem, goal, objective or intervention of a draft."""
    draft = _draft(by, _plan_of(part))
    unknown = set(facts) - _MAY_CHANGE[type(part)]
    if unknown:
        raise Refused(f"{', '.join(sorted(unknown))} cannot be changed here.")
    if isinstance(part, Objective):
        measured = ("instrument", "scale", "target_way", "target_score")
        facts = {name: getattr(part, name) for name in measured} | dict(facts)
    for name, value in _checked(type(part), draft, facts).items():
        setattr(part, name, value)
    part.save(update_fields=list(facts))
    _into_the_trail(by, at, f"plan.change_{_word(part)}", draft, {_word(part): part.pk})
    return part


@transaction.atomic
def remove_part(*, by: Actor, at: datetime, part: Part) -> None:
    """Take a part out of a draft with all that hangs on it; the numbers close up."""
    draft = _draft(by, _plan_of(part))
    word, number = _word(part), part.pk
    siblings = _siblings(part)
    part.delete()
    for place, row in enumerate(siblings, start=1):
        if row.number != place:
            row.number = place
            row.save(update_fields=["number"])
    _into_the_trail(by, at, f"plan.remove_{word}", draft, {word: number})


def _open_episode(episode: Episode) -> Episode:
    locked = Episode.objects.select_for_update(of=("self",)).select_related("site").get(pk=episode.pk)
    if locked.closed_at is not None:
        raise Refused("The episode is closed; its plan cannot be changed any more.")
    return locked


def _draft(by: Actor, plan: Plan) -> Plan:
    """The draft, locked, so that nothing is added while it is being signed."""
    locked = Plan.objects.select_for_update(of=("self",)).select_related("episode__site").get(pk=plan.pk)
    policies.may_write(by, locked.episode)
    if locked.signed_at is not None:
        raise Refused("A signed plan is never changed; begin a new version instead.")
    if locked.episode.closed_at is not None:
        raise Refused("The episode is closed; its plan cannot be changed any more.")
    return locked


def _plan_of(part: Part) -> Plan:
    if isinstance(part, Problem):
        return part.plan
    if isinstance(part, Goal):
        return part.problem.plan
    if isinstance(part, Objective):
        return part.goal.problem.plan
    return part.objective.goal.problem.plan


def _siblings(part: Part) -> list[Any]:
    """The parts beside this one that carry numbers, in their order."""
    if isinstance(part, Problem):
        rows: Any = Problem.objects.filter(plan=part.plan)
    elif isinstance(part, Goal):
        rows = Goal.objects.filter(problem=part.problem)
    elif isinstance(part, Objective):
        rows = Objective.objects.filter(goal=part.goal)
    else:
        return []
    return list(rows.exclude(pk=part.pk).order_by("number"))


def _word(part: Part) -> str:
    return type(part).__name__.lower()


def _into_the_trail(by: Actor, at: datetime, action: str, plan: Plan, detail: Mapping[str, Any]) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Plan {plan.pk}",
        patient_id=plan.episode.patient_id,
        detail=detail,
    )
