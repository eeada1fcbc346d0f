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
from stepwell.clinic.assessment.rules import instruments
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.models import Goal, Intervention, Objective, Plan, Problem
from stepwell.clinic.refusal import Refused

Part = Problem | Goal | Objective | Intervention

_MAY_CHANGE: dict[type, frozenset[str]] = {
    Problem: frozenset({"statement", "diagnosis"}),
    Goal: frozenset({"words"}),
    Objective: frozenset({"measure", "target", "due_on", "instrument"}),
    Intervention: frozenset({"kind", "minutes_per_week", "who", "text"}),
}
_BLANK = {
    "statement": "Write what stands in the way.",
    "words": "Write the goal in the patient's own words.",
    "measure": "Write how one will see that the objective is reached.",
    "target": "Write the target: how much, how often, how long.",
}


@transaction.atomic
def begin_plan(*, by: Actor, at: datetime, episode: Episode) -> Plan:
    """A draft of the next version, with everything of the plan in force that is not met yet.

    What was met stays behind in the version in which it was met. Raises `Refused` when there is a draft
    already, or the episode is closed.
    """
    staff_id = policies.may_write(by, episode)
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
        _write(draft, _unmet(in_force))
    _into_the_trail(by, at, "plan.begin", draft, {"version": draft.version})
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

    A problem: `statement`, `diagnosis` (row or None), `goals`; a goal: `words`, `objectives`; an objective:
    `measure`, `target`, `due_on`, `instrument`, `interventions`; an intervention: `kind`,
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
    *, by: Actor, at: datetime, plan: Plan, statement: str, diagnosis: Diagnosis | None = None
) -> Problem:
    """What stands in the way, with the diagnosis it belongs to, if any."""
    draft = _draft(by, plan)
    facts = _checked(Problem, draft, {"statement": statement, "diagnosis": diagnosis})
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
) -> Objective:
    """A step toward the goal that can be seen, by a day. `instrument`: the questionnaire that measures it."""
    draft = _draft(by, goal.problem.plan)
    given = {"measure": measure, "target": target, "due_on": due_on, "instrument": instrument}
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


def _next(rows: Any) -> int:
    return int(rows.aggregate(Max("number"))["number__max"] or 0) + 1


def _checked(model: type, draft: Plan, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored. Raises `Refused` for blanks and unknown kinds."""
    found: dict[str, Any] = {k: v.strip() if isinstance(v, str) else v for k, v in facts.items()}
    for name, sentence in _BLANK.items():
        if name in found and not found[name]:
            raise Refused(sentence)
    diagnosis = found.get("diagnosis")
    if diagnosis is not None and diagnosis.patient_id != draft.episode.patient_id:
        raise Refused("This diagnosis belongs to another patient.")
    if model is Objective:
        if "due_on" in found and found["due_on"] is None:
            raise Refused("Give the objective a day by which it should be reached.")
        if found.get("instrument") and found["instrument"] not in instruments():
            raise Refused(f"There is no questionnaire called {found['instrument']}.")
    if model is Intervention:
        kinds = {kind.value for kind in rules.Kind}
        if "kind" in found and found["kind"] not in kinds:
            raise Refused(f"There is no kind of treatment {found['kind']}; choose one from the list.")
        if "minutes_per_week" in found and not 1 <= int(found["minutes_per_week"] or 0) <= 3000:
            raise Refused("An intervention takes 1 minute to 50 hours a week; correct the minutes.")
    return found


def _write(draft: Plan, problems: Sequence[Mapping[str, Any]]) -> None:
    """Insert a tree, one statement for each kind of part."""
    made_problems: list[Problem] = []
    made_goals: list[Goal] = []
    made_objectives: list[Objective] = []
    made_interventions: list[Intervention] = []
    for p, problem in enumerate(problems, start=1):
        facts = {"statement": problem["statement"], "diagnosis": problem.get("diagnosis")}
        made_problems.append(Problem(plan=draft, number=p, **_checked(Problem, draft, facts)))
        for g, goal in enumerate(problem.get("goals", ()), start=1):
            words = _checked(Goal, draft, {"words": goal["words"]})
            made_goals.append(Goal(problem=made_problems[-1], number=g, **words))
            for o, objective in enumerate(goal.get("objectives", ()), start=1):
                facts = {k: objective.get(k, "") for k in ("measure", "target", "instrument")}
                facts["due_on"] = objective["due_on"]
                columns = _checked(Objective, draft, facts)
                made_objectives.append(Objective(goal=made_goals[-1], number=o, **columns))
                for one in objective.get("interventions", ()):
                    facts = {k: one.get(k, "") for k in ("kind", "minutes_per_week", "who", "text")}
                    columns = _checked(Intervention, draft, facts)
                    made_interventions.append(Intervention(objective=made_objectives[-1], **columns))
    Problem.objects.bulk_create(made_problems)
    Goal.objects.bulk_create(made_goals)
    Objective.objects.bulk_create(made_objectives)
    Intervention.objects.bulk_create(made_interventions)


def _unmet(plan: Plan) -> list[dict[str, Any]]:
    """The tree of a plan without what is met, and without goals and problems that have nothing left."""
    met = queries.met_ids(plan)
    problems = []
    for problem in plan.problems.all():
        goals = []
        for goal in problem.goals.all():
            left = [o for o in goal.objectives.all() if o.pk not in met]
            if left:
                goals.append({"words": goal.words, "objectives": [_objective(o) for o in left]})
        if goals:
            problems.append({"statement": problem.statement, "diagnosis": problem.diagnosis, "goals": goals})
    return problems


def _objective(row: Objective) -> dict[str, Any]:
    return {
        "measure": row.measure,
        "target": row.target,
        "due_on": row.due_on,
        "instrument": row.instrument,
        "interventions": [
            {"kind": i.kind, "minutes_per_week": i.minutes_per_week, "who": i.who, "text": i.text}
            for i in row.interventions.all()
        ],
    }


def _into_the_trail(by: Actor, at: datetime, action: str, plan: Plan, detail: Mapping[str, Any]) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Plan {plan.pk}",
        patient_id=plan.episode.patient_id,
        detail=detail,
    )
