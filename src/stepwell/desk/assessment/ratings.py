"""Ratings of the dimensions, each with the facts on file beside it and a reason drafted from them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import queries
from stepwell.clinic.assessment.rules import (
    Dimension,
    Evidence,
    ScoreSaid,
    draft_reason,
    evidence,
    evidence_for,
    fourth_dimensions,
    least_levels,
    told_already,
)
from stepwell.clinic.placement.actions import rate_and_recommend, rate_fourth_and_recommend
from stepwell.desk.assessment.forms import safety_initial
from stepwell.desk.assessment.rating_forms import FourthRatings, Ratings, cited_first
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.filters import day


@staff_page(P.ASSESSMENT_RECORD)
def ratings(request: Request, code: str) -> HttpResponse:
    """Third edition: six numbers with reasons; saving them asks for the recommended level at once."""
    chart, asked, held, found = _opened(request, code, "third")
    facts = {d.value: evidence_for(d, found) for d in Dimension}
    first = _gates(held, asked)
    for d in Dimension:
        if held is not None:
            first[f"d{d.value}"] = getattr(held, f"d{d.value}")
        kept = held.reasons.get(f"d{d.value}", "") if held is not None else ""
        first[f"because{d.value}"] = kept or draft_reason(cited_first(facts[d.value]))
    form = Ratings(request.POST if request.method == "POST" else None, initial=first, facts=facts)
    form.told = _told(asked)
    drafting = request.POST.get("draft", "")
    if drafting in [str(d.value) for d in Dimension]:
        anew: dict[str, Any] = {**request.POST.dict(), f"because{drafting}": form.redrafted(int(drafting))}
        anew |= {f"cite{n}": request.POST.getlist(f"cite{n}") for n in facts}
        form = Ratings(initial=anew, facts=facts)
        form.told = _told(asked)
    elif request.method == "POST" and form.is_valid():
        with refusals_on(form):
            rate_and_recommend(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                ratings=form.ratings(),
                gates=form.gates(),
                cited=form.cited(),
            )
            return redirect("desk:placement", chart.patient.code)
    context = {"form": form, "held": held, "asked": asked, "edition": "third"}
    return chart_page(request, chart, "desk/assessment/ratings.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def ratings_fourth(request: Request, code: str) -> HttpResponse:
    """Fourth edition: the least safe level of each part; nothing is carried over from numbers."""
    chart, asked, held, found = _opened(request, code, "fourth")
    facts = {d.number: _of_fourth(d.evidence, found) for d in fourth_dimensions()}
    first = _gates(held, asked)
    if held is not None:
        first["person"] = held.reasons.get("d6", "")
        for key, part in held.parts.items():
            first |= {f"least_{key}": part["least"], f"because_{key}": part["because"]}
    elif asked is not None:
        first["person"] = asked.answers.get("goals", "")
    form = FourthRatings(request.POST if request.method == "POST" else None, initial=first, facts=facts)
    form.told = _told(asked)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            rate_fourth_and_recommend(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                parts=form.parts(),
                person=form.cleaned_data["person"],
                gates=form.gates(),
                cited=form.cited(),
            )
            return redirect("desk:placement", chart.patient.code)
    context = {"form": form, "held": held, "asked": asked, "edition": "fourth"}
    return chart_page(request, chart, "desk/assessment/ratings_fourth.html", context)


def rated_rows(held: Any) -> list[dict[str, Any]]:
    """Each dimension or part with what it is rated, why, and how many facts were cited."""
    if held is None:
        return []
    cited = {where: len(found) for where, found in held.evidence.items()}
    if held.edition == "fourth":
        return [
            {
                "label": part.label,
                "value": least_levels().get(held.parts[part.key]["least"])
                if part.key in held.parts
                else None,
                "because": held.parts.get(part.key, {}).get("because", ""),
                "pips": False,
                "cited": 0,
            }
            for d in fourth_dimensions()
            for part in d.parts
        ]
    return [
        {
            "label": d.label,
            "value": getattr(held, f"d{d.value}"),
            "because": held.reasons.get(f"d{d.value}", ""),
            "pips": True,
            "cited": cited.get(f"d{d.value}", 0),
        }
        for d in Dimension
    ]


def _opened(request: Request, code: str, edition: str) -> tuple[Chart, Any, Any, tuple[Evidence, ...]]:
    """The chart, the interview, the newest ratings of this edition, and every fact on file."""
    chart = open_chart(request, code, "assessment")
    by, patient = request.actor, chart.patient
    asked = queries.interview_of(by, patient)
    held = queries.ratings_of(by, patient).filter(edition=edition).first()
    scores = [_said(one) for one in queries.histories(queries.recent_screenings(by, patient)) if one.complete]
    return chart, asked, held, evidence(asked.answers if asked else {}, queries.uses_of(asked), scores)


def _said(history: Any) -> ScoreSaid:
    row, title = history.latest, history.instrument.title
    score = queries.score_of(row)
    figure = f" {score.total}" if score.total is not None else ""
    parts = ", ".join(f"{s.label} {s.points}" for s in score.subscales if s.points is not None)
    words = f"{title}{figure}{f', {row.band}' if row.band else ''} on {day(row.taken_at)}"
    if score.total is None and parts:
        words = f"{title}: {parts} on {day(row.taken_at)}"
    return ScoreSaid(row.pk, row.instrument, title, score.total, words)


def _of_fourth(dimensions: tuple[Dimension, ...], found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(one for d in dimensions for one in evidence_for(d, found)))


def _gates(held: Any, asked: Any) -> dict[str, Any]:
    newest = max((r for r in (held, asked) if r is not None), key=lambda r: r.at, default=None)
    return dict(safety_initial(newest.gates if newest else {}, _told(asked)))


def _told(asked: Any) -> dict[str, tuple[str, ...]]:
    return told_already(asked.answers if asked else {})
