"""Reading good-faith estimates: what is due, what was given, and the program as it is named on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.good_faith.models import (
    EstimateAsked,
    GoodFaithEstimate,
    ProviderIdentity,
)
from stepwell.clinic.coverage.rules import business_days_between, load_good_faith, load_payer_rules
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


@dataclass(frozen=True)
class DueEstimate:
    """An estimate that nobody has given yet. `days_left` are business days; below zero: so many too late."""

    row: EstimateAsked
    name: str
    days_left: int

    @property
    def late(self) -> bool:
        return self.days_left < 0


def asked_for(by: Actor) -> QuerySet[EstimateAsked]:
    """Every estimate asked for of people whom `by` may see."""
    patients = patients_for(by, Permission.COVERAGE_READ)
    both = set(by.sites_with(Permission.COVERAGE_READ)) & set(by.sites_with(Permission.INQUIRY_READ))
    inquiries = Q(inquiry__isnull=False, site_id__in=both)
    rows = EstimateAsked.objects.filter(Q(patient__in=patients) | inquiries)
    return rows.select_related("patient", "inquiry", "site", "recorded_by")


def due_estimates(by: Actor, today: date) -> list[DueEstimate]:
    """What is still due, the nearest deadline first. One query."""
    rows = asked_for(by).filter(given__isnull=True, not_needed__isnull=True).order_by("due_on", "pk")
    return [DueEstimate(row, name_of(row), _days_left(today, row.due_on)) for row in rows]


def given_estimates(by: Actor, *, limit: int = 30) -> list[GoodFaithEstimate]:
    """The estimates given lately, newest first."""
    rows = GoodFaithEstimate.objects.filter(asked__in=asked_for(by))
    return list(
        rows.select_related("asked__patient", "asked__inquiry", "given_by").order_by("-given_at", "-pk")[
            :limit
        ]
    )


def of_patient(by: Actor, patient: Patient) -> list[EstimateAsked]:
    """The patient's own, with those of the inquiries from which the record was made; newest first."""
    rows = asked_for(by).filter(Q(patient=patient) | Q(inquiry__patient=patient))
    return list(rows.select_related("given__given_by", "not_needed").order_by("-asked_on", "-pk"))


def of_inquiry(by: Actor, inquiry: Inquiry) -> list[EstimateAsked]:
    rows = asked_for(by).filter(inquiry=inquiry)
    return list(rows.select_related("given__given_by", "not_needed").order_by("-asked_on", "-pk"))


def asked_one(by: Actor, asked_id: int) -> EstimateAsked:
    """One of them. Raises `EstimateAsked.DoesNotExist`, also for a stranger's."""
    return (
        asked_for(by).select_related("given", "not_needed", "patient__site", "inquiry__site").get(pk=asked_id)
    )


def given_one(by: Actor, estimate_id: int) -> GoodFaithEstimate:
    """One estimate as it was given. Raises `GoodFaithEstimate.DoesNotExist`, also for a stranger's."""
    rows = GoodFaithEstimate.objects.filter(asked__in=asked_for(by))
    return rows.select_related("asked__patient", "asked__inquiry", "asked__site", "given_by").get(
        pk=estimate_id
    )


def name_of(asked: EstimateAsked) -> str:
    """The patient's full name, or the name the inquiry has."""
    person: Any = asked.patient
    return person.full_name if person is not None else asked.inquiry.name if asked.inquiry else ""


def birth_date_of(asked: EstimateAsked) -> date | None:
    person: Any = asked.patient or asked.inquiry
    found: date | None = person.birth_date
    return found


def identity_of(site_id: int) -> ProviderIdentity | None:
    """The program as it is named on estimates now."""
    return ProviderIdentity.objects.filter(site_id=site_id).order_by("-at", "-pk").first()


def service_labels(language: str = "en") -> dict[str, str]:
    """What each service code is called on an estimate."""
    found: dict[str, str] = dict(load_good_faith().words[language]["services"])
    for rule in load_payer_rules():
        found.setdefault(rule.code, rule.label)
    return found


def _days_left(today: date, due_on: date) -> int:
    return (
        business_days_between(today, due_on)
        if due_on >= today
        else -business_days_between(due_on, today) or -1
    )
