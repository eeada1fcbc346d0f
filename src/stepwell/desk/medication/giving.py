"""Giving doses: the round, one dose, doses to take home."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.medication import actions, queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.medication.forms import NewDose, PassingOver, TakeHomeDoses, once_key
from stepwell.desk.medication.tabs import tabs
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.MEDICATION_READ)
def the_round(request: Request) -> HttpResponse:
    """Doses due today, then what was not taken, then what is not due."""
    by = request.actor
    found = queries.the_round(by, at=request.at)
    context = {
        "tabs": tabs("round"),
        "due": [(o, once_key()) for o in found if o.to_do],
        "done": [o for o in found if not o.to_do],
        "not_taken": queries.not_taken(by, since=request.at - timedelta(days=7)),
        "side_effects": queries.open_side_effects(by),
        "may_give": by.may(P.MEDICATION_GIVE),
    }
    return render(request, "desk/medication/round.html", context)


@staff_page(P.MEDICATION_GIVE)
def new_dose(request: Request, code: str, order_id: int) -> HttpResponse:
    """Sent from the round in one click, or from its own page when more is asked: a lot, a site, a first dose."""
    chart = open_chart(request, code, "medication")
    by, patient = request.actor, chart.patient
    order = queries.order_for(by, patient, order_id)
    today = queries.order_today(order, at=request.at)
    findings = queries.checks_before_dose(order, at=request.at)
    first = {
        "outcome": "given",
        "amount": f"{today.dose.normalize():f}",
        "injection_site": rules.next_site(order.route, today.last.injection_site if today.last else ""),
        "once_key": once_key(),
    }
    sent = request.POST if request.method == "POST" else None
    form = NewDose(sent, initial=first, route=order.route)
    passing = PassingOver(sent, findings=findings if by.may(P.MEDICATION_ORDER, patient.site_id) else ())
    if request.method == "POST" and form.is_valid() and passing.is_valid():
        with refusals_on(form):
            dose = actions.record_dose(
                by=by, at=request.at, order=order, passed_over=passing.reasons(), **form.cleaned_data
            )
            said = f"{patient.full_name}: {order.name} {dose.outcome}."
            if dose.amount is not None and dose.amount != today.dose:
                messages.warning(
                    request, f"{said} {dose.amount_words} is not the ordered {today.dose_words}."
                )
            else:
                messages.success(request, said)
            if request.POST.get("back") == "round":
                return redirect("desk:medication")
            return redirect("desk:chart_medication", patient.code)
    context = {"form": form, "order": order, "today": today, "findings": findings, "passing": passing}
    return chart_page(request, chart, "desk/medication/new_dose.html", context)


@staff_page(P.MEDICATION_GIVE)
def take_home(request: Request, code: str, order_id: int) -> HttpResponse:
    """Doses for days on which the person does not come."""
    chart = open_chart(request, code, "medication")
    order = queries.order_for(request.actor, chart.patient, order_id)
    begun = queries.days_given(order)
    day = (chart.today - min(begun)).days + 1 if begun else 0
    first = {"doses": 1, "first_day": chart.today + timedelta(days=1), "once_key": once_key()}
    form = TakeHomeDoses(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.send_home(by=request.actor, at=request.at, order=order, **form.cleaned_data)
            messages.success(
                request, f"{order.name}: {row.doses} to take home, through {row.last_day:%-d %b %Y}."
            )
            return redirect("desk:chart_medication", chart.patient.code)
    allowed = (
        f"Day {day} of treatment: up to {rules.most_take_home(order.drug, day)} doses by rule."
        if day
        else "No dose was given here yet; give the first one here."
    )
    context = {
        "form": form,
        "title": f"{order.name} to take home",
        "explain": allowed,
        "button": "Record the doses",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)
