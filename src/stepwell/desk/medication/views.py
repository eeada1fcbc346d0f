from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.inquiry.queries import accepted_items
from stepwell.clinic.medication import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.medication.forms import (
    MedicationEnd,
    NewAllergy,
    NewDose,
    NewMedication,
    NewOrder,
    NewSideEffect,
    OrderStop,
    once_key,
)
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.MEDICATION_READ)
def the_round(request: Request) -> HttpResponse:
    """Doses due today, then what was not taken, then side effects nobody has closed."""
    by = request.actor
    found = queries.the_round(by, at=request.at)
    context = {
        "due": [(o, once_key()) for o in found if o.to_do],
        "done": [o for o in found if not o.to_do],
        "not_taken": queries.not_taken(by, since=request.at - timedelta(days=7)),
        "side_effects": queries.open_side_effects(by),
        "may_give": by.may(P.MEDICATION_GIVE),
        "may_record": by.may(P.ASSESSMENT_RECORD),
    }
    return render(request, "desk/medication/round.html", context)


@staff_page(P.MEDICATION_READ)
def chart_medication(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    by, patient = request.actor, chart.patient
    orders = queries.orders_of(by, patient, at=request.at)
    in_force = rules.DueState.NOT_IN_FORCE
    context = {
        "orders": [o for o in orders if o.due.state is not in_force],
        "past": [o for o in orders if o.due.state is in_force],
        "medications": queries.medications_of(by, patient),
        "allergies": queries.allergies_of(by, patient),
        "side_effects": queries.side_effects_of(by, patient),
        "doses": queries.doses_of(by, patient),
        "handed_off": list(accepted_items(patient, "medication", "allergy")),
        "may_order": by.may(P.MEDICATION_ORDER, patient.site_id),
        "may_give": by.may(P.MEDICATION_GIVE, patient.site_id),
        "may_record": by.may(P.ASSESSMENT_RECORD, patient.site_id),
    }
    return chart_page(request, chart, "desk/medication/medication.html", context)


@staff_page(P.MEDICATION_ORDER)
def new_order(request: Request, code: str) -> HttpResponse:
    """Warnings are shown once and sent back as seen; then the same button signs."""
    chart = open_chart(request, code, "medication")
    form = NewOrder(
        request.POST if request.method == "POST" else None,
        initial={"starts_on": chart.today, "route": "oral"},
    )
    check: rules.OrderCheck | None = None
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        seen = tuple(request.POST.getlist("seen"))
        try:
            check = queries.check_new_order(chart.patient, _asked(facts), on=chart.today)
            if set(check.warnings) <= set(seen):
                actions.order_medication(
                    by=request.actor, at=request.at, patient=chart.patient, seen_warnings=seen, **facts
                )
                messages.success(request, "The order is signed and in force.")
                return redirect("desk:chart_medication", chart.patient.code)
        except Refused as no:
            form.add_error(None, no.sentence)
    context = {"form": form, "check": check, "drugs": rules.drugs()}
    return chart_page(request, chart, "desk/medication/new_order.html", context)


def _asked(facts: dict[str, Any]) -> rules.Order:
    names = ("drug", "dose", "unit", "route", "frequency", "starts_on", "ends_on")
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


@staff_page(P.MEDICATION_GIVE)
def new_dose(request: Request, code: str, order_id: int) -> HttpResponse:
    """Sent from the round in one click, or from its own page when the dose was not simply given."""
    chart = open_chart(request, code, "medication")
    order = queries.order_for(request.actor, chart.patient, order_id)
    first = {"outcome": "given", "amount": f"{order.dose.normalize():f}", "once_key": once_key()}
    form = NewDose(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            dose = actions.record_dose(by=request.actor, at=request.at, order=order, **form.cleaned_data)
            said = f"{chart.patient.full_name}: {order.name} {dose.outcome}."
            if dose.amount is not None and dose.amount != order.dose:
                messages.warning(
                    request,
                    f"{said} {dose.amount_words} is not the ordered {order.dose_words}.",
                )
            else:
                messages.success(request, said)
            if request.POST.get("back") == "round":
                return redirect("desk:medication")
            return redirect("desk:chart_medication", chart.patient.code)
    return chart_page(request, chart, "desk/medication/new_dose.html", {"form": form, "order": order})


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


@staff_page(P.ASSESSMENT_RECORD)
def new_side_effect(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    orders = queries.orders_of(request.actor, chart.patient, at=request.at)
    form = NewSideEffect(
        request.POST if request.method == "POST" else None, orders=[(o.row.pk, o.row.name) for o in orders]
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        chosen = facts.pop("order")
        with refusals_on(form):
            actions.report_side_effect(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                order=next((o.row for o in orders if o.row.pk == chosen), None),
                **facts,
            )
            messages.success(request, "The side effect is on file.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": "A side effect",
        "explain": "Severe ones, and thoughts of suicide however mild, alert the team at once.",
        "button": "Keep it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def side_effect_closing(request: Request, code: str, side_effect_id: int) -> HttpResponse:
    chart = open_chart(request, code, "medication")
    row = queries.side_effect_for(request.actor, chart.patient, side_effect_id)
    if request.method == "POST":
        try:
            actions.close_side_effect(by=request.actor, at=request.at, side_effect=row)
            messages.success(request, f"{chart.patient.full_name}: {row.effect} is closed.")
        except Refused as no:
            messages.error(request, no.sentence)
        if request.POST.get("back") == "round":
            return redirect("desk:medication")
        return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": None,
        "title": f"Close: {row.effect}",
        "explain": "It is over, or somebody has dealt with it.",
        "button": "Close it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)
