"""The weekly order and the care team."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement.queries import level_words, open_episode
from stepwell.clinic.placement.rules import hours_band, level_from
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.plan.forms import NewMember, Order, order_initial


@staff_page(P.PLAN_WRITE)
def plan_order(request: Request, code: str) -> HttpResponse:
    """The weekly dose, proposed from the plan's interventions."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    episode = open_episode(by, patient)
    if episode is None:
        messages.info(request, "Admit the person first; hours are ordered in an episode.")
        return redirect("desk:placement", patient.code)
    held = queries.plan_in_force(by, patient) or queries.draft_of(by, patient)
    orders = list(queries.orders_of(by, patient))
    dose = {k.value: m for k, m in rules.weekly_dose(queries.as_rules(held)).items()} if held else {}
    now = queries.order_on(orders, chart.today)
    taken = {o.starts_on for o in orders}
    starts = next(d for n in range(366) if (d := chart.today + timedelta(days=n)) not in taken)
    total = sum(dose.values()) or (now.minutes_per_week if now else 0)
    first = {
        "days_least": now.days_least if now else 3,
        "days_most": now.days_most if now else 5,
        "starts_on": starts,
        **order_initial(dose or (now.doses if now else {}), total),
    }
    form = Order(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.order_treatment(by=by, at=request.at, episode=episode, **form.order())
            messages.success(request, "The order is on file; the well fills against it from that day on.")
            return redirect("desk:plan", patient.code)
    context = {
        "form": form,
        "now_ordered": now,
        "level": level_words(patient.level),
        "band": hours_band(level_from(patient.level)),
        "proposed": sum(dose.values()),
    }
    return chart_page(request, chart, "desk/plan/order.html", context)


@staff_page(P.PLAN_WRITE)
def care_team(request: Request, code: str) -> HttpResponse:
    """Who treats the patient, and in which part."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    episode = open_episode(by, patient)
    if episode is None:
        messages.info(request, "Admit the person first; a care team belongs to an episode.")
        return redirect("desk:placement", patient.code)
    team = list(queries.care_team_of(by, patient))
    there = {member.staff_id for member in team}
    colleagues = [s for s in queries.colleagues(by, chart.today) if s.pk not in there]
    form = NewMember(request.POST or None, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.add_to_care_team(
                by=by,
                at=request.at,
                episode=episode,
                staff=form.rows[form.cleaned_data["staff"]],
                role=form.cleaned_data["role"],
            )
            messages.success(request, "The care team is changed.")
            return redirect("desk:care_team", patient.code)
    return chart_page(request, chart, "desk/plan/care_team.html", {"form": form, "team": team})


@require_POST
@staff_page(P.PLAN_WRITE)
def end_in_care_team(request: Request, code: str, number: int) -> HttpResponse:
    chart = open_chart(request, code, "plan")
    member = queries.care_team_of(request.actor, chart.patient).get(pk=number)
    try:
        actions.end_in_care_team(by=request.actor, at=request.at, member=member)
        messages.success(request, f"{member.staff.name} has left the care team.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:care_team", chart.patient.code)
