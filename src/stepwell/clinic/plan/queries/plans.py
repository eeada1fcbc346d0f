"""Plans, whole and in parts: who may see which, the one in force, the draft, and a session's objectives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Least

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import (
    DeferredDiagnosis,
    Goal,
    Intervention,
    Objective,
    ObjectiveVerdict,
    Plan,
    PlanReview,
    PlanSignature,
    Problem,
)

IN_FORCE = Q(signed_at__isnull=False, superseded_at__isnull=True)
IN_DRAFT = Q(signed_at__isnull=True, superseded_at__isnull=True)


def plans_for(by: Actor) -> Any:
    """Every plan that `by` may see, with `due_on`; a patient sees signed ones only."""
    if by.is_staff:
        plans = Plan.objects.filter(episode__patient__in=patients_for(by, Permission.PLAN_READ))
    else:
        plans = Plan.objects.filter(
            episode__patient__in=patients_for(by, Permission.OWN_RECORD), signed_at__isnull=False
        )
    return _due(plans).select_related("episode__patient__site", "begun_by", "cosigner")


def _due(plans: QuerySet[Plan]) -> Any:
    """Plans with `due_on`: what the last review set, else the signature, or sooner after what happened since."""
    return plans.annotate(
        due_on=Least(
            _by_rule(),
            _later(_moved_on(), rules.days_after(rules.Event.TRANSFER)),
            _later(_relapsed_on(), rules.days_after(rules.Event.RELAPSE)),
            output_field=DateField(),
        ),
    )


def _with_reasons(plans: Any) -> Any:
    """What `due_on` is made of: `rule_due_on`, and `moved_on` and `relapsed_on`, the days at the site of the first
    change of level and the first return to use since the plan was last looked at, or None."""
    return plans.annotate(rule_due_on=_by_rule(), moved_on=_moved_on(), relapsed_on=_relapsed_on())


def _last_review() -> QuerySet[PlanReview]:
    return PlanReview.objects.filter(plan=OuterRef("pk")).order_by("-at", "-pk")


def _by_rule() -> Any:
    return Coalesce(
        Subquery(_last_review().values("next_due_on")[:1]), F("review_due_on"), output_field=DateField()
    )


def _looked_at() -> Any:
    """The last review of the plan outside, else its signature."""
    last = PlanReview.objects.filter(plan=OuterRef(OuterRef("pk"))).order_by("-at", "-pk")
    return Coalesce(Subquery(last.values("at")[:1]), OuterRef("signed_at"))


def _moved_on() -> Any:
    moved = Placement.objects.filter(
        episode=OuterRef("episode_id"), kind__in=rules.moves(), starts_at__gt=_looked_at()
    )
    return _day(Subquery(moved.order_by("starts_at").values("starts_at")[:1]))


def _relapsed_on() -> Any:
    told = Alert.objects.filter(
        patient=OuterRef("episode__patient_id"), kind__in=rules.relapse_alerts(), raised_at__gt=_looked_at()
    )
    return _day(Subquery(told.order_by("raised_at").values("raised_at")[:1]))


def _day(instant: Any) -> Any:
    """The day at the episode's site."""
    return Cast(Func(F("episode__site__zone"), instant, function="timezone"), DateField())


def _later(day: Any, days: int) -> Any:
    return Func(day, Value(days), template="(%(expressions)s)", arg_joiner=" + ", output_field=DateField())


def why_due(plan: Any) -> rules.Due:
    """When a plan of `plans_of` is reviewed, and why then. No query."""
    happened = [(rules.Event.TRANSFER, plan.moved_on), (rules.Event.RELAPSE, plan.relapsed_on)]
    return rules.due_with(plan.rule_due_on, [(event, day) for event, day in happened if day is not None])


def whole(plans: Any) -> Any:
    """The plans with everything in them: nine queries at most, however much they hold."""
    verdicts = Prefetch("verdicts", queryset=ObjectiveVerdict.objects.order_by("objective_id"))
    reviews = PlanReview.objects.select_related("by").order_by("-at", "-pk").prefetch_related(verdicts)
    return with_goals(plans).prefetch_related(
        Prefetch("signatures", queryset=PlanSignature.objects.order_by("at")),
        Prefetch("reviews", queryset=reviews),
    )


