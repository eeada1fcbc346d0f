"""Reading drug tests, starting from who asks. A random test stays out of sight until its day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.drug_tests import rules
from stepwell.clinic.drug_tests.models import CustodyStep, PanelResult, TestOrder
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def to_collect(by: Actor, *, today: date) -> list[TestOrder]:
    """Tests due today or before without a specimen, at the sites of `by`; the oldest first."""
    return list(
        waiting_for_specimen(by, today)
        .select_related("patient", "by")
        .prefetch_related("notices")
        .order_by("due_on", "patient__family_name")
    )


def waiting_for_specimen(by: Actor, today: date) -> Any:
    """The same orders, unordered."""
    return TestOrder.objects.filter(
        patient__in=patients_for(by, Permission.DRUG_TEST_READ),
        collection__isnull=True,
        excuse__isnull=True,
        due_on__lte=today,
    )


def to_read(by: Actor) -> list[TestOrder]:
    """Specimens taken whose result is not entered yet or still open, the oldest first."""
    final = PanelResult.objects.filter(order=OuterRef("pk")).exclude(reading__outcome="pending")
    rows = TestOrder.objects.filter(
        ~Exists(final),
        patient__in=patients_for(by, Permission.DRUG_TEST_READ),
        collection__isnull=False,
        collection__refused=False,
    )
    return list(rows.select_related("patient", "collection__by").order_by("collection__at"))


def to_review(by: Actor) -> list[PanelResult]:
    """Results nobody has reviewed, the unexpected ones first, then the oldest."""
    rows = waiting(by).select_related("order__patient", "order__collection", "by")
    return sorted(rows, key=lambda r: (r.reading.get("outcome") != "unexpected", r.at, r.pk))


def waiting(by: Actor) -> Any:
    """Results to review at the sites where `by` may, for the count in the rail."""
    return PanelResult.objects.filter(
        order__patient__site_id__in=by.sites_with(Permission.DRUG_TEST_ORDER),
        reviewed_at__isnull=True,
        corrected_by__isnull=True,
    ).exclude(reading__outcome="pending")


def refused_since(by: Actor, *, since: datetime) -> list[TestOrder]:
    """Tests for which no specimen was given, newest first: somebody should ask why."""
    rows = TestOrder.objects.filter(
        patient__in=patients_for(by, Permission.DRUG_TEST_READ),
        collection__refused=True,
        collection__at__gte=since,
    )
    return list(rows.select_related("patient", "collection__by").order_by("-collection__at"))


def tests_of(by: Actor, patient: Patient, *, today: date) -> list[TestOrder]:
    """Tests of the patient with specimen and results, newest first. Random days still to come are left out."""
    rows = TestOrder.objects.filter(
        ~Q(reason=TestOrder.Reason.RANDOM) | Q(due_on__lte=today),
        patient__in=patients_for(by, Permission.DRUG_TEST_READ),
        patient=patient,
    )
    return list(
        rows.select_related("by", "collection__by", "excuse")
        .prefetch_related(
            Prefetch(
                "results",
                PanelResult.objects.select_related("by", "reviewed_by", "corrected_by").order_by("at", "pk"),
            )
        )
        .order_by("-due_on", "-pk")
    )


def test_for(by: Actor, patient: Patient, number: int, *, today: date) -> TestOrder:
    """One test of the patient. Raises `TestOrder.DoesNotExist` for another's, and for a random day still to come."""
    rows = TestOrder.objects.filter(
        ~Q(reason=TestOrder.Reason.RANDOM) | Q(due_on__lte=today),
        patient__in=patients_for(by, Permission.DRUG_TEST_READ),
        patient=patient,
    )
    found: TestOrder = rows.select_related("patient__site", "collection__by", "excuse").get(pk=number)
    return found


def day_of(test: TestOrder) -> date:
    """The day at the site on which the specimen was given, else the day of the test: what was prescribed then counts."""
    taken = getattr(test, "collection", None)
    return test.due_on if taken is None else taken.at.astimezone(ZoneInfo(test.patient.site.zone)).date()


def custody_of(test: TestOrder) -> tuple[list[CustodyStep], rules.Chain]:
    """The hands a specimen went through, and whether the chain is whole. `test` comes from `test_for`."""
    rows = list(CustodyStep.objects.filter(collection__order=test).select_related("by").order_by("number"))
    hands = [rules.Hand(r.kind, r.giver, r.taker, r.at, r.seal, r.intact) for r in rows]
    return rows, rules.custody(hands)


def own_tests(by: Actor, *, today: date) -> list[TestOrder]:
    """The patient's own tests: the one of today, and those of the last months. Days still to come are not there."""
    rows = TestOrder.objects.filter(patient__in=patients_for(by, Permission.OWN_RECORD), due_on__lte=today)
    return list(
        rows.select_related("collection", "excuse")
        .prefetch_related(
            Prefetch("results", PanelResult.objects.filter(corrected_by__isnull=True).order_by("at", "pk"))
        )
        .order_by("-due_on", "-pk")[:20]
    )


test_for.__test__ = False  # type: ignore[attr-defined] # not a pytest function
tests_of.__test__ = False  # type: ignore[attr-defined] # not a pytest function


def result_for(by: Actor, patient: Patient, number: int) -> PanelResult:
    """One result of the patient. Raises `PanelResult.DoesNotExist` for another's."""
    rows = PanelResult.objects.filter(
        order__patient__in=patients_for(by, Permission.DRUG_TEST_READ), order__patient=patient
    )
    found: PanelResult = rows.select_related("order__patient__site").get(pk=number)
    return found
