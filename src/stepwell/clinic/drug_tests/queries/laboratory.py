"""Reading what laboratories sent: what waits for a person, one report as it was told, and its file."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.drug_tests.models import LabFile, LabReport, LabReportState, TestOrder
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def may_be_seen(by: Actor) -> QuerySet[LabReport]:
    """Reports of the sites of `by`; those of no known site are a director's."""
    nobodys = bool(by.sites_with(Permission.STAFF_MANAGE))
    return LabReport.objects.filter(
        Q(site_id__in=by.sites_with(Permission.DRUG_TEST_READ))
        | (Q(site__isnull=True) if nobodys else Q(pk=0))
    )


def reports_waiting(by: Actor) -> QuerySet[LabReport]:
    """Reports whose patient is not certain, and messages that could not be read: the count on the page."""
    return may_be_seen(by).filter(state=LabReportState.WAITING)


def waiting_reports(by: Actor) -> list[LabReport]:
    """The same, oldest first."""
    return list(reports_waiting(by).select_related("message", "site").order_by("received_at", "pk")[:200])


def reports_without_test(by: Actor) -> list[LabReport]:
    """Reports in a chart to which no test of this site belongs, oldest first."""
    rows = may_be_seen(by).filter(state=LabReportState.FILED, order__isnull=True, superseded_by__isnull=True)
    return list(rows.select_related("message", "patient").order_by("received_at", "pk")[:100])


def report_for(by: Actor, number: int) -> LabReport:
    """One report. Raises `LabReport.DoesNotExist` for another site's."""
    found: LabReport = (
        may_be_seen(by)
        .select_related("message__file", "patient", "order", "site", "decided_by")
        .get(pk=number)
    )
    return found


def reports_of(by: Actor, patient: Patient) -> list[LabReport]:
    """All reports in the patient's chart, newest first; the ones that were superseded too."""
    rows = LabReport.objects.filter(
        patient__in=patients_for(by, Permission.DRUG_TEST_READ), patient=patient, state=LabReportState.FILED
    )
    return list(rows.select_related("message", "order", "superseded_by").order_by("-received_at", "-pk")[:60])


def people_for(by: Actor, report: LabReport) -> list[Patient]:
    """Patients whose report it might be: of the same birth date or family name, at the sites of `by`."""
    told = (report.told or {}).get("person") or {}
    asked = Q(pk=0)
    if told.get("birth_date"):
        asked |= Q(birth_date=told["birth_date"])
    if told.get("family"):
        asked |= Q(family_name__iexact=told["family"])
    codes = [n.strip().upper() for n in told.get("identifiers", ()) if 0 < len(n.strip()) <= 8]
    rows: Any = patients_for(by, Permission.DRUG_TEST_READ).filter(asked | Q(code__in=codes))
    return list(rows.order_by("family_name", "given_name", "pk")[:20])


def specimens_of(by: Actor, patient: Patient) -> list[TestOrder]:
    """Tests of the patient to which a report might belong, newest first."""
    rows = TestOrder.objects.filter(
        patient__in=patients_for(by, Permission.DRUG_TEST_READ), patient=patient, collection__refused=False
    )
    return list(rows.select_related("collection").order_by("-due_on", "-pk")[:20])


def told(report: LabReport) -> lab.Report | None:
    """What it says, as it was read; None when nothing could be."""
    return None if report.told is None else lab.report_from(report.told)


def content_of(by: Actor, number: int) -> tuple[LabFile, bytes]:
    """The message behind a report, byte for byte, with the file it came in. Raises `LabReport.DoesNotExist`.

    Only the message, never the whole file: others in it may be about people of other sites.
    """
    row = report_for(by, number)
    if row.message.reports.exclude(pk__in=may_be_seen(by).values("pk")).exists():
        raise LabReport.DoesNotExist
    file = row.message.file
    return file, bytes(file.content)[row.message.starts : row.message.ends]
