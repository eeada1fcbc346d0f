"""Reading withdrawal: the flow sheets of one patient, and everybody who is watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import WithdrawalReading, WithdrawalWatch
from stepwell.clinic.medication.queries.reading import read_with
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


@dataclass(frozen=True)
class Watched:
    """One open watch with its last reading. `late`: the next reading is overdue."""

    row: Any
    label: str
    late: bool

    @property
    def action(self) -> str:
        """What the last reading asked for, in words."""
        return rules.action_label(self.row.last_action or "")


def sheets_of(by: Actor, patient: Patient) -> list[WithdrawalWatch]:
    """Every watch of the patient, open ones first, each with its readings, newest first. Two queries."""
    readings = WithdrawalReading.objects.select_related("by", "alert__acknowledgement__by").order_by(
        "-at", "-pk"
    )
    rows = WithdrawalWatch.objects.filter(patient__in=patients_for(by, read_with(by)), patient=patient)
    found = rows.select_related("ended_by").prefetch_related(Prefetch("readings", readings))
    return list(found.order_by(F("ended_at").desc(nulls_first=True), "-started_at"))


def watch_for(by: Actor, patient: Patient, number: int) -> WithdrawalWatch:
    """One watch. Raises `WithdrawalWatch.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return WithdrawalWatch.objects.select_related("patient__site").get(
        pk=number, patient=patient, patient__in=seen
    )


def watched_now(by: Actor, *, at: datetime) -> list[Watched]:
    """Everybody whose withdrawal is watched at the sites of `by`, the reading that is due first at the top. One query."""
    last = WithdrawalReading.objects.filter(watch=OuterRef("pk")).order_by("-at", "-pk")
    rows: Any = (
        WithdrawalWatch.objects.filter(
            patient__in=patients_for(by, Permission.MEDICATION_READ), ended_at__isnull=True
        )
        .select_related("patient")
        .annotate(
            last_total=Subquery(last.values("total")[:1]),
            last_action=Subquery(last.values("action")[:1]),
            last_at=Subquery(last.values("at")[:1]),
            told_at=Subquery(last.values("alert__acknowledgement__at")[:1]),
        )
        .order_by(F("next_at").asc(nulls_last=True), "pk")
    )
    return [
        Watched(row, rules.scale(row.instrument)["label"], row.next_at is not None and row.next_at <= at)
        for row in rows
    ]


def readings_due(by: Actor, today: date) -> Any:
    """Watches whose next reading is due by the end of that day, unordered: for a count."""
    return WithdrawalWatch.objects.filter(
        patient__site_id__in=by.sites_with(Permission.MEDICATION_READ),
        ended_at__isnull=True,
        next_at__date__lte=today,
    )
