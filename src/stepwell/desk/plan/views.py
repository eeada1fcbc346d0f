"""The Plan tab: reading, signing, reviewing, ordering, the care team. Drafting is in `drafting`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement.queries import level_words, open_episode
from stepwell.clinic.placement.rules import hours_band, level_from
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_words
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.hours.doses import lines_since
from stepwell.desk.hours.doses import said as dose_facts
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.plan.forms import NewMember, Order, Review, order_initial

_ROLES = {"clinician": "Clinician", "patient": "Patient", "cosigner": "Supervisor"}


@staff_page(P.PLAN_READ)
def plan(request: Request, code: str) -> HttpResponse:
    """The plan in force as a document; what is missing or due above it."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    versions = list(queries.whole(queries.plans_of(by, patient)))
    current = [p for p in versions if p.episode_id == patient.episode_id]
    held = next((p for p in current if p.signed_at and not p.superseded_at), None)
    draft = next((p for p in current if not p.signed_at), None)
    orders = list(queries.orders_of(by, patient)) if patient.episode_id else []
    plan_due = None
    if patient.admitted_at and not held:
        admitted = patient.admitted_at.astimezone(ZoneInfo(patient.site.zone)).date()
        plan_due = rules.first_plan_due(admitted)
    order = queries.order_on(orders, chart.today)
    dose = rules.weekly_dose(queries.as_rules(held)) if held else {}
    context = {
        "plan": held,
        "draft": draft,
        "fewer": rules.less_than_ordered(dose, order.minutes_per_week) if held and order else None,
        "earlier": [p for p in versions if p.signed_at and p is not held],
        "plan_due": plan_due,
        "in_treatment": patient.episode_id is not None,
        "team": list(queries.care_team_of(by, patient)),
        "order": order,
        "coming": [o for o in reversed(orders) if o.starts_on > chart.today],
        "may_write": by.may(P.PLAN_WRITE, patient.site_id),
        **(_document(by, held, patient, chart.today) if held else {}),
    }
    return chart_page(request, chart, "desk/plan/plan.html", context)


@staff_page(P.PLAN_READ)
def plan_version(request: Request, code: str, number: int) -> HttpResponse:
    """A version that was in force once, as it was signed."""
    chart = open_chart(request, code, "plan")
    held = queries.whole(
        queries.plans_of(request.actor, chart.patient).filter(signed_at__isnull=False)
    ).get(pk=number)  # fmt: skip
    context = {"plan": held, **_document(request.actor, held, chart.patient, chart.today)}
    return chart_page(request, chart, "desk/plan/version.html", context)


@staff_page(P.PLAN_READ)
def plan_sheet(request: Request, code: str) -> HttpResponse:
    """The plan in force on paper, with lines to sign on."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    if held is None:
        messages.info(request, "No plan is in force yet; sign the draft first, then print it.")
        return redirect("desk:plan", chart.patient.code)
    context = {
        "plan": held,
        "patient": chart.patient,
        "team": list(queries.care_team_of(request.actor, chart.patient)),
        **_document(request.actor, held, chart.patient, chart.today),
    }
    return render(request, "desk/plan/print.html", context)


@require_POST
@staff_page(P.PLAN_WRITE)
def plan_signature(request: Request, code: str) -> HttpResponse:
    """The clinician signs the draft."""
    chart = open_chart(request, code, "plan")
    draft = queries.draft_of(request.actor, chart.patient)
    try:
        if draft is None:
            raise Refused("There is no draft to sign; it may have been signed just now.")
        actions.sign_plan(by=request.actor, at=request.at, plan=draft)
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


@require_POST
@staff_page(P.PLAN_WRITE)
def plan_patient_signature(request: Request, code: str) -> HttpResponse:
    """The patient has signed on paper; staff record it."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    try:
        if held is None:
            raise Refused("No plan is in force; the clinician signs first.")
        actions.sign_for_patient(by=request.actor, at=request.at, plan=held, method="paper")
        messages.success(request, "The patient's signature on paper is recorded.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan", chart.patient.code)


