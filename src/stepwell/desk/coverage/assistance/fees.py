"""The sliding fee by application: told, seen, decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.assistance import actions, queries, rules
from stepwell.clinic.coverage.rules import load_schedule
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.coverage.assistance.forms import DecideFee, NewApplication, Proof
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.COVERAGE_RECORD)
def sliding_fee(request: Request, code: str) -> HttpResponse:
    """Household and income as told."""
    chart = open_chart(request, code, "coverage")
    form = NewApplication(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.apply_for_fee(
                by=request.actor, at=request.at, patient=chart.patient, **form.facts()
            )
            messages.success(
                request, "The application is on file. Write down what was seen of the income next."
            )
            return redirect("desk:fee_application", chart.patient.code, row.pk)
    return chart_page(request, chart, "desk/coverage/assistance/apply.html", {"form": form})


@staff_page(P.COVERAGE_RECORD)
def fee_application(request: Request, code: str, application_id: int) -> HttpResponse:
    """What was told and seen, what the rule proposes, and the decision."""
    chart = open_chart(request, code, "coverage")
    row = queries.application_for(request.actor, chart.patient, application_id)
    form = DecideFee(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        with refusals_on(form):
            made = actions.decide_fee(by=request.actor, at=request.at, application=row, **form.cleaned_data)
            messages.success(
                request, f"Decided: {made.determination.discount * 100:.0f} % off. The price follows it."
            )
            return redirect("desk:assistance_of", chart.patient.code)
    return _page(request, chart, row, decide=form)


@staff_page(P.COVERAGE_RECORD)
@require_POST
def fee_proof(request: Request, code: str, application_id: int) -> HttpResponse:
    """Something was seen of the income."""
    chart = open_chart(request, code, "coverage")
    row = queries.application_for(request.actor, chart.patient, application_id)
    form = Proof(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.see_proof(by=request.actor, at=request.at, application=row, **form.cleaned_data)
            messages.success(request, "It is written down what was seen.")
            return redirect("desk:fee_application", chart.patient.code, row.pk)
    return _page(request, chart, row, proof=form)


def _page(
    request: Request,
    chart: Chart,
    row: Any,
    *,
    proof: Proof | None = None,
    decide: DecideFee | None = None,
) -> HttpResponse:
    today, known = localdate(request.at), rules.load_assistance()
    try:
        proposal, no_table = queries.proposal_for(row, today), ""
    except LookupError as unknown:
        proposal, no_table = None, str(unknown)
    made = list(row.decisions.all())
    full = any(not one.provisional for one in made)
    context: dict[str, Any] = {
        "application": row,
        "incomes": [(known.incomes.get(one.source, one.source), one) for one in row.incomes.all()],
        "proofs": [(known.proof(one.kind).label, one) for one in row.proofs.all()],
        "proposal": proposal,
        "no_table": no_table,
        "made": made,
        "class_words": {one.key: f"class {one.key}" for one in load_schedule().classes} | {"": "no discount"},
        "grace": known.grace_days,
        "open": not full and proposal is not None and not (made and proposal.provisional),
        "proof": proof or (None if full else Proof(initial={"seen_on": today})),
        "decide": decide
        or DecideFee(initial={"pay_class": proposal.determination.class_key or "" if proposal else ""}),
        "form": proof or decide,
    }
    return chart_page(request, chart, "desk/coverage/assistance/application.html", context)
