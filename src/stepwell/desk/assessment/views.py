"""The Assessments tab and what is filled in from it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import (
    blank_sections,
    incomplete,
    instruments,
    load_instrument,
    score,
)
from stepwell.clinic.chart.queries import due_of
from stepwell.clinic.inquiry.queries import accepted_items
from stepwell.desk.assessment.forms import (
    Acknowledgement,
    Correction,
    Filling,
    InError,
)
from stepwell.desk.assessment.ratings import rated_rows
from stepwell.desk.assessment.score_cards import score_card
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.filters import day, plural


@staff_page(P.ASSESSMENT_READ)
def assessment(request: Request, code: str) -> HttpResponse:
    """What is due first, then alerts, scores, interview, ratings and diagnoses."""
    chart = open_chart(request, code, "assessment")
    by, patient = request.actor, chart.patient
    rows = list(queries.recent_screenings(by, patient))
    alerts = list(queries.alerts_of(by, patient))
    interview = queries.interview_of(by, patient)
    rating = queries.ratings_of(by, patient).first()
    discharged = chart.head.closed_at is not None and not chart.head.in_treatment
    things = due_of(by, [patient.pk], at=request.at, today=chart.today).get(patient.pk)
    due = () if discharged else queries.due(
        rows, zone=patient.site.zone, admitted_at=patient.admitted_at, today=chart.today,
        review_on=things.review_on if things else None,
    )  # fmt: skip
    context = {
        "due": [
            {
                "instrument": load_instrument(d.instrument),
                "on": d.on,
                "late": d.late(chart.today),
                "because": d.because,
            }
            for d in due
        ],
        "cards": sorted(map(score_card, queries.histories(rows)), key=lambda card: card.chart is None),
        "in_error": [row for row in rows if row.entered_in_error_at is not None or row.corrected],
        "others": [load_instrument(slug) for slug in instruments()],
        "open_alerts": [a for a in alerts if not hasattr(a, "acknowledgement")],
        "answered_alerts": [_answered(a) for a in alerts if hasattr(a, "acknowledgement")],
        "interview": interview,
        "blank": blank_sections(interview.answers if interview else {}),
        "rating": rating,
        "rated": rated_rows(rating),
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
    instrument = queries.worded_instrument(slug)
    form = Filling(request.POST or None, instrument=instrument, initial={"once_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_screening(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                instrument=slug,
                answers=form.answers(),
                taken_at=form.cleaned_data["taken_at"],
                once_key=form.cleaned_data["once_key"],
            )
            if row.complete:
                points = [] if row.total is None else [f"{row.total:g}"]
                told = ", ".join([*points, *([row.band] if row.band else [])])
                score = f": {told}" if told else ""
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
    instrument = queries.worded_instrument(row.instrument)
    answers = [
        (
            item.link_id,
            item.whole_text,
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
        "incomplete": "" if row.complete else incomplete(instrument, score(instrument, row.answers)),
        "may_record": request.actor.may(P.ASSESSMENT_RECORD, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/assessment/screening.html", context)


@staff_page(P.ASSESSMENT_RECORD)
def correction(request: Request, code: str, number: int) -> HttpResponse:
    """Other answers as a further row; the one corrected stays and counts no more."""
    chart = open_chart(request, code, "assessment")
    row = queries.screening(request.actor, chart.patient, number)
    instrument = load_instrument(row.instrument)
    first = {f"item_{link}": str(value) for link, value in row.answers.items()}
    form = Correction(request.POST or None, instrument=instrument, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            new = actions.correct_screening(
                by=request.actor,
                at=request.at,
                screening=row,
                answers=form.answers(),
                because=form.cleaned_data["because"],
            )
            messages.success(
                request, "The corrected answers count from now on; the earlier ones stay on file."
            )
            return redirect("desk:screening", chart.patient.code, new.pk)
    context = {"form": form, "row": row, "instrument": instrument}
    return chart_page(request, chart, "desk/assessment/correction.html", context)


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


def _answered(alert: Any) -> dict[str, Any]:
    """A line of the timeline: the alert and what was done."""
    done = alert.acknowledgement
    return {"at": day(alert.raised_at), "title": alert.sentence, "text": done.done, "by": done.by.name}
