"""Work lists: side effects, refills, questions nobody asked; side effects and naloxone of one patient."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.medication import actions, queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.medication.forms import FollowUp, Naloxone, NewSideEffect, once_key
from stepwell.desk.medication.tabs import tabs
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.MEDICATION_READ)
def side_effects(request: Request) -> HttpResponse:
    """Everything that is open, the severe first, then what is to be asked about soonest."""
    by = request.actor
    context = {
        "tabs": tabs("side_effects"),
        "side_effects": queries.open_side_effects(by),
        "may_record": by.may(P.ASSESSMENT_RECORD),
        "today": request.at.astimezone(ZoneInfo(by.home.zone)).date(),
    }
    return render(request, "desk/medication/side_effects.html", context)


@staff_page(P.MEDICATION_READ)
def refills(request: Request) -> HttpResponse:
    """What runs out, soonest first."""
    by = request.actor
    found = queries.refills(by, at=request.at)
    due = [one for one in found if one.due]
    context = {
        "tabs": tabs("refills"),
        "due": due,
        "later": [one for one in found if not one.due],
        "may_record": by.may(P.ASSESSMENT_RECORD),
        "may_order": by.may(P.MEDICATION_ORDER),
    }
    return render(request, "desk/medication/refills.html", context)


@staff_page(P.MEDICATION_READ)
def to_ask(request: Request) -> HttpResponse:
    """Questions that nobody has asked yet: the list, allergies, naloxone."""
    by = request.actor
    context = {
        "tabs": tabs("to_ask"),
        "people": queries.to_ask(by, at=request.at),
        "may_record": by.may(P.ASSESSMENT_RECORD),
    }
    return render(request, "desk/medication/to_ask.html", context)


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
def side_effect_follow_up(request: Request, code: str, side_effect_id: int) -> HttpResponse:
    """Asked again: what was found, and when to ask next or that it is closed."""
    chart = open_chart(request, code, "medication")
    row = queries.side_effect_for(request.actor, chart.patient, side_effect_id)
    first = {"result": "open", "next_on": chart.today + timedelta(days=7)}
    form = FollowUp(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            done = actions.follow_up_side_effect(
                by=request.actor, at=request.at, side_effect=row, **form.cleaned_data
            )
            ends = f"asked again on {done.next_on:%-d %b}" if done.next_on else "closed"
            messages.success(request, f"{chart.patient.full_name}: {row.effect}, {ends}.")
            if request.GET.get("back") == "list":
                return redirect("desk:medication_side_effects")
            return redirect("desk:chart_medication", chart.patient.code)
    about = f" with {row.order.name}" if row.order else ""
    advice = rules.side_effect(row.effect, rules.Severity(row.severity)).tell
    context = {
        "form": form,
        "title": f"{row.effect.capitalize()}{about}, {row.severity}",
        "explain": f"{row.note} {advice}".strip(),
        "button": "Keep it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def naloxone(request: Request, code: str) -> HttpResponse:
    """Offered: given, on hand, or declined."""
    chart = open_chart(request, code, "medication")
    form = Naloxone(
        request.POST if request.method == "POST" else None, initial={"kits": 1, "once_key": once_key()}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.offer_naloxone(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, f"Naloxone: {row.get_outcome_display()}.")
            return redirect("desk:chart_medication", chart.patient.code)
    context = {
        "form": form,
        "title": "Naloxone",
        "explain": "Offered to everybody with opioid or stimulant use, and to those they live with.",
        "button": "Keep it",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)
