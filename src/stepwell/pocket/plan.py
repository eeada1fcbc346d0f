"""The own plan in plain words, its signature, and the two recovery plans."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.clinic.plan import actions as plan_actions
from stepwell.clinic.plan import queries as plans
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.recovery import actions as recovery_actions
from stepwell.clinic.recovery import queries as recovery
from stepwell.clinic.recovery import rules as recovery_rules
from stepwell.clinic.refusal import Refused
from stepwell.pocket.forms import OwnPlan
from stepwell.pocket.pages import patient_page, refusals_on, render
from stepwell.ui.typeset import pdf_answer


@patient_page
def plan(request: Request, patient: Any) -> HttpResponse:
    by = request.actor
    current = plans.plan_in_force(by, patient)
    written = recovery.plans_of(by, patient)
    signed = list(current.signatures.all()) if current else []
    context = {
        "plan": current,
        "met": plans.met_ids(current) if current else frozenset(),
        "given_up": plans.given_up_ids(current) if current else frozenset(),
        "seen": plans.fingerprint(current) if current else "",
        "waits": bool(current) and not any(s.role == "patient" for s in signed),
        "signed": signed,
        "team": list(plans.care_team_of(by, patient)) if current else [],
        "kinds": {kind.value: kind.label for kind in Kind},
        "own": [_own(written, kind) for kind in recovery_rules.RecoveryPlanKind],
    }
    return render(request, "pocket/plan.html", context)


def _own(written: list[Any], kind: recovery_rules.RecoveryPlanKind) -> dict[str, Any]:
    return {
        "word": kind.value.replace("_", "-"),
        "form": recovery_rules.form(kind),
        "row": recovery.newest(written, kind),
    }


@require_POST
@patient_page
def signature(request: Request, patient: Any) -> HttpResponse:
    """The patient signs the plan in force by the own login."""
    current = plans.plan_in_force(request.actor, patient)
    if current is None:
        raise Http404
    try:
        seen = request.POST.get("seen", "")[:64]
        plan_actions.sign_for_patient(by=request.actor, at=request.at, plan=current, seen=seen)
        messages.success(request, "You have signed your plan. Thank you.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("pocket:plan")


@patient_page
def plan_document(request: Request, patient: Any) -> HttpResponse:
    """The own plan in force as a document to keep, in the own language."""
    current = plans.plan_in_force(request.actor, patient)
    if current is None:
        raise Http404
    return pdf_answer("plan", plans.sheet_of(current, patient), name=f"plan-{current.version}.pdf")


@patient_page
def own_plan(request: Request, patient: Any, kind: str) -> HttpResponse:
    """A plan in the patient's own words; each save is a new version."""
    try:
        which = recovery_rules.RecoveryPlanKind(kind.replace("-", "_"))
    except ValueError as unknown:
        raise Http404 from unknown
    newest = recovery.plan_of(request.actor, patient, which)
    first: dict[str, Any] = {"based_on": newest.version if newest else 0}
    first |= {f"section_{key}": text for key, text in (newest.sections if newest else {}).items()}
    form = OwnPlan(
        request.POST if request.method == "POST" else None, plan=recovery_rules.form(which), initial=first
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            recovery_actions.save_recovery_plan(
                by=request.actor,
                at=request.at,
                patient=patient,
                kind=which,
                sections=form.sections(),
                based_on=form.cleaned_data["based_on"],
            )
            messages.success(request, "Kept. You can change it at any time.")
            return redirect("pocket:plan")
    return render(request, "pocket/own_plan.html", {"form": form, "kind": kind, "row": newest})
