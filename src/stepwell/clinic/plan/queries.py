"""Reading plans, orders and care teams, starting from who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import (
    CareTeamMember,
    Goal,
    Intervention,
    Objective,
    Plan,
    PlanReview,
    PlanSignature,
    PlanSignatureRole,
    Problem,
    TreatmentOrder,
)
from stepwell.clinic.prepared import Prepared

IN_FORCE = Q(signed_at__isnull=False, superseded_at__isnull=True)
IN_DRAFT = Q(signed_at__isnull=True, superseded_at__isnull=True)


def with_order(patients: Any, on: date) -> Any:
    """Patients with what is ordered on a day, in the same query.

    `ordered_minutes` (a week), `days_least`, `days_most`, `ordered_doses` (kind -> minutes), `review_due_on`.
    All None without an order or a plan in force in the open episode.
    """
    order = TreatmentOrder.objects.filter(
        episode__patient=OuterRef("pk"), episode__closed_at__isnull=True, starts_on__lte=on
    ).order_by("-starts_on")
    plan = _due(
        Plan.objects.filter(IN_FORCE, episode__patient=OuterRef("pk"), episode__closed_at__isnull=True)
    )
    return patients.annotate(
        ordered_minutes=Subquery(order.values("minutes_per_week")[:1]),
        days_least=Subquery(order.values("days_least")[:1]),
        days_most=Subquery(order.values("days_most")[:1]),
        ordered_doses=Subquery(order.values("doses")[:1]),
        review_due_on=Subquery(plan.values("due_on")[:1]),
    )


def _due(plans: QuerySet[Plan]) -> Any:
    """Plans with `due_on`: what the last review set, else what the signature set."""
    last = PlanReview.objects.filter(plan=OuterRef("pk")).order_by("-at", "-pk")
    return plans.annotate(
        due_on=Coalesce(
            Subquery(last.values("next_due_on")[:1]), F("review_due_on"), output_field=DateField()
        )
    )


def plans_for(by: Actor) -> Any:
    """Every plan that `by` may see, with `due_on`; a patient sees signed ones only."""
    if by.is_staff:
        plans = Plan.objects.filter(episode__patient__in=patients_for(by, Permission.PLAN_READ))
    else:
        plans = Plan.objects.filter(
            episode__patient__in=patients_for(by, Permission.OWN_RECORD), signed_at__isnull=False
        )
    return _due(plans).select_related("episode__patient__site", "begun_by", "cosigner")


def to_cosign(by: Actor) -> Any:
    """Plans in force that wait for the co-signature of `by`, oldest first, with `author`. One statement."""
    author = PlanSignature.objects.filter(plan=OuterRef("pk"), role=PlanSignatureRole.CLINICIAN)
    return (
        waiting(by)
        .select_related("episode__patient")
        .annotate(author=Subquery(author.values("name")[:1]))
        .order_by("signed_at", "pk")
    )


def waiting(by: Actor) -> Any:
    """Plans that `by` has to co-sign: part of the count beside 'Notes to sign'."""
    done = PlanSignature.objects.filter(plan=OuterRef("pk"), role=PlanSignatureRole.COSIGNER)
    return Plan.objects.filter(
        IN_FORCE,
        ~Exists(done),
        cosigner_id=by.staff_id or 0,
        episode__patient__in=patients_for(by, Permission.PLAN_READ),
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


def objectives_in_force(by: Actor, patients: Iterable[int]) -> dict[int, list[Objective]]:
    """Open objectives of the plans in force: patient id -> objectives in the plan's order. Two queries.

    For a session's room. Each objective has its goal and problem loaded; met ones are left out.
    """
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    in_force = Q(
        goal__problem__plan__signed_at__isnull=False, goal__problem__plan__superseded_at__isnull=True
    )
    rows = (
        Objective.objects.filter(
            in_force,
            goal__problem__plan__episode__closed_at__isnull=True,
            goal__problem__plan__episode__patient__in=seen.filter(pk__in=list(patients)),
        )
        .select_related("goal__problem")
        .annotate(
            patient_id=F("goal__problem__plan__episode__patient_id"), plan_id=F("goal__problem__plan_id")
        )
        .order_by("goal__problem__number", "goal__number", "number")
    )
    found: dict[int, list[Objective]] = {}
    objectives = list(rows)
    plan_ids = {o.plan_id for o in objectives}
    met = {
        n for held in PlanReview.objects.filter(plan__in=plan_ids).values_list("met", flat=True) for n in held
    }
    for objective in objectives:
        if objective.pk not in met:
            found.setdefault(objective.patient_id, []).append(objective)
    return found


def reviews_due(by: Actor, on: date) -> Any:
    """Plans in force whose review is due on or before a day, longest due first, with patient and `due_on`."""
    return (
        plans_for(by)
        .filter(IN_FORCE, episode__closed_at__isnull=True, due_on__lte=on)
        .order_by("due_on", "pk")
    )


def ask_reviews_due(by: Actor, on: date, most: int) -> Callable[[], list[Any]]:
    """The first of `reviews_due` with nothing but `due_on` and the patient's name and code, each with `of_all`: how
    many there are. Sent ahead (`clinic.ahead`); one statement."""
    asked: Callable[[], list[Any]] = _FIRST_REVIEWS.ahead(by, on, most)
    return asked


def _first_reviews(by: Actor, on: date, most: int) -> Any:
    patient = [
        f"episode__patient__{name}" for name in ("code", "given_name", "family_name", "preferred_name")
    ]
    return (
        reviews_due(by, on)
        .annotate(of_all=Window(Count("pk")))
        .select_related(None)
        .select_related("episode__patient")
        .only("episode__id", *patient)[:most]
    )


_FIRST_REVIEWS = Prepared(_first_reviews)


def plans_missing(by: Actor) -> Any:
    """Open episodes without a signed plan, longest waiting first, with the patient."""
    return (
        Episode.objects.filter(closed_at__isnull=True, patient__in=patients_for(by, Permission.PLAN_READ))
        .exclude(plans__in=Plan.objects.filter(IN_FORCE))
        .select_related("patient__site")
        .order_by("admitted_at")
    )


def unsigned_by_patient(by: Actor) -> Any:
    """Plans in force that the patient has not signed yet, oldest first."""
    signed = PlanSignature.objects.filter(role="patient")
    return (
        plans_for(by)
        .filter(IN_FORCE, episode__closed_at__isnull=True)
        .exclude(signatures__in=signed)
        .order_by("signed_at")
    )


def care_team_of(by: Actor, patient: Patient) -> Any:
    """Who treats the patient now, in the order of coming."""
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    return (
        CareTeamMember.objects.filter(
            episode__patient=patient,
            episode__patient__in=seen,
            episode__closed_at__isnull=True,
            ends_at__isnull=True,
        )
        .select_related("staff", "episode")
        .order_by("starts_at", "pk")
    )


def patients_of_staff(by: Actor, staff_id: int) -> Any:
    """Patients in whose care team a staff member is now."""
    return patients_for(by, Permission.PLAN_READ).filter(
        episodes__closed_at__isnull=True,
        episodes__care_team__staff_id=staff_id,
        episodes__care_team__ends_at__isnull=True,
    )


def colleagues(by: Actor, on: date) -> Any:
    """Staff who can be put into a care team at the sites where `by` writes plans, by name."""
    there = Staff.objects.filter(site_id__in=by.sites_with(Permission.PLAN_WRITE), starts_on__lte=on)
    return there.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).order_by("name")


def orders_of(by: Actor, patient: Patient) -> Any:
    """Orders of the open episode, newest first."""
    seen = patients_for(by, Permission.PLAN_READ if by.is_staff else Permission.OWN_RECORD)
    return (
        TreatmentOrder.objects.filter(
            episode__patient=patient, episode__patient__in=seen, episode__closed_at__isnull=True
        )
        .select_related("by")
        .order_by("-starts_on")
    )


def order_on(orders: Iterable[TreatmentOrder], day: date) -> TreatmentOrder | None:
    """The order in force on a day, out of those loaded."""
    standing = [order for order in orders if order.starts_on <= day]
    return max(standing, key=lambda order: order.starts_on, default=None)


def orders_in_force(by: Actor, first: date, last: date) -> dict[int, list[TreatmentOrder]]:
    """Patient id -> orders that rule some day between two days, oldest first. One query; for the hours ledger."""
    seen = patients_for(by, Permission.HOURS_READ if by.is_staff else Permission.OWN_RECORD)
    rows = (
        TreatmentOrder.objects.filter(
            episode__patient__in=seen, episode__closed_at__isnull=True, starts_on__lte=last
        )
        .annotate(patient_id=F("episode__patient_id"))
        .order_by("starts_on")
    )
    found: dict[int, list[TreatmentOrder]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return {
        patient_id: [o for n, o in enumerate(held) if n + 1 == len(held) or held[n + 1].starts_on > first]
        for patient_id, held in found.items()
    }


def site_day(episode: Episode, at: datetime) -> date:
    """The day at the episode's site."""
    return at.astimezone(ZoneInfo(episode.site.zone)).date()


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
