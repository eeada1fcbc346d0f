"""Reading the Plan tab: the plan in force, versions, what changed between them, the thread of one objective."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import diagnoses_of
from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.chart.queries import objective_for, strands_of, thread_of
from stepwell.clinic.plan import queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import render, staff_page
from stepwell.desk.plan.document import document_of, words
from stepwell.ui import charts
from stepwell.ui.filters import date_full, day


@staff_page(P.PLAN_READ)
def plan(request: Request, code: str) -> HttpResponse:
    """The plan in force as a document with its thread; what is missing or due above it."""
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
        "strands": strands_of(by, patient, objectives_in(held)) if held else {},
        "untreated": queries.standing_without_problem(held, diagnoses_of(by, patient))
        if held and by.may(P.ASSESSMENT_READ, patient.site_id)
        else (),
        **(document_of(by, held, patient, chart.today) if held else {}),
    }
    return chart_page(request, chart, "desk/plan/plan.html", context)


def objectives_in(held: Any) -> list[Any]:
    """Every objective of a plan that is `whole`, in its order."""
    return [o for p in held.problems.all() for g in p.goals.all() for o in g.objectives.all()]


@staff_page(P.PLAN_READ)
def plan_version(request: Request, code: str, number: int) -> HttpResponse:
    """A version that was in force once, as it was signed."""
    chart = open_chart(request, code, "plan")
    held = queries.whole(
        queries.plans_of(request.actor, chart.patient).filter(signed_at__isnull=False)
    ).get(pk=number)  # fmt: skip
    context = {"plan": held, **document_of(request.actor, held, chart.patient, chart.today)}
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
        **document_of(request.actor, held, chart.patient, chart.today),
    }
    return render(request, "desk/plan/print.html", context)


@staff_page(P.PLAN_READ)
def plan_thread(request: Request, code: str, number: int) -> HttpResponse:
    """One objective and all that hangs on it: notes, homework, scores, reviews, through every version."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    objective = objective_for(by, patient, number)
    thread = thread_of(by, patient, objective)
    plan_of = objective.goal.problem.plan
    context = {
        "objective": objective,
        "problem": objective.goal.problem,
        "thread": thread,
        "chart_of_scores": _drawn(objective, thread),
        "verdict_labels": {one.value: one.label for one in rules.Verdict},
        "in_force": plan_of.superseded_at is None and plan_of.episode_id == patient.episode_id,
        "may_give": by.may(P.RECOVERY_WRITE, patient.site_id),
        "sees": {
            "notes": by.may(P.NOTE_READ, patient.site_id),
            "homework": by.may(P.RECOVERY_READ, patient.site_id),
            "scores": by.may(P.ASSESSMENT_READ, patient.site_id),
        },
        **words(),
    }
    return chart_page(request, chart, "desk/plan/thread.html", context)


def _drawn(objective: Any, thread: Any) -> dict[str, Any] | None:
    """The measure as a line with its target, and its numbers; None before the second score."""
    shown = thread.scores[-12:]
    if len(shown) < 2:
        return None
    title = (
        load_instrument(objective.instrument).title
        if objective.instrument in instruments()
        else objective.instrument
    )
    series = [charts.Series(title, [score for _, score in shown])]
    target = queries.target_of(objective)
    if target is not None:
        series.append(charts.Series(f"Target, {target}", [target.score for _ in shown]))
    return {
        "svg": charts.line([day(at)[4:] for at, _ in shown], series, says=f"{title} over time"),
        "caption": f"{title}, last {len(shown)} times",
        "rows": [[date_full(at), score] for at, score in reversed(shown)],
        "title": title,
    }


def _changes(request: Request, chart: Any, number: int) -> dict[str, Any]:
    """A version against the signed one before it in the same episode; without one, against nothing."""
    plans = queries.plans_of(request.actor, chart.patient)
    new = plans.filter(signed_at__isnull=False).get(pk=number)
    both = plans.filter(episode=new.episode_id, version__lte=new.version, signed_at__isnull=False)
    rows = list(queries.whole(both.order_by("-version")[:2]))
    later, earlier = rows[0], rows[1] if len(rows) > 1 else None
    changes = rules.compare(
        queries.parts_of(earlier) if earlier else [],
        queries.parts_of(later),
        queries.ended_in(earlier) if earlier else {},
    )
    return {
        "plan": later,
        "before": earlier,
        "changes": {what.value: [c for c in changes if c.what is what] for what in rules.What},
        "nothing": not changes,
    }


@staff_page(P.PLAN_READ)
def plan_changes(request: Request, code: str, number: int) -> HttpResponse:
    """What a version added, changed and took out, by problem, goal and objective, in words."""
    chart = open_chart(request, code, "plan")
    return chart_page(request, chart, "desk/plan/changes.html", _changes(request, chart, number))


@staff_page(P.PLAN_READ)
def plan_changes_sheet(request: Request, code: str, number: int) -> HttpResponse:
    """The same on paper."""
    chart = open_chart(request, code, "plan")
    context = {"patient": chart.patient, **_changes(request, chart, number)}
    return render(request, "desk/plan/changes_print.html", context)
