"""When one patient can come, what groups may ask of her, who she is kept apart from, and her calendar address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.rules.windows import Window
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.timetable.availability_forms import ApartForm, PatientTimesForm, TagsForm


@staff_page(P.SEAT_BOOK)
def patient_times(request: Request, code: str) -> HttpResponse:
    """Her weekly times, from a day on. A POST replaces the whole set."""
    by, at = request.actor, request.at
    chart = open_chart(request, code, "schedule")
    rows = queries.windows_of(by, chart.patient, chart.today)
    begins = max([chart.today, *(row.first_on for row in rows)])
    form = PatientTimesForm(
        request.POST or None,
        times=queries.as_windows(rows, begins),
        week_starts=chart.patient.site.week_starts_on,
        initial={"first_on": chart.today},
    )
    if request.method == "POST" and not form.only_changed_rows and form.is_valid():
        with refusals_on(form):
            actions.set_patient_windows(
                by=by,
                at=at,
                patient=chart.patient,
                windows=[Window(**asdict(one)) for one in form.times],
                first_on=form.cleaned_data["first_on"],
            )
            messages.success(request, f"It is known when {chart.patient.board_name} can come.")
            return redirect("desk:schedule", chart.patient.code)
    return _page(request, chart, form=form, rows=rows, begins=begins)


@require_POST
@staff_page(P.SEAT_BOOK)
def patient_tags(request: Request, code: str) -> HttpResponse:
    """The whole set of tags."""
    chart = open_chart(request, code, "schedule", record=False)
    form = TagsForm(request.POST, known=queries.tags_offered(request.actor, chart.patient))
    if form.is_valid():
        with refusals_on(form):
            actions.set_patient_tags(
                by=request.actor, at=request.at, patient=chart.patient, tags=form.all_tags()
            )
            messages.success(request, "Saved.")
            return redirect("desk:patient_times", chart.patient.code)
    return _page(request, chart, tags_form=form)


@require_POST
@staff_page(P.PLACEMENT_DECIDE)
def keep_apart(request: Request, code: str) -> HttpResponse:
    """Two people never in one session; the other is named by the code, which stands in no page of this chart."""
    by = request.actor
    chart = open_chart(request, code, "schedule", record=False)
    form = ApartForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            try:
                other = patient_for(by, form.cleaned_data["other"].strip().upper(), P.PLACEMENT_DECIDE)
            except ObjectDoesNotExist:
                raise Refused("No patient here has this code. Look it up in the other chart.") from None
            actions.keep_apart(
                by=by,
                at=request.at,
                patient=chart.patient,
                other=other,
                because=form.cleaned_data["because"],
            )
            messages.success(request, "They never sit in one session from now on.")
            return redirect("desk:patient_times", chart.patient.code)
    return _page(request, chart, apart_form=form)


@require_POST
@staff_page(P.PLACEMENT_DECIDE)
def keep_apart_end(request: Request, code: str, number: int) -> HttpResponse:
    chart = open_chart(request, code, "schedule", record=False)
    kept = queries.kept_apart_for(request.actor, chart.patient, number)
    try:
        actions.end_keeping_apart(by=request.actor, at=request.at, kept=kept)
        messages.success(request, "They may sit in one session again.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:patient_times", chart.patient.code)


@require_POST
@staff_page(P.SEAT_BOOK)
def patient_calendar_end(request: Request, code: str) -> HttpResponse:
    """The calendar address of the patient stops working, as when her phone is lost."""
    chart = open_chart(request, code, "schedule", record=False)
    try:
        actions.end_feed(by=request.actor, at=request.at, patient=chart.patient)
        messages.success(request, "The calendar address no longer works. The patient can make a new one.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:patient_times", chart.patient.code)


def _page(request: Request, chart: Any, **given: Any) -> HttpResponse:
    by, at, patient = request.actor, request.at, chart.patient
    rows = given.get("rows")
    rows = queries.windows_of(by, patient, chart.today) if rows is None else rows
    begins = given.get("begins", chart.today)
    times_form = given.get("form") or PatientTimesForm(
        times=queries.as_windows(rows, begins),
        week_starts=patient.site.week_starts_on,
        initial={"first_on": chart.today},
    )
    tags = queries.tags_of(by, patient)
    wrong = given.get("tags_form") or given.get("apart_form")
    return chart_page(
        request,
        chart,
        "desk/timetable/patient_times.html",
        {
            "times": times_form,
            "form": wrong or times_form,
            "last": max(rows, key=lambda row: row.at, default=None),
            "begins": begins if begins > chart.today else None,
            "misfits": queries.misfits(by, at, patient, until=at + load_looking().schedule_ahead),
            "tags_form": given.get("tags_form")
            or TagsForm(known=queries.tags_offered(by, patient), initial={"tags": tags}),
            "apart": list(queries.kept_apart_of(by, patient)),
            "may_keep_apart": by.may(P.PLACEMENT_DECIDE, patient.site_id),
            "apart_form": given.get("apart_form") or ApartForm(),
            "feed": queries.feed_of(by, patient),
        },
    )
