"""The Assessments tab and what is filled in from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import (
    Dimension,
    blank_sections,
    instruments,
    intake_sections,
    load_instrument,
)
from stepwell.clinic.inquiry.queries import accepted_items
from stepwell.clinic.placement.actions import rate_and_recommend
from stepwell.clinic.refusal import Refused
from stepwell.desk.assessment.forms import (
    Acknowledgement,
    Filling,
    InError,
    Interview,
    NewDiagnosis,
    Ratings,
    safety_initial,
)
from stepwell.desk.assessment.score_cards import score_card
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.filters import day, plural


@staff_page(P.ASSESSMENT_READ)
def assessment(request: Request, code: str) -> HttpResponse:
    """What is due first, then alerts, scores, interview, ratings and diagnoses."""
    chart = open_chart(request, code, "assessment")
    by, patient = request.actor, chart.patient
    rows = list(queries.screenings_of(by, patient))
    alerts = list(queries.alerts_of(by, patient))
    interview = queries.interview_of(by, patient)
    rating = queries.ratings_of(by, patient).first()
    discharged = chart.head.closed_at is not None and not chart.head.in_treatment
    due = () if discharged else queries.due(
        rows, zone=patient.site.zone, admitted_at=patient.admitted_at, today=chart.today
    )  # fmt: skip
    context = {
        "due": [
            {"instrument": load_instrument(d.instrument), "on": d.on, "late": d.late(chart.today)}
            for d in due
        ],
        "cards": sorted(map(score_card, queries.histories(rows)), key=lambda card: card.chart is None),
        "in_error": [row for row in rows if row.entered_in_error_at is not None],
        "others": [load_instrument(slug) for slug in instruments()],
        "open_alerts": [a for a in alerts if not hasattr(a, "acknowledgement")],
        "answered_alerts": [_answered(a) for a in alerts if hasattr(a, "acknowledgement")],
        "interview": interview,
        "written": _written(interview),
        "blank": blank_sections(interview.sections if interview else {}),
        "rating": rating,
        "rated": _rated(rating),
        "diagnoses": list(queries.diagnoses_of(by, patient)),
        "handed_off": list(accepted_items(patient, "problem")),
        "may_record": by.may(P.ASSESSMENT_RECORD, patient.site_id),
        "may_answer": by.may(P.ALERT_ACKNOWLEDGE, patient.site_id),
    }
    return chart_page(request, chart, "desk/assessment/assessment.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def fill_instrument(request: Request, code: str, slug: str) -> HttpResponse:
    """An instrument as a form; incomplete is kept as incomplete."""
    chart = open_chart(request, code, "assessment")
    if slug not in instruments():
        raise Http404
    instrument = load_instrument(slug)
    form = Filling(request.POST or None, instrument=instrument)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_screening(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                instrument=slug,
                answers=form.answers(),
                taken_at=form.cleaned_data["taken_at"],
            )
            if row.complete:
                score = f": {row.total:g}, {row.band}" if row.band else ""
                messages.success(request, f"{instrument.title} is recorded{score}.")
            else:
                messages.warning(
                    request,
                    f"{instrument.title} is kept as incomplete and not scored: "
                    f"{plural(len(row.missing), 'question is', 'questions are')} open.",
                )
            return redirect("desk:assessment", chart.patient.code)
    return chart_page(
        request, chart, "desk/assessment/fill_instrument.html", {"form": form, "instrument": instrument}
    )


@staff_page(P.ASSESSMENT_READ)
def screening(request: Request, code: str, number: int) -> HttpResponse:
    """One filling with its answers; whoever records may say that it was entered in error."""
    chart = open_chart(request, code, "assessment")
    row = queries.screening(request.actor, chart.patient, number)
    form = InError(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.mark_in_error(
                by=request.actor, at=request.at, screening=row, because=form.cleaned_data["because"]
            )
            messages.success(request, "It stays on file and counts no more.")
            return redirect("desk:assessment", chart.patient.code)
    instrument = load_instrument(row.instrument)
    answers = [
        (
            item.link_id,
            item.text,
            next((o.label for o in item.options if o.value == row.answers.get(item.link_id)), "not answered"),
        )
        for item in instrument.items
    ]
    context = {
        "form": form,
        "row": row,
        "instrument": instrument,
        "answers": answers,
        "score": queries.score_of(row),
        "may_record": request.actor.may(P.ASSESSMENT_RECORD, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/assessment/screening.html", context)


@staff_page(P.ALERT_ACKNOWLEDGE)
def acknowledge_alert(request: Request, code: str, number: int) -> HttpResponse:
    chart = open_chart(request, code, "assessment")
    alert = queries.alert(request.actor, chart.patient, number)
    form = Acknowledgement(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.acknowledge_alert(
                by=request.actor, at=request.at, alert=alert, done=form.cleaned_data["done"]
            )
            messages.success(request, "The alert is answered; what was done is on file.")
            return redirect("desk:assessment", chart.patient.code)
    return chart_page(
        request, chart, "desk/assessment/acknowledge_alert.html", {"form": form, "alert": alert}
    )


@staff_page(P.ASSESSMENT_RECORD)
def interview(request: Request, code: str) -> HttpResponse:
    """The intake interview; each save is a new row, so a half-finished one is never lost."""
    chart = open_chart(request, code, "assessment")
    held = queries.interview_of(request.actor, chart.patient)
    first: dict[str, Any] = {}
    if held is not None:
        first = {f"section_{key}": text for key, text in held.sections.items()} | safety_initial(held.gates)
    form = Interview(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            saved = actions.save_interview(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                sections=form.sections(),
                substances=held.substances if held else (),
                gates=form.gates(),
            )
            left = blank_sections(saved.sections)
            said = (
                f"{plural(len(left), 'section is', 'sections are')} still blank."
                if left
                else "It is complete."
            )
            messages.success(request, f"The interview is saved. {said}")
            return redirect("desk:assessment", chart.patient.code)
    return chart_page(request, chart, "desk/assessment/interview.html", {"form": form, "held": held})


@staff_page(P.ASSESSMENT_RECORD)
def ratings(request: Request, code: str) -> HttpResponse:
    """Six ratings with reasons; saving them asks for the recommended level at once."""
    chart = open_chart(request, code, "assessment")
    held = queries.ratings_of(request.actor, chart.patient).first()
    asked = queries.interview_of(request.actor, chart.patient)
    first: dict[str, Any] = {}
    if held is not None:
        for n in range(1, 7):
            first[f"d{n}"] = getattr(held, f"d{n}")
            first[f"because{n}"] = held.reasons.get(f"d{n}", "")
    newest = max((r for r in (held, asked) if r is not None), key=lambda r: r.at, default=None)
    first |= safety_initial(newest.gates if newest else {})
    form = Ratings(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            rate_and_recommend(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                ratings=form.ratings(),
                gates=form.gates(),
            )
            return redirect("desk:placement", chart.patient.code)
    return chart_page(
        request, chart, "desk/assessment/ratings.html", {"form": form, "held": held, "asked": asked}
    )


@staff_page(P.ASSESSMENT_RECORD)
def diagnoses(request: Request, code: str) -> HttpResponse:
    """A new diagnosis; those that stand are listed beside it."""
    chart = open_chart(request, code, "assessment")
    form = NewDiagnosis(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_diagnosis(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, "The diagnosis is recorded.")
            return redirect("desk:assessment", chart.patient.code)
    standing = list(queries.diagnoses_of(request.actor, chart.patient))
    return chart_page(request, chart, "desk/assessment/diagnoses.html", {"form": form, "standing": standing})


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def end_diagnosis(request: Request, code: str, number: int) -> HttpResponse:
    chart = open_chart(request, code, "assessment")
    row = queries.diagnosis(request.actor, chart.patient, number)
    try:
        actions.end_diagnosis(by=request.actor, at=request.at, diagnosis=row)
        messages.success(request, "The diagnosis is ended; it stays in the record.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:assessment", chart.patient.code)


def _answered(alert: Any) -> dict[str, Any]:
    """A line of the timeline: the alert and what was done."""
    done = alert.acknowledgement
    return {"at": day(alert.raised_at), "title": alert.sentence, "text": done.done, "by": done.by.name}


def _written(held: Any) -> list[tuple[str, str]]:
    """(title, text) of the sections in which something is written."""
    if held is None:
        return []
    return [(s.title, held.sections[s.key]) for s in intake_sections() if s.key in held.sections]


def _rated(held: Any) -> list[tuple[str, int | None, str]]:
    """(dimension, number, reason) of each of the six."""
    if held is None:
        return []
    return [(d.label, getattr(held, f"d{d.value}"), held.reasons.get(f"d{d.value}", "")) for d in Dimension]
