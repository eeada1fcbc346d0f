"""Signatures on the plan: the clinician, the supervisor, and the patient on paper or on a device handed over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.plan import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.plan import device
from stepwell.desk.plan.forms import OnPaper


@require_POST
@staff_page(P.PLAN_WRITE)
def plan_signature(request: Request, code: str) -> HttpResponse:
    """The clinician signs the draft."""
    chart = open_chart(request, code, "plan")
    draft = queries.draft_of(request.actor, chart.patient)
    try:
        if draft is None:
            raise Refused("There is no draft to sign; it may have been signed just now.")
        seen = request.POST.get("seen", "")[:64]
        actions.sign_plan(by=request.actor, at=request.at, plan=draft, seen=seen)
        after = "" if draft.cosigner_id is None else " Your supervisor finds it among the plans to co-sign."
        messages.success(request, f"Signed: the plan is in force. Now the patient signs.{after}")
    except Refused as no:
        messages.error(request, no.sentence)
        if draft is not None:
            return redirect("desk:plan_draft", chart.patient.code)
    return redirect("desk:plan", chart.patient.code)


@require_POST
@staff_page(P.NOTE_COSIGN)
def plan_cosignature(request: Request, code: str, number: int) -> HttpResponse:
    """The supervisor signs under a plan of supervised staff."""
    chart = open_chart(request, code, "plan")
    held = queries.plans_of(request.actor, chart.patient).get(pk=number)
    try:
        actions.cosign(by=request.actor, at=request.at, plan=held)
        messages.success(request, "Co-signed.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan", chart.patient.code)


@staff_page(P.PLAN_WRITE)
def plan_patient_signature(request: Request, code: str) -> HttpResponse:
    """The patient has signed on paper; staff record the day and who holds the sheet."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    if held is None:
        messages.error(request, "No plan is in force; the clinician signs first.")
        return redirect("desk:plan", chart.patient.code)
    first = {"signed_on": chart.today, "kept_by": request.actor.name}
    form = OnPaper(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.sign_for_patient(
                by=request.actor, at=request.at, plan=held, method="paper", **form.cleaned_data
            )
            messages.success(request, "The patient's signature on paper is recorded.")
            return redirect("desk:plan", chart.patient.code)
    return chart_page(request, chart, "desk/plan/on_paper.html", {"form": form, "plan": held})


@require_POST
@staff_page(P.PLAN_WRITE)
def plan_hand_over(request: Request, code: str) -> HttpResponse:
    """This device is handed to the patient: it shows only this plan, and nobody is signed in on it any more."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    try:
        if held is None:
            raise Refused("No plan is in force; the clinician signs first.")
        row, key = actions.hand_over(by=request.actor, at=request.at, plan=held)
    except Refused as no:
        messages.error(request, no.sentence)
        return redirect("desk:plan", chart.patient.code)
    logout(request)  # what the patient holds in hand has no login of staff in it
    answer = HttpResponseRedirect(device.ADDRESS)
    device.hand(answer, row.pk, key)
    return answer
