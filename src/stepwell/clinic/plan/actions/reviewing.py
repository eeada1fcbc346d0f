"""The team looks again: what became of each objective, what follows, when next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.actions.drafting import _begun
from stepwell.clinic.plan.actions.signing import _locked, _next_review
from stepwell.clinic.plan.models import Objective, ObjectiveVerdict, Plan, PlanReview
from stepwell.clinic.refusal import Refused


@transaction.atomic
def review_plan(
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    outcome: str,
    summary: str,
    met: Collection[int] = (),
    found: Sequence[rules.Found] = (),
    facts: Sequence[str] = (),
    next_due_on: date | None = None,
    begin_next: bool = False,
) -> PlanReview:
    """The team has looked: what was found of each objective, what follows, when next (by the rule without a day).

    `outcome`: code of `rules.ReviewOutcome`; `found`: verdicts on objectives of this plan, and `met` ids that are
    met besides; `facts`: what the review was prepared with. `begin_next`: a draft of the next version is begun with
    it, without what is met or given up, unless there is one. Raises `Refused` for a plan that is not in force, an
    unknown outcome, a blank summary, an objective given up without a reason, or a next day that is not ahead.
    """
    staff_id = policies.may_write(by, plan.episode)
    locked = _locked(plan)
    if locked.signed_at is None or locked.superseded_at is not None:
        raise Refused("Only the plan in force is reviewed; open it and review that one.")
    if locked.episode.closed_at is not None:
        raise Refused("The episode is closed; its plan is reviewed no more.")
    if outcome not in {one.value for one in rules.ReviewOutcome}:
        raise Refused("Choose what the review ends in.")
    if not summary.strip():
        raise Refused("Write what the team saw, in a sentence or two.")
    today = queries.site_day(locked.episode, at)
    due = next_due_on or _next_review(locked.episode, today)
    if due <= today:
        raise Refused("The next review must be after today; correct the date.")
    verdicts = [*found, *(rules.Found(number, rules.Verdict.MET) for number in sorted(set(met)))]
    rules.may_conclude(verdicts, _objectives(locked))
    review = PlanReview.objects.create(
        plan=locked,
        outcome=outcome,
        summary=summary.strip(),
        met=sorted({one.objective for one in verdicts if one.verdict is rules.Verdict.MET}),
        facts=list(facts),
        next_due_on=due,
        at=at,
        by_id=staff_id,
    )
    ObjectiveVerdict.objects.bulk_create(
        ObjectiveVerdict(
            review=review,
            objective_id=one.objective,
            verdict=one.verdict.value,
            because=" ".join(one.because.split())[:300],
        )
        for one in {one.objective: one for one in verdicts}.values()
    )
    draft = None
    if begin_next and not Plan.objects.filter(queries.IN_DRAFT, episode=locked.episode_id).exists():
        draft = _begun(staff_id, at, locked.episode)
    trail.record(
        by=by,
        at=at,
        action="plan.review",
        subject=f"Plan {locked.pk}",
        patient_id=locked.episode.patient_id,
        detail={"review": review.pk, "outcome": outcome, "met": review.met, "next": due}
        | ({"begun": draft.version} if draft else {}),
    )
    return review


def _objectives(plan: Plan) -> set[int]:
    return set(Objective.objects.filter(goal__problem__plan=plan).values_list("pk", flat=True))
