"""Plans, whole and in parts: who may see which, the one in force, the draft, and a session's objectives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan.models import (
    Goal,
    Intervention,
    Objective,
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
    """Plans with `due_on`: what the last review set, else what the signature set."""
    last = PlanReview.objects.filter(plan=OuterRef("pk")).order_by("-at", "-pk")
    return plans.annotate(
        due_on=Coalesce(
            Subquery(last.values("next_due_on")[:1]), F("review_due_on"), output_field=DateField()
        )
    )


def whole(plans: Any) -> Any:
    """The plans with everything in them: seven queries, however much they hold."""
    return with_goals(plans).prefetch_related(
        Prefetch("signatures", queryset=PlanSignature.objects.order_by("at")),
        Prefetch("reviews", queryset=PlanReview.objects.select_related("by").order_by("-at", "-pk")),
    )


def with_goals(plans: Any) -> Any:
    """The plans with what is signed of them (`content_of`): five queries, however much they hold."""
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
    return plans.prefetch_related(Prefetch("problems", queryset=problems))


def plans_of(by: Actor, patient: Patient) -> Any:
    """Every version of every episode's plan, newest first."""
    return plans_for(by).filter(episode__patient=patient).order_by("-episode__admitted_at", "-version")


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
    """Open objectives of the plans in force: patient id -> objectives in the plan's order. Two queries.

    For a session's room. Each objective has its goal and problem loaded; met ones are left out. With `since`, the
    beginning of a session written up later, they are those of the plan that was in force then: a note written after
    the discharge links what was worked on.
    """
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    not_superseded = Q(goal__problem__plan__superseded_at__isnull=True)
    not_closed = Q(goal__problem__plan__episode__closed_at__isnull=True)
    if since is not None:
        not_superseded |= Q(goal__problem__plan__superseded_at__gt=since)
        not_closed |= Q(goal__problem__plan__episode__closed_at__gt=since)
    rows = (
        Objective.objects.filter(
            not_superseded,
            not_closed,
            goal__problem__plan__signed_at__isnull=False,
            goal__problem__plan__episode__patient__in=seen.filter(pk__in=list(patients)),
        )
        .select_related("goal__problem")
        .annotate(
            patient_id=F("goal__problem__plan__episode__patient_id"), plan_id=F("goal__problem__plan_id")
        )
        .order_by("goal__problem__plan__signed_at", "goal__problem__number", "goal__number", "number")
    )
    found: dict[int, list[Objective]] = {}
    first_plan: dict[int, int] = {}
    objectives = [o for o in rows if first_plan.setdefault(o.patient_id, o.plan_id) == o.plan_id]
    plan_ids = {o.plan_id for o in objectives}
    met = {
        n for held in PlanReview.objects.filter(plan__in=plan_ids).values_list("met", flat=True) for n in held
    }
    for objective in objectives:
        if objective.pk not in met:
            found.setdefault(objective.patient_id, []).append(objective)
    return found


def site_day(episode: Episode, at: datetime) -> date:
    """The day at the episode's site."""
    return at.astimezone(ZoneInfo(episode.site.zone)).date()
