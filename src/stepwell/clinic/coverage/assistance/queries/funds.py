"""Reading a site's funds, what was asked of them, and what was awarded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.assistance.models import Award, Fund, FundEntry, FundRequest
from stepwell.clinic.coverage.rules import Grant, Money
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def funds_of(by: Actor) -> list[Fund]:
    """The funds of the sites whose coverage `by` reads."""
    rows = Fund.objects.filter(site_id__in=by.sites_with(Permission.COVERAGE_READ))
    return list(rows.select_related("site").order_by("name"))


def fund_for(by: Actor, fund_id: int) -> Fund:
    """Raises `Fund.DoesNotExist`, also for a fund of another site."""
    return Fund.objects.select_related("site").get(
        pk=fund_id, site_id__in=by.sites_with(Permission.FUND_DECIDE)
    )


def ledger_of(fund: Fund) -> list[FundEntry]:
    rows = FundEntry.objects.filter(fund=fund).select_related("award__patient", "by")
    return list(rows.order_by("-at", "-pk"))


def open_funds(site_ids: Collection[int], on: date) -> list[Fund]:
    """Funds to which one may apply on a day and that have something free; for the desk and for the public."""
    rows = Fund.objects.filter(
        Q(closes_on__isnull=True) | Q(closes_on__gte=on),
        site_id__in=site_ids,
        opens_on__lte=on,
        available__gt=0,
    )
    return list(rows.order_by("name"))


def requests_waiting(by: Actor) -> list[FundRequest]:
    """Requests to funds that the director has not decided, oldest first."""
    rows = FundRequest.objects.filter(
        patient__in=patients_for(by, Permission.COVERAGE_READ), decision__isnull=True
    )
    return list(rows.select_related("fund", "patient").order_by("recorded_at", "pk"))


def requests_of(by: Actor, patient: Patient) -> list[FundRequest]:
    rows = FundRequest.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return list(
        rows.select_related("fund", "decision__award", "decision__by").order_by("-recorded_at", "-pk")
    )


def request_for(by: Actor, patient: Patient, request_id: int) -> FundRequest:
    """Raises `FundRequest.DoesNotExist`, also for a stranger's."""
    rows = FundRequest.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return rows.select_related("fund__site", "patient__site", "decision").get(pk=request_id)


def award_for(by: Actor, patient: Patient, award_id: int) -> Award:
    """Raises `Award.DoesNotExist`, also for a stranger's."""
    rows = Award.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    entries = FundEntry.objects.select_related("by").order_by("at", "pk")
    return (
        rows.select_related("fund__site", "decision__by", "patient")
        .prefetch_related(Prefetch("entries", queryset=entries))
        .get(pk=award_id)
    )


def grants_of(patient: Patient) -> list[Grant]:
    """The patient's awards with something left, as the price of an episode reads them; oldest first."""
    rows = Award.objects.filter(patient=patient, left__gt=0).select_related("fund").order_by("at", "pk")
    return [Grant(name=row.fund.name, balance=Money.of(row.left)) for row in rows]
