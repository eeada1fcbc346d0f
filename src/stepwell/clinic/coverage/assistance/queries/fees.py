"""Reading applications for the sliding fee: of a person, what the rule proposes, what ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Prefetch, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.assistance import rules
from stepwell.clinic.coverage.assistance.models import FeeApplication, FeeDecision
from stepwell.clinic.coverage.models import FeeDetermination
from stepwell.clinic.coverage.rules import Money, Region, guideline_on, load_schedule
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def applications_of(by: Actor, patient: Patient) -> list[FeeApplication]:
    """The patient's applications with their decisions, newest first."""
    rows = _applications(by).filter(patient=patient)
    return list(rows.order_by("-recorded_at", "-pk"))


def application_for(by: Actor, patient: Patient, application_id: int) -> FeeApplication:
    """Raises `FeeApplication.DoesNotExist`, also for a stranger's."""
    return _applications(by).filter(patient=patient).get(pk=application_id)


def applications_waiting(by: Actor) -> list[FeeApplication]:
    """Applications that nobody has decided, oldest first."""
    return list(_applications(by).filter(decisions__isnull=True).order_by("recorded_at", "pk"))


def proposal_for(application: FeeApplication, on: date) -> rules.Proposal | None:
    """What the rule proposes on a day; None while nothing was seen. Raises LookupError without a guideline."""
    proofs = [one.kind for one in application.proofs.all()]
    if not proofs:
        return None
    return rules.propose(
        [
            rules.Income(source=one.source, amount=Money.of(one.amount), period=one.period)
            for one in application.incomes.all()
        ],
        application.household,
        proofs,
        guideline=guideline_on(on, Region(application.region)),
        schedule=load_schedule(),
        rules=rules.load_assistance(),
        on=on,
    )


@dataclass(frozen=True)
class Renewal:
    """A sliding fee that ends soon or has ended. `waiting`: it rests on the person's own word alone."""

    determination: FeeDetermination
    patient: Patient
    on_own_word: bool
    ended: bool


def renewals_due(by: Actor, today: date) -> list[Renewal]:
    """The newest determination of each patient that ends within the rule's days or ended as long ago."""
    ahead = timedelta(days=rules.load_assistance().renew_ahead_days)
    mine = patients_for(by, Permission.COVERAGE_READ)
    newest = (
        FeeDetermination.objects.filter(patient__in=mine)
        .order_by()
        .values("patient")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    rows = FeeDetermination.objects.filter(
        pk__in=newest, valid_until__gte=today - ahead, valid_until__lte=today + ahead, discount__gt=0
    )
    found = rows.select_related("patient", "decision").order_by("valid_until", "pk")
    return [
        Renewal(
            row,
            row.patient,
            on_own_word=hasattr(row, "decision") and row.decision.provisional,
            ended=row.valid_until <= today,
        )
        for row in found
    ]


def _applications(by: Actor) -> QuerySet[FeeApplication]:
    rows = FeeApplication.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ))
    decisions = FeeDecision.objects.select_related("determination", "by").order_by("-at", "-pk")
    return rows.select_related("patient__site", "recorded_by").prefetch_related(
        "incomes", "proofs__by", Prefetch("decisions", queryset=decisions)
    )
