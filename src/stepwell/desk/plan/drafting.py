"""Writing a draft, part by part: each part is a small form, and the whole stands on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import diagnoses_of
from stepwell.clinic.placement.queries import open_episode
from stepwell.clinic.placement.rules import hours_band, level_from
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.plan.document import dose_rows, words
from stepwell.desk.plan.forms import PARTS, Strengths
from stepwell.desk.plan.library import draft_row as _draft
from stepwell.desk.plan.library import objective_texts, texts_of

_ADD = {
    "goal": ("problem", actions.add_goal, "problem"),
    "objective": ("goal", actions.add_objective, "goal"),
    "intervention": ("objective", actions.add_intervention, "objective"),
}


@staff_page(P.PLAN_WRITE)
def plan_draft(request: Request, code: str) -> HttpResponse:
    """GET shows the draft; POST begins one."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    if request.method == "POST":
        episode = open_episode(by, patient)
        try:
            if episode is None:
                raise Refused("Admit the person first; a plan belongs to an episode.")
            actions.begin_plan(by=by, at=request.at, episode=episode)
        except Refused as no:
            messages.info(request, no.sentence)
        return redirect("desk:plan_draft" if episode else "desk:placement", patient.code)
    draft = queries.draft_of(by, patient)
    if draft is None:
        return redirect("desk:plan", patient.code)
    tree = queries.as_rules(draft)
    untreated = queries.standing_without_problem(draft, diagnoses_of(by, patient))
    missing = [part.sentence for part in rules.missing_parts(tree)]
    missing += [one.sentence for one in untreated if one.refuses]
    dose = rules.weekly_dose(tree)
    context = {
        "plan": draft,
        "met": frozenset(),
        "missing": missing,
        "sign_refused": " ".join(missing) or None,
        "dose": dose_rows(dose),
        "dose_total": sum(dose.values()),
        "outside": rules.outside_the_level(dose, hours_band(level_from(patient.level))),
        "untreated": untreated,
        "together": rules.together(queries.conditions_of(draft)),
        "seen": queries.fingerprint(draft),
        **words(),
    }
    return chart_page(request, chart, "desk/plan/draft.html", context)


@staff_page(P.PLAN_WRITE)
def plan_strengths(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "plan")
    draft = _draft(request, chart)
    form = Strengths(request.POST or None, initial={"strengths": draft.strengths})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.save_plan(by=request.actor, at=request.at, plan=draft, **form.cleaned_data)
            return redirect("desk:plan_draft", chart.patient.code)
    return _part_page(request, chart, form, "Strengths and supports")


@staff_page(P.PLAN_WRITE)
def new_problem(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "plan")
    draft = _draft(request, chart)
    form = PARTS["problem"](request.POST or None, diagnoses=diagnoses_of(request.actor, chart.patient))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.add_problem(by=request.actor, at=request.at, plan=draft, **form.facts())
            return redirect("desk:plan_draft", chart.patient.code)
    return _part_page(request, chart, form, "New problem")


@staff_page(P.PLAN_WRITE)
def new_part(request: Request, code: str, kind: str, inside: int) -> HttpResponse:
    """A goal in a problem, an objective in a goal, an intervention in an objective."""
    chart = open_chart(request, code, "plan")
    if kind not in _ADD:
        raise Http404
    parent_kind, add, name = _ADD[kind]
    parent = queries.part(request.actor, chart.patient, parent_kind, inside)
    form = PARTS[kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            add(by=request.actor, at=request.at, **{name: parent}, **form.facts())  # type: ignore[operator]  # one of three actions
            return redirect("desk:plan_draft", chart.patient.code)
    above = {"goal": "statement", "objective": "words", "intervention": "measure"}[kind]
    more = {"suggestions": _suggestions(request, chart, kind, parent), "goal": inside}
    return _part_page(request, chart, form, f"New {kind}", within=getattr(parent, above), **more)


def _suggestions(request: Request, chart: Any, kind: str, parent: Any) -> list[Any]:
    """From the library: words for a goal, or whole objectives, of the condition that the problem belongs to."""
    if kind not in ("goal", "objective"):
        return []
    texts = texts_of(request, chart.patient.site_id)
    condition = (parent if kind == "goal" else parent.problem).condition
    if kind == "goal":
        return [
            words for t in texts.values() if not condition or t.condition == condition for words in t.goals
        ]
    return objective_texts(texts, condition)


@staff_page(P.PLAN_WRITE)
def plan_part(request: Request, code: str, kind: str, number: int) -> HttpResponse:
    """Change one part of the draft."""
    chart = open_chart(request, code, "plan")
    if kind not in PARTS:
        raise Http404
    row = queries.part(request.actor, chart.patient, kind, number)
    names = PARTS[kind].base_fields
    first = {name: getattr(row, name) for name in names if name != "diagnosis"}
    if kind == "problem":
        first["diagnosis"] = str(row.diagnosis_id or "")
    if kind == "objective" and row.scale:
        first["instrument"] = f"{row.instrument}/{row.scale}"
    form = PARTS[kind](
        request.POST or None, initial=first, diagnoses=diagnoses_of(request.actor, chart.patient)
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.change_part(by=request.actor, at=request.at, part=row, facts=form.facts())
            return redirect("desk:plan_draft", chart.patient.code)
    return _part_page(request, chart, form, f"Change the {kind}", remove=(kind, number))


@require_POST
@staff_page(P.PLAN_WRITE)
def remove_part(request: Request, code: str, kind: str, number: int) -> HttpResponse:
    """Take a part out of the draft with all that hangs on it."""
    chart = open_chart(request, code, "plan")
    if kind not in PARTS:
        raise Http404
    row = queries.part(request.actor, chart.patient, kind, number)
    try:
        actions.remove_part(by=request.actor, at=request.at, part=row)
        messages.success(request, f"The {kind} is taken out of the draft.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan_draft", chart.patient.code)


def _part_page(request: Request, chart: Any, form: Any, heading: str, **more: Any) -> HttpResponse:
    context = {
        "form": form, "heading": heading, "within": None, "remove": None, "suggestions": (), "goal": None, **more
    }  # fmt: skip
    return chart_page(request, chart, "desk/plan/part.html", context)
