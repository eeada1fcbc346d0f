"""Writing from the library in a click, and diagnoses that the plan puts aside with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import diagnoses_of, diagnosis
from stepwell.clinic.assessment.rules import Dimension
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.plan.forms import Deferral, FromLibrary


@staff_page(P.PLAN_WRITE)
def plan_library(request: Request, code: str) -> HttpResponse:
    """Problems by dimension; one click puts one into the draft with a goal, objectives and interventions."""
    chart = open_chart(request, code, "plan")
    by, patient = request.actor, chart.patient
    draft = draft_row(request, chart)
    texts = texts_of(request, patient.site_id)
    diagnoses = list(diagnoses_of(by, patient))
    form = FromLibrary(request.POST if request.method == "POST" else None, texts=texts, diagnoses=diagnoses)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.insert_problem(by=by, at=request.at, plan=draft, **form.facts())
            messages.success(
                request, "It is in the draft. Change the words until they are the patient's own."
            )
            return redirect("desk:plan_draft", patient.code)
    context = {
        "form": form,
        "groups": _by_dimension(texts, request.GET.get("condition", "")),
        "diagnoses": diagnoses,
        "suits": _suits(diagnoses),
        "conditions": [(one.value, one.label) for one in rules.Condition],
        "condition": request.GET.get("condition", ""),
        "condition_labels": {one.value: one.label for one in rules.Condition},
        "kind_labels": {kind.value: kind.label for kind in rules.Kind},
    }
    return chart_page(request, chart, "desk/plan/library.html", context)


@require_POST
@staff_page(P.PLAN_WRITE)
def insert_objective(request: Request, code: str, inside: int) -> HttpResponse:
    """An objective of the library, with its interventions, into a goal of the draft."""
    chart = open_chart(request, code, "plan")
    goal = queries.part(request.actor, chart.patient, "goal", inside)
    known = {key: text for key, _, text in objective_texts(texts_of(request, chart.patient.site_id))}
    text = known.get(request.POST.get("text", ""))
    try:
        if text is None:
            raise Refused("This text is not in the library any more; choose another.")
        actions.insert_objective(by=request.actor, at=request.at, goal=goal, text=text)
        messages.success(request, "The objective is in the draft. Change its words and its date as needed.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan_draft", chart.patient.code)


@staff_page(P.PLAN_WRITE)
def plan_deferral(request: Request, code: str, number: int) -> HttpResponse:
    """Why a diagnosis is not worked on in this plan."""
    chart = open_chart(request, code, "plan")
    draft = draft_row(request, chart)
    illness = diagnosis(request.actor, chart.patient, number)
    form = Deferral(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.defer_diagnosis(
                by=request.actor, at=request.at, plan=draft, diagnosis=illness, **form.cleaned_data
            )
            return redirect("desk:plan_draft", chart.patient.code)
    context = {
        "form": form,
        "heading": "Not worked on here",
        "within": f"{illness.code} {illness.text}",
        "remove": None,
        "suggestions": (),
    }
    return chart_page(request, chart, "desk/plan/part.html", context)


@require_POST
@staff_page(P.PLAN_WRITE)
def end_deferral(request: Request, code: str, number: int) -> HttpResponse:
    """The diagnosis asks for a problem again."""
    chart = open_chart(request, code, "plan")
    illness = diagnosis(request.actor, chart.patient, number)
    try:
        actions.take_up_diagnosis(
            by=request.actor, at=request.at, plan=draft_row(request, chart), diagnosis=illness
        )
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan_draft", chart.patient.code)


def draft_row(request: Request, chart: Any) -> Any:
    """The draft; without one, `DoesNotExist` becomes a 404."""
    return queries.plans_of(request.actor, chart.patient).get(
        queries.IN_DRAFT, episode__closed_at__isnull=True
    )  # fmt: skip


def texts_of(request: Request, site_id: int) -> dict[str, Any]:
    """'library:problem' -> its text, the site's own first."""
    return {
        f"{shelf.library.key}:{text.key}": text
        for shelf in queries.libraries_of(request.actor, site_id)
        for text in shelf.library.problems
    }


def objective_texts(texts: dict[str, Any], condition: str = "") -> list[tuple[str, str, Any]]:
    """'library:problem:place', words and text of each objective, of one condition if wanted."""
    return [
        (f"{key}:{place}", f"{one.measure}: {one.target}", one)
        for key, text in texts.items()
        if not condition or text.condition == condition
        for place, one in enumerate(text.objectives)
    ]


def _by_dimension(texts: dict[str, Any], condition: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    if condition and condition not in {one.value for one in rules.Condition}:
        raise Http404
    found = []
    for dimension in Dimension:
        rows = [
            (key, text)
            for key, text in texts.items()
            if text.dimension == dimension.value and (not condition or text.condition == condition)
        ]
        if rows:
            found.append((f"{dimension.value}. {dimension.label}", rows))
    return found


def _suits(diagnoses: list[Any]) -> Any:
    """The diagnosis that a text most likely belongs to: by its codes, else by its condition."""

    def suits(text: Any) -> int | None:
        by_code = [d for d in diagnoses if any(d.code.startswith(code) for code in text.codes)]
        return by_code[0].pk if by_code else None

    return suits