@staff_page(P.PLAN_WRITE)
def plan_review(request: Request, code: str) -> HttpResponse:
    """The team has looked: what is met, what follows, when next."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    if held is None:
        messages.info(request, "No plan is in force yet; there is nothing to review.")
        return redirect("desk:plan", chart.patient.code)
    met = queries.met_ids(held)
    objectives = [
        (o.pk, f"{p.number}.{g.number}.{o.number} {o.measure}: {o.target}")
        for p in held.problems.all() for g in p.goals.all() for o in g.objectives.all() if o.pk not in met
    ]  # fmt: skip
    since = _last_looked(held, ZoneInfo(chart.patient.site.zone))
    doses = (
        lines_since(request.actor, chart.patient, since, chart.today, at=request.at)
        if chart.sees_hours
        else []
    )
    facts_said = dose_facts(doses)
    summary = f"Since {day_words(since)}: {facts_said[:1].lower()}{facts_said[1:]}\n" if facts_said else ""
    first = {"next_due_on": rules.review_due(chart.today), "summary": summary}
    form = Review(request.POST or None, objectives=objectives, facts=summary, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            review = actions.review_plan(
                by=request.actor,
                at=request.at,
                plan=held,
                outcome=facts["outcome"],
                summary=facts["summary"],
                met=[int(number) for number in facts["met"]],
                next_due_on=facts["next_due_on"],
            )
            messages.success(request, _FOLLOWS[review.outcome])
            return redirect("desk:plan", chart.patient.code)
    context = {
        "form": form,
        "plan": held,
        "team": list(queries.care_team_of(request.actor, chart.patient)),
        "doses": doses,
        "since": since,
    }
    return chart_page(request, chart, "desk/plan/review.html", context)


def _last_looked(plan: Any, zone: ZoneInfo) -> date:
    """The day of the last review of this version, else that of its signature."""
    looks = [review.at for review in plan.reviews.all()] or [plan.signed_at]
    last: datetime = max(looks)
    return last.astimezone(zone).date()


_FOLLOWS = {
    "continue": "The review is on file; the plan goes on.",
    "revise": "The review is on file. Change the plan next.",
    "step_down": "The review is on file. Step down under Level of care next.",
    "step_up": "The review is on file. Step up under Level of care next.",
    "discharge": "The review is on file. Discharge under Level of care next.",
}


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


def _document(by: Actor, held: Any, patient: Any, today: Any) -> dict[str, Any]:
    """What the document shows beside the rows: dose by kind, what is met, signatures, the last review."""
    dose = rules.weekly_dose(queries.as_rules(held))
    level = patient.level if held.episode_id == patient.episode_id else None
    signed = {s.role for s in held.signatures.all()}
    return {
        "met": queries.met_ids(held),
        "dose": [(kind.label, minutes, kind.value) for kind, minutes in dose.items()],
        "dose_total": sum(dose.values()),
        "outside": rules.outside_the_level(dose, hours_band(level_from(level))) if level else None,
        "signatures": [(_ROLES[s.role], s) for s in held.signatures.all()],
        "patient_signed": "patient" in signed,
        "waits_for": held.cosigner if held.cosigner_id and "cosigner" not in signed else None,
        "may_cosign": held.cosigner_id is not None
        and "cosigner" not in signed
        and held.superseded_at is None
        and held.cosigner_id == by.staff_id
        and by.may(P.NOTE_COSIGN, patient.site_id),
        "reviews": [(rules.ReviewOutcome(r.outcome).label, r) for r in held.reviews.all()],
        "due_on": held.due_on,
        "review_late": held.due_on < today,
        "review_soon": held.due_on <= today + load_looking().review_soon,
        "kind_labels": {kind.value: kind.label for kind in rules.Kind},
    }
