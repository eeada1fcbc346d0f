"""Reading rewards: the plan, its ledger, and the tests that have no line yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.drug_tests.models import RewardEntry, RewardPlan, TestOrder
from stepwell.clinic.drug_tests.rules import rewards
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


@dataclass(frozen=True)
class Ledger:
    """One patient's rewards. `plan` is the one under way, else the last; `open` the tests without a line."""

    plan: RewardPlan | None
    entries: tuple[RewardEntry, ...]
    open: tuple[TestOrder, ...]
    in_year: Decimal
    cap: Decimal
    waiting: Decimal


def ledger_of(by: Actor, patient: Patient, *, today: date) -> Ledger:
    """The ledger, newest line first. Three queries whatever the lines."""
    seen = patients_for(by, Permission.DRUG_TEST_READ)
    plan = (
        RewardPlan.objects.filter(patient__in=seen, patient=patient)
        .select_related("by")
        .order_by("-pk")
        .first()
    )
    entries = tuple(
        RewardEntry.objects.filter(patient__in=seen, patient=patient)
        .select_related("by", "order")
        .order_by("-number")
    )
    todo: tuple[TestOrder, ...] = ()
    if plan is not None and plan.ended_at is None:
        rows = TestOrder.objects.filter(
            patient=patient,
            reward__isnull=True,
            due_on__gte=plan.starts_on,
            due_on__lte=min(plan.ends_on, today),
        )
        todo = tuple(rows.select_related("collection", "excuse").order_by("due_on", "pk"))
    this_year = [one for one in entries if one.year == today.year]
    return Ledger(
        plan=plan, entries=entries, open=todo, in_year=this_year[0].in_year if this_year else Decimal(0),
        cap=rewards.cap_of(today.year), waiting=entries[0].waiting if entries else Decimal(0),
    )  # fmt: skip


def receipt_for(by: Actor, patient: Patient, number: int) -> RewardEntry:
    """One line of the ledger, to print. Raises `RewardEntry.DoesNotExist` for another patient's."""
    rows = RewardEntry.objects.filter(
        patient__in=patients_for(by, Permission.DRUG_TEST_READ), patient=patient, kind="handed"
    )
    found: RewardEntry = rows.select_related("plan", "by", "patient__site").get(number=number)
    return found


def plan_for(by: Actor, patient: Patient, number: int) -> RewardPlan:
    """One plan of rewards. Raises `RewardPlan.DoesNotExist` for another patient's."""
    found: RewardPlan = RewardPlan.objects.select_related("patient__site").get(
        pk=number, patient=patient, patient__in=patients_for(by, Permission.DRUG_TEST_READ)
    )
    return found
