"""Reports of laboratories that wait for a person, one report as it was told, and its message as it came."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.drug_tests import actions, queries
from stepwell.clinic.drug_tests.rules import classes_of
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.medication.queries import names_taken, prescribed_classes, prescribed_names
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.refusal import Refused
from stepwell.desk.drug_tests.forms import Because, ToPatient
from stepwell.desk.pages import render, staff_page
from stepwell.ui.filters import date_full, moment


@staff_page(P.DRUG_TEST_READ)
def waiting(request: Request) -> HttpResponse:
    """What came from laboratories and is in no chart yet, and what has no test here."""
    by = request.actor
    context = {
        "waiting": [(row, queries.told(row)) for row in queries.waiting_reports(by)],
        "without_test": [(row, queries.told(row)) for row in queries.reports_without_test(by)],
    }
    return render(request, "desk/drug_tests/lab_waiting.html", context)


@staff_page(P.DRUG_TEST_READ)
def report(request: Request, report_id: int) -> HttpResponse:
    """One report in the laboratory's words, with whose it might be."""
    return _page(request, queries.report_for(request.actor, report_id))


@staff_page(P.DRUG_TEST_READ)
def message(request: Request, report_id: int) -> HttpResponse:
    """The message byte for byte as it came."""
    row = queries.report_for(request.actor, report_id)
    _, content = queries.content_of(request.actor, report_id)
    _looked(request, row, "message")
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="laboratory-{row.pk}.hl7"'
    return answer


@staff_page(P.DRUG_TEST_READ)
@require_POST
def to_patient(request: Request, report_id: int) -> HttpResponse:
    """A person says whose it is, and which test it belongs to."""
    by = request.actor
    row = queries.report_for(by, report_id)
    form = ToPatient(request.POST)
    if not form.is_valid():
        return _page(request, row, "Choose the patient.")
    patient = patients_for(by, P.DRUG_TEST_READ).select_related("site").get(pk=form.cleaned_data["patient"])
    number = form.cleaned_data["test"]
    order = next((t for t in queries.specimens_of(by, patient) if t.pk == number), None) if number else None
    if number and order is None:
        return _page(request, row, "That test is not one of this patient with a specimen; choose another.")
    try:
        actions.file_report(
            by=by, at=request.at, report=row, patient=patient, order=order, explained=explained_for(request)
        )
    except Refused as no:
        return _page(request, row, no.sentence)
    messages.success(request, f"The report is in the chart of {patient.full_name}.")
    return redirect("desk:lab_waiting")


@staff_page(P.DRUG_TEST_READ)
@require_POST
def aside(request: Request, report_id: int) -> HttpResponse:
    """It belongs to nobody here, or cannot be read: kept, and out of the queue."""
    row = queries.report_for(request.actor, report_id)
    form = Because(request.POST)
    try:
        because = form.cleaned_data["because"] if form.is_valid() else ""
        actions.set_report_aside(by=request.actor, at=request.at, report=row, because=because)
    except Refused as no:
        return _page(request, row, no.sentence)
    messages.success(request, "Set aside. It is kept as it came.")
    return redirect("desk:lab_waiting")


@staff_page(P.DRUG_TEST_READ)
@require_POST
def out(request: Request, report_id: int) -> HttpResponse:
    """It went into the wrong chart: what it said there is taken back, and it waits again."""
    row = queries.report_for(request.actor, report_id)
    form = Because(request.POST)
    try:
        because = form.cleaned_data["because"] if form.is_valid() else ""
        actions.take_out_report(
            by=request.actor, at=request.at, report=row, because=because, explained=explained_for(request)
        )
    except Refused as no:
        return _page(request, row, no.sentence)
    messages.success(request, "It waits again; what it said in the chart is taken back.")
    return redirect("desk:lab_report", row.pk)


def explained_for(request: Request) -> Callable[[Any, date], tuple[Collection[str], Collection[str]]]:
    """What is prescribed and taken on a day, as who asks may see it."""

    def explained(patient: Any, on: date) -> tuple[Collection[str], Collection[str]]:
        by = request.actor
        return expected_on(by, patient, on), names_taken(by, patient, on)

    return explained


def expected_on(by: Actor, patient: Any, on: date) -> frozenset[str]:
    """Classes that what is prescribed on a day turns positive: ordered here, or told in a record handed over."""
    return prescribed_classes(by, patient, on) | classes_of(prescribed_names(by, patient, on))


def _page(request: Request, row: Any, refused: str = "") -> HttpResponse:
    by = request.actor
    if not refused:
        _looked(request, row, "report")
    told = queries.told(row)
    people = queries.people_for(by, row) if row.state == "waiting" else []
    chosen = row.patient if row.patient is not None else people[0] if len(people) == 1 else None
    context = {
        "row": row,
        "told": told,
        "when": {name: _when(getattr(told, name)) for name in ("collected_at", "reported_at")}
        if told
        else {},
        "born": _born(told.person.birth_date) if told else "",
        "lines": [
            (line, lab.verified(line), lab.unverified(line), lab.known(line)) for line in told.observations
        ]
        if told is not None
        else [],
        "people": people,
        "specimens": queries.specimens_of(by, chosen) if chosen is not None and row.order_id is None else [],
        "refused": refused,
        "may_file": by.may(P.DRUG_TEST_COLLECT, row.site_id) if row.site_id else by.may(P.STAFF_MANAGE),
    }
    answer = render(request, "desk/drug_tests/lab_report.html", context)
    if refused:
        answer.status_code = 422
    return answer


def _looked(request: Request, row: Any, what: str) -> None:
    if row.patient_id is not None:
        trail.record_access(
            by=request.actor,
            at=request.at,
            patient_id=row.patient_id,
            subject=f"LabReport {row.pk}",
            detail={"what": what},
        )


def _when(told: str) -> str:
    """A moment as people say it; what is not one stands as the laboratory wrote it."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return told
    return moment(at) if at.tzinfo else told


def _born(told: str) -> str:
    try:
        return date_full(date.fromisoformat(told))
    except ValueError:
        return told
