"""The list of a patient: medicines from elsewhere, allergies, and going through it line by line."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.medication.forms import MedicationEnd, NewAllergy, NewMedication, once_key
from stepwell.desk.medication.sheet_forms import GoneThrough
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.ASSESSMENT_RECORD)
def new_medication(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    form = NewMedication(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_medication(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, "The medicine is on the list.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": "A medicine from elsewhere",
        "explain": "What the person takes that is not ordered here, in their words.",
        "button": "Add to the list",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def medication_end(request: Request, code: str, medication_id: int) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    row = queries.medication_for(request.actor, chart.patient, medication_id)
    form = MedicationEnd(
        request.POST if request.method == "POST" else None, initial={"ended_on": chart.today}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.end_medication(by=request.actor, at=request.at, medication=row, **form.cleaned_data)
            messages.success(request, f"{row.name} is ended.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": f"{row.name} is no longer taken",
        "explain": "It stays on file below the list.",
        "button": "End it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def new_allergy(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    form = NewAllergy(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_allergy(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, "The allergy is on file.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": "An allergy",
        "explain": "Every later order is checked against its name.",
        "button": "Keep it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def allergy_end(request: Request, code: str, allergy_id: int) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    row = queries.allergy_for(request.actor, chart.patient, allergy_id)
    if request.method == "POST":
        try:
            actions.end_allergy(by=request.actor, at=request.at, allergy=row)
            messages.success(request, f"The allergy to {row.substance} is off the list.")
        except Refused as no:
            messages.error(request, no.sentence)
        return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": None,
        "title": f"{row.substance}: not an allergy after all",
        "explain": "Orders are no longer checked against it. The entry stays in the trail.",
        "button": "Take it off the list",
        "danger": True,
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def no_known_allergies(request: Request, code: str) -> HttpResponse:
    """One click: asked, and there are none."""
    chart = open_chart(request, code, "medication")
    try:
        actions.say_no_known_allergies(by=request.actor, at=request.at, patient=chart.patient)
        messages.success(request, "Kept: asked, no known allergies.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:chart_medication", chart.patient.code)


@staff_page(P.ASSESSMENT_RECORD)
def reconciliation(request: Request, code: str) -> HttpResponse:
    """The list line by line, signed in one go."""
    chart = open_chart(request, code, "medication")
    by, patient = request.actor, chart.patient
    lines = queries.lines_to_reconcile(by, patient, at=request.at)
    waits = queries.to_ask(by, at=request.at, patient=patient)
    because = waits[0].list_because if waits else ""
    occasion = {"admitted": "admission", "discharged": "discharge", "": "visit"}.get(because, "transition")
    form = GoneThrough(
        request.POST if request.method == "POST" else None,
        lines=lines,
        initial={"occasion": occasion, "once_key": once_key()},
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            actions.reconcile(
                by=by,
                at=request.at,
                patient=patient,
                occasion=facts["occasion"],
                decided=form.decided(request.POST.getlist("line")),
                once_key=facts["once_key"],
                nothing_taken=facts.get("nothing_taken", False),
            )
            messages.success(request, "The list is gone through and signed.")
            return redirect("desk:chart_medication", patient.code)
    context = {"form": form, "because": because}
    return chart_page(request, chart, "desk/medication/reconciliation.html", context)
