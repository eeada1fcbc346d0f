"""What is ordered: a patient's orders, those in force on a day, and patients with theirs in the same query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.plan.models import Plan, TreatmentOrder
from stepwell.clinic.plan.queries.plans import IN_FORCE, _due


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