def with_goals(plans: Any) -> Any:
    """The plans with what is signed of them (`content_of`): six queries, however much they hold."""
    interventions = Intervention.objects.order_by("pk")
    objectives = Objective.objects.order_by("number").prefetch_related(
        Prefetch("interventions", queryset=interventions)
    )
    goals = Goal.objects.order_by("number").prefetch_related(Prefetch("objectives", queryset=objectives))
    problems = (
        Problem.objects.order_by("number")
        .select_related("diagnosis")
        .prefetch_related(Prefetch("goals", queryset=goals))
    )
    deferred = DeferredDiagnosis.objects.select_related("diagnosis").order_by("diagnosis__code", "pk")
    return plans.prefetch_related(
        Prefetch("problems", queryset=problems), Prefetch("deferred", queryset=deferred)
    )


def plans_of(by: Actor, patient: Patient) -> Any:
    """Every version of every episode's plan, newest first."""
    return _with_reasons(plans_for(by).filter(episode__patient=patient)).order_by(
        "-episode__admitted_at", "-version"
    )


def plan_in_force(by: Actor, patient: Patient) -> Plan | None:
    """The signed plan of the open episode, whole, or None."""
    found: Plan | None = whole(
        plans_of(by, patient).filter(IN_FORCE, episode__closed_at__isnull=True)
    ).first()
    return found


def draft_of(by: Actor, patient: Patient) -> Plan | None:
    """The draft of the open episode, whole, or None."""
    found: Plan | None = whole(
        plans_of(by, patient).filter(IN_DRAFT, episode__closed_at__isnull=True)
    ).first()
    return found


_PARTS = {
    "problem": (Problem, "plan"),
    "goal": (Goal, "problem__plan"),
    "objective": (Objective, "goal__problem__plan"),
    "intervention": (Intervention, "objective__goal__problem__plan"),
}


def part(by: Actor, patient: Patient, kind: str, number: int) -> Any:
    """One part of a draft by its id. Raises `DoesNotExist` for another patient's or one that is signed."""
    model, path = _PARTS[kind]
    drafts = plans_of(by, patient).filter(IN_DRAFT).order_by()
    return model._default_manager.select_related(f"{path}__episode__site").get(
        **{"pk": number, f"{path}__in": drafts}
    )


def objectives_in_force(
    by: Actor, patients: Iterable[int], since: datetime | None = None
) -> dict[int, list[Objective]]:
    """Open objectives of the plans in force: patient id -> objectives in the plan's order. One query.

    For a session's room. Each objective has its goal and problem loaded; those met or given up are left out. With `since`, the
    beginning of a session written up later, they are those of the plan that was in force then: a note written after
    the discharge links what was worked on.
    """
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    not_superseded = Q(goal__problem__plan__superseded_at__isnull=True)
    not_closed = Q(goal__problem__plan__episode__closed_at__isnull=True)
    if since is not None:
        not_superseded |= Q(goal__problem__plan__superseded_at__gt=since)
        not_closed |= Q(goal__problem__plan__episode__closed_at__gt=since)
    closed = ObjectiveVerdict.objects.filter(
        objective=OuterRef("pk"), verdict__in=[v for v in rules.Verdict if v.closes]
    )
    rows = (
        Objective.objects.filter(
            not_superseded,
            not_closed,
            goal__problem__plan__signed_at__isnull=False,
            goal__problem__plan__episode__patient__in=seen.filter(pk__in=list(patients)),
        )
        .select_related("goal__problem")
        .annotate(
            patient_id=F("goal__problem__plan__episode__patient_id"),
            plan_id=F("goal__problem__plan_id"),
            closed=Exists(closed),
        )
        .order_by("goal__problem__plan__signed_at", "goal__problem__number", "goal__number", "number")
    )
    found: dict[int, list[Objective]] = {}
    first_plan: dict[int, int] = {}
    objectives = [o for o in rows if first_plan.setdefault(o.patient_id, o.plan_id) == o.plan_id]
    for objective in objectives:
        if not objective.closed:
            found.setdefault(objective.patient_id, []).append(objective)
    return found


def site_day(episode: Episode, at: datetime) -> date:
    """The day at the episode's site."""
    return at.astimezone(ZoneInfo(episode.site.zone)).date()
