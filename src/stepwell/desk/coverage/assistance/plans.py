"""Payment plans: agreed, paid by hand, reviewed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.assistance import actions, queries
from stepwell.clinic.coverage.rules import load_plan_rules
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.coverage.assistance.forms import NewAgreement, Payment, Review
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.COVERAGE_RECORD)
def agree_on_plan(request: Request, code: str) -> HttpResponse:
    """Equal payments without interest, as many as the amount a month needs."""
    chart = open_chart(request, code, "coverage")
    form = NewAgreement(
        request.POST or None,
        initial={"first_due": localdate(request.at), "agreed_by": chart.patient.full_name},
    )
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        told["charge"] = told["charge"] or 0
        with refusals_on(form):
            row = actions.agree_on_plan(by=request.actor, at=request.at, patient=chart.patient, **told)
            messages.success(request, "The plan is agreed. Print it for them.")
            return redirect("desk:payment_agreement", chart.patient.code, row.pk)
    context = {"form": form, "limits": load_plan_rules()}
    return chart_page(request, chart, "desk/coverage/assistance/agree.html", context)


@staff_page(P.COVERAGE_RECORD)
def payment_agreement(request: Request, code: str, agreement_id: int) -> HttpResponse:
    """The schedule; posted, a payment was received."""
    chart = open_chart(request, code, "coverage")
    row = queries.agreement_for(request.actor, chart.patient, agreement_id)
    form = Payment(request.POST or None, initial={"paid_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_payment(by=request.actor, at=request.at, agreement=row, **form.cleaned_data)
            messages.success(request, "The payment is written down on the plan.")
            return redirect("desk:payment_agreement", chart.patient.code, row.pk)
    return _page(request, chart, row, form, Review())


@staff_page(P.COVERAGE_RECORD)
@require_POST
def review_agreement(request: Request, code: str, agreement_id: int) -> HttpResponse:
    """A person looked at the plan and decides how it goes on."""
    chart = open_chart(request, code, "coverage")
    row = queries.agreement_for(request.actor, chart.patient, agreement_id)
    form = Review(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.review_plan(by=request.actor, at=request.at, agreement=row, **form.cleaned_data)
            messages.success(request, "The decision is on file with its reason.")
            return redirect("desk:payment_agreement", chart.patient.code, row.pk)
    return _page(request, chart, row, form, form)


def _page(request: Request, chart: Chart, row: Any, form: Payment | Review, review: Review) -> HttpResponse:
    today = localdate(request.at)
    context = {
        "agreement": row,
        "standing": queries.standing_of(row, today),
        "ended": queries.has_ended(row),
        "instalments": list(row.instalments.all()),
        "today": today,
        "form": form,
        "payment": form if isinstance(form, Payment) else Payment(initial={"paid_on": today}),
        "review": review,
        "limits": load_plan_rules(),
    }
    return chart_page(request, chart, "desk/coverage/assistance/agreement.html", context)
