"""Plans that somebody has to do something about: write, co-sign, review, have signed by the patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery, Window

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan.models import Plan, PlanSignature, PlanSignatureRole
from stepwell.clinic.plan.queries.plans import IN_FORCE, plans_for
from stepwell.clinic.prepared import Prepared


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
