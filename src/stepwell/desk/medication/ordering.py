"""Ordering: the product, the titration, the checks before it, supply, stopping; and the facts that checks ask for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.medication import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.medication.forms import NewFact, NewSupply, OrderStop, PassingOver, once_key
from stepwell.desk.medication.order_forms import NewOrder
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.MEDICATION_ORDER)
def new_order(request: Request, code: str) -> HttpResponse:
    """Warnings and unmet checks are shown once and sent back as seen or passed over; then the same button signs."""
    chart = open_chart(request, code, "medication")
    form = NewOrder(request.POST if request.method == "POST" else None, initial=_first(request, chart))
    check: rules.OrderCheck | None = None
    findings: tuple[rules.Finding, ...] = ()
    passing = PassingOver(findings=())
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        seen = tuple(request.POST.getlist("seen"))
        findings = queries.check_start(chart.patient, facts["drug"], at=request.at)
        passing = PassingOver(request.POST, findings=findings)
        try:
            check = queries.check_new_order(chart.patient, _asked(facts), on=chart.today)
            shown = set(check.warnings) <= set(seen)
            if (shown and not rules.unmet(findings)) or (
                shown and request.POST.get("checked") == facts["drug"] and passing.is_valid()
            ):
                reasons = passing.reasons() if rules.unmet(findings) else {}
                actions.order_medication(
                    by=request.actor, at=request.at, patient=chart.patient, seen_warnings=seen,
                    passed_over=reasons, **facts,
                )  # fmt: skip
                messages.success(request, "The order is signed and in force.")
                return redirect("desk:chart_medication", chart.patient.code)
        except Refused as no:
            form.add_error(None, no.sentence)
    words = request.GET.get("q", "").replace("\x00", "")[:80]
    context = {
        "form": form,
        "check": check,
        "findings": findings,
        "passing": passing,
        "checked": form.cleaned_data.get("drug", "") if form.is_bound and findings else "",
        "drugs": rules.drugs(),
        "words": words,
        "products": rules.find_products(words),
    }
    return chart_page(request, chart, "desk/medication/new_order.html", context)


def _first(request: Request, chart: Chart) -> dict[str, Any]:
    """What the form opens with: the product chosen from the search, if any."""
    first: dict[str, Any] = {"starts_on": chart.today, "route": "oral"}
    chosen = rules.product(request.GET.get("product", ""))
    if chosen is not None:
        first |= {
            "drug": chosen.drug,
            "rxnorm": chosen.rxnorm,
            "dose": f"{chosen.strength.normalize():f}",
            "unit": chosen.unit,
            "route": chosen.route,
        }
    return first


def _asked(facts: dict[str, Any]) -> rules.Order:
    names = ("drug", "dose", "unit", "route", "frequency", "starts_on", "ends_on", "steps")
    return rules.Order(**{name: facts[name] for name in names})


@staff_page(P.MEDICATION_ORDER)
def order_stop(request: Request, code: str, order_id: int) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    order = queries.order_for(request.actor, chart.patient, order_id)
    form = OrderStop(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.stop_order(by=request.actor, at=request.at, order=order, **form.cleaned_data)
            messages.success(request, f"The order for {order.name} is stopped.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": f"Stop {order.name}",
        "explain": "No dose is due from now on. The order stays on file with your reason.",
        "button": "Stop the order",
        "danger": True,
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def new_fact(request: Request, code: str, kind: str) -> HttpResponse:
    """A test, a query, the last use: what a check asks for."""
    chart = open_chart(request, code, "medication")
    try:
        asked = rules.fact_kind(kind)
    except Refused as unknown:
        raise Http404 from unknown
    form = NewFact(request.POST if request.method == "POST" else None, kind=asked)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_fact(
                by=request.actor, at=request.at, patient=chart.patient, kind=asked.code, **form.cleaned_data
            )
            messages.success(request, f"{asked.label}: kept.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {"form": form, "title": asked.label, "explain": asked.ask, "button": "Keep it"}
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def new_supply(request: Request, code: str, order_id: int) -> HttpResponse:
    """What a pharmacy filled: from it and the dose the day is known on which it runs out."""
    chart = open_chart(request, code, "medication")
    order = queries.order_for(request.actor, chart.patient, order_id)
    product = rules.product(order.rxnorm)
    first = {
        "on": chart.today,
        "strength": f"{(product.strength if product else order.dose).normalize():f}",
        "once_key": once_key(),
    }
    form = NewSupply(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_supply(by=request.actor, at=request.at, order=order, **form.cleaned_data)
            messages.success(request, f"{order.name}: the supply is on file.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": f"A supply of {order.name}",
        "explain": f"Pieces as the pharmacy counted them; the strength of one in {order.unit}.",
        "button": "Keep it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)
