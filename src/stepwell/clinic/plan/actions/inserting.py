"""From the library into the draft in a click; the words are changed afterwards. And diagnoses that are put aside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.models import Diagnosis
from stepwell.clinic.people.models import Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.actions.drafting import _draft, _into_the_trail
from stepwell.clinic.plan.actions.rows import _intervention_rows, _next, _objective_row, _write
from stepwell.clinic.plan.models import (
    DeferredDiagnosis,
    Goal,
    Intervention,
    Objective,
    Plan,
    Problem,
    SiteLibrary,
)
from stepwell.clinic.plan.rules.library import ObjectiveText, ProblemText
from stepwell.clinic.refusal import Refused


@transaction.atomic
def insert_problem(
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    text: ProblemText,
    words: str,
    objectives: Collection[int],
    diagnosis: Diagnosis | None = None,
) -> Problem:
    """A problem of the library with one goal in the patient's `words` and the `objectives` chosen by their place.

    Raises `Refused` for a signed plan, without words, and without an objective.
    """
    draft = _draft(by, plan)
    chosen = [one for place, one in enumerate(text.objectives) if place in set(objectives)]
    if not chosen:
        raise Refused("Choose at least one objective, or write the problem by hand.")
    goal = {"words": words, "objectives": [_facts(draft, one, at) for one in chosen]}
    condition = "" if diagnosis else text.condition
    tree = {
        "statement": text.statement, "condition": condition, "diagnosis": diagnosis, "goals": [goal],
    }  # fmt: skip
    (row,) = _write(draft, [tree])
    _into_the_trail(by, at, "plan.insert_problem", draft, {"problem": row.pk, "text": text.key})
    return row


@transaction.atomic
def insert_objective(*, by: Actor, at: datetime, goal: Goal, text: ObjectiveText) -> Objective:
    """An objective of the library with its interventions, in a goal of the draft."""
    draft = _draft(by, goal.problem.plan)
    facts = _facts(draft, text, at)
    row = _objective_row(draft, goal, _next(goal.objectives.all()), facts)
    row.save()
    Intervention.objects.bulk_create(_intervention_rows(draft, row, facts))
    _into_the_trail(by, at, "plan.insert_objective", draft, {"objective": row.pk})
    return row


@transaction.atomic
def defer_diagnosis(
    *, by: Actor, at: datetime, plan: Plan, diagnosis: Diagnosis, because: str
) -> DeferredDiagnosis:
    """The plan says why a diagnosis is not worked on here; a reason said again takes the place of the one before."""
    draft = _draft(by, plan)
    if diagnosis.patient_id != draft.episode.patient_id:
        raise Refused("This diagnosis belongs to another patient.")
    if not because.strip():
        raise Refused("Say why it is not worked on here, such as: treated by the own doctor.")
    row, _ = DeferredDiagnosis.objects.update_or_create(
        plan=draft, diagnosis=diagnosis, defaults={"because": " ".join(because.split())[:300]}
    )
    _into_the_trail(by, at, "plan.defer_diagnosis", draft, {"diagnosis": diagnosis.pk})
    return row


@transaction.atomic
def take_up_diagnosis(*, by: Actor, at: datetime, plan: Plan, diagnosis: Diagnosis) -> None:
    """The reason is taken back: the diagnosis asks for a problem again."""
    draft = _draft(by, plan)
    gone, _ = DeferredDiagnosis.objects.filter(plan=draft, diagnosis=diagnosis).delete()
    if not gone:
        raise Refused("The plan gives no reason for this diagnosis; nothing was changed.")
    _into_the_trail(by, at, "plan.take_up_diagnosis", draft, {"diagnosis": diagnosis.pk})


@transaction.atomic
def take_library(*, by: Actor, at: datetime, site: Site, library: rules.Library) -> SiteLibrary:
    """The site writes plans from these texts from now on; a library of the same key is replaced.

    Raises `Refused` when the site has it already, word for word.
    """
    if not by.is_system:
        need(by, policies.LIBRARIES, site_id=site.pk)
    content = rules.as_file(library)
    last = SiteLibrary.objects.filter(site=site, key=library.key).order_by("-version").first()
    if last is not None and last.content == content:
        raise Refused(f"{library.title} is here already, just as it stands in this file. Nothing was saved.")
    try:
        with transaction.atomic():
            row = SiteLibrary.objects.create(
                site=site,
                key=library.key,
                version=last.version + 1 if last else 1,
                content=content,
                at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as twice:  # plan_library_version_once
        raise Refused(
            "Somebody else replaced these texts meanwhile. Look again; nothing was saved."
        ) from twice
    trail.record(
        by=by,
        at=at,
        action="plan.take_library",
        subject=f"SiteLibrary {row.pk}",
        detail={"key": row.key, "version": row.version, "problems": len(library.problems)},
    )
    return row


def _facts(draft: Plan, text: ObjectiveText, at: datetime) -> dict[str, Any]:
    return {
        "measure": text.measure,
        "target": text.target,
        "due_on": queries.site_day(draft.episode, at) + timedelta(days=text.days),
        "instrument": text.instrument,
        "scale": text.scale,
        "target_way": text.way,
        "target_score": text.score,
        "interventions": [
            {"kind": i.kind, "minutes_per_week": i.minutes, "who": i.who, "text": i.text}
            for i in text.interventions
        ],
    }
