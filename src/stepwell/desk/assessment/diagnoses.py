"""Diagnoses: found by words or code, counted by criteria, made primary, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import find_icd, icd_releases, search_icd
from stepwell.clinic.refusal import Refused
from stepwell.desk.assessment.diagnosis_forms import NewDiagnosis, Search, UseDisorder
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.live import fragment
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.filters import day


@staff_page(P.ASSESSMENT_RECORD)
def diagnoses(request: Request, code: str) -> HttpResponse:
    """A new diagnosis, looked up by words; those that stand and their history are beside it."""
    chart = open_chart(request, code, "assessment")
    asked = Search(request.GET)
    wanted = asked.cleaned_data if asked.is_valid() else {"q": "", "code": ""}
    if request.headers.get("HX-Request") and request.method == "GET":
        return fragment(request, "desk/assessment/icd_found.html", _found(chart, wanted["q"]))
    first: dict[str, Any] = {}
    if wanted["code"] and (picked := find_icd(wanted["code"].upper())):
        first = {"code": picked.code, "text": picked.text}
    form = NewDiagnosis(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_diagnosis(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, f"{row.code} {row.text} is recorded.")
            return redirect("desk:assessment", chart.patient.code)
    return _page(
        request, chart, "desk/assessment/diagnoses.html", {"form": form, **_found(chart, wanted["q"])}
    )


@staff_page(P.ASSESSMENT_RECORD)
def use_disorder(request: Request, code: str) -> HttpResponse:
    """Criteria in, severity and a code out; recorded only when somebody presses the second button."""
    chart = open_chart(request, code, "assessment")
    form = UseDisorder(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and "record" in request.POST:
        counted, got = form.counted, form.cleaned_data
        with refusals_on(form):
            if counted is None or not counted.code:
                raise Refused("There is no code for this; record it by hand under Diagnoses.")
            row = actions.record_diagnosis(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                code=counted.code,
                text=counted.text,
                primary=got["primary"],
                counted=counted,
                controlled_environment=got["controlled_environment"],
            )
            messages.success(request, f"{row.code} {row.text} is recorded with its criteria.")
            return redirect("desk:assessment", chart.patient.code)
    known = find_icd(form.counted.code) if form.is_bound and form.counted and form.counted.code else None
    chosen = [form["criteria"].value() or []] if form.is_bound else [[]]
    context = {"form": form, "counted": form.counted, "known": known, "chosen": chosen[0]}
    return _page(request, chart, "desk/assessment/use_disorder.html", context)


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def primary_diagnosis(request: Request, code: str, number: int) -> HttpResponse:
    return _act(request, code, number, actions.make_primary, "It is the primary diagnosis from now on.")


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def end_diagnosis(request: Request, code: str, number: int) -> HttpResponse:
    return _act(
        request, code, number, actions.end_diagnosis, "The diagnosis is ended; it stays in the record."
    )


def _act(request: Request, code: str, number: int, action: Callable[..., Any], done: str) -> HttpResponse:
    chart = open_chart(request, code, "assessment")
    row = queries.diagnosis(request.actor, chart.patient, number)
    try:
        action(by=request.actor, at=request.at, diagnosis=row)
        messages.success(request, done)
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:diagnoses", chart.patient.code)


def _found(chart: Chart, asked: str) -> dict[str, Any]:
    found = search_icd(asked, chart.today) if asked else ()
    return {"q": asked, "found": found, "patient": chart.patient}


def _page(request: Request, chart: Chart, template: str, context: dict[str, Any]) -> HttpResponse:
    by, patient = request.actor, chart.patient
    context |= {
        "standing": list(queries.diagnoses_of(by, patient)),
        "history": [
            {
                "at": day(e.at),
                "title": f"{e.diagnosis.code} {e.get_kind_display()}",
                "text": e.because,
                "by": e.by.name,
            }
            for e in queries.diagnosis_history(by, patient)[:40]
        ],
        "release": icd_releases()[-1],
    }
    return chart_page(request, chart, template, context)
