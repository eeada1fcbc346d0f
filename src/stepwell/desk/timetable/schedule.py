"""The Schedule tab of a chart: where the patient is expected, which groups, and what seat would fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.hours.queries import to_save
from stepwell.clinic.hours.rules import kind_words, load_offers, week_bounds
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.curriculum.queries import progress_of
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.hours.saving import row_of
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.timetable.forms import EnrollForm, LeaveForm, ReasonForm, SessionForm


@staff_page(P.TIMETABLE_READ)
def schedule(request: Request, code: str) -> HttpResponse:
    """Coming sessions of three weeks, the groups, and free seats of the next ten days that clash with nothing."""
    by, at = request.actor, request.at
    chart = open_chart(request, code, "schedule")
    may_book = by.may(P.SEAT_BOOK, chart.patient.site_id)
    asked = request.GET.get("offer", "")
    saving = None
    if may_book and chart.sees_hours:
        saving = next(iter(to_save(by=by, at=at, patient_ids=[chart.patient.pk])), None)
    ranking = saving
    if saving and not saving.choices:
        # This week cannot be helped any more, or needs no help: the next one can be seen to.
        after = saving.hours.week.starts_on + timedelta(days=7)
        found = to_save(by=by, at=at, patient_ids=[chart.patient.pk], week_start=after)
        ranking = next(iter(found), None)
    choices = list(ranking.choices[: load_offers().choices_most]) if ranking else []
    choices.sort(key=lambda choice: str(choice.seat.pk) != asked)
    ranked = {choice.seat.pk for choice in choices} | {
        o.occurrence_id for o in (saving.offers if saving else ())
    }
    openings = (
        [
            o
            for o in queries.openings_that_fit(by, at, chart.patient, at + load_looking().seats_offered)[:20]
            if o.pk not in ranked
        ][:12]
        if may_book
        else []
    )
    openings.sort(key=lambda o: (str(o.pk) != asked, o.starts))
    week = saving.hours.week if saving else None
    days: dict[Any, list[Any]] = {}
    for seat in queries.coming_seats(by, at, chart.patient, until=at + load_looking().schedule_ahead):
        days.setdefault(seat.occurrence.local_date, []).append(seat)
    enrollments = list(queries.enrollments_of(by, chart.patient))
    return chart_page(
        request,
        chart,
        "desk/timetable/schedule.html",
        {
            "days": list(days.items()),
            "enrollments": enrollments,
            "topics": progress_of(by, chart.patient, [e.group for e in enrollments])
            if by.may(P.PLAN_READ, chart.patient.site_id)
            else (),
            "openings": openings,
            "saving": row_of(saving) if saving else None,
            "choices": choices,
            "doses": [(kind_words(d.kind).capitalize(), d) for d in saving.hours.week.doses]
            if saving
            else [],
            "counted": saving.days if saving else None,
            "week": week,
            "week_ends": week_bounds(week.starts_on, ZoneInfo(chart.patient.site.zone))[1] if week else None,
            "asked": asked,
            "may_book": may_book,
            "may_schedule": may_book or by.may(P.NOTE_WRITE, chart.patient.site_id),
        },
    )


@require_POST
@staff_page(P.SEAT_BOOK)
def seats(request: Request, code: str) -> HttpResponse:
    """One seat in one session."""
    chart = open_chart(request, code, "schedule", record=False)
    wanted = request.POST.get("occurrence", "")
    occurrence = queries.occurrence_for(
        request.actor, int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0
    )
    try:
        actions.book_seat(by=request.actor, at=request.at, patient=chart.patient, occurrence=occurrence)
        messages.success(request, f"{chart.patient.board_name} has a seat in {occurrence.title}.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:schedule", chart.patient.code)


@staff_page(P.SEAT_BOOK)
def release(request: Request, code: str, seat_id: int) -> HttpResponse:
    """A seat is given back, with a reason."""
    chart = open_chart(request, code, "schedule", record=False)
    seat = (
        queries.seats_for(request.actor)
        .select_related("occurrence", "patient__site")
        .get(pk=seat_id, patient=chart.patient.pk)
    )
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.release_seat(
                by=request.actor, at=request.at, seat=seat, because=form.cleaned_data["because"]
            )
            messages.success(request, "The seat is free for somebody else.")
            return redirect("desk:schedule", chart.patient.code)
    return chart_page(request, chart, "desk/timetable/release.html", {"form": form, "seat": seat})


@staff_page(P.SEAT_BOOK)
def groups(request: Request, code: str) -> HttpResponse:
    """The patient joins a group."""
    chart = open_chart(request, code, "schedule", record=False)
    form = EnrollForm(
        request.POST or None, groups=queries.groups_for(request.actor, chart.today), today=chart.today
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            enrollment = actions.enroll(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                group=form.cleaned_data["group"],
                starts_on=form.cleaned_data["starts_on"],
            )
            messages.success(request, f"{chart.patient.board_name} belongs to {enrollment.group.name}.")
            return redirect("desk:schedule", chart.patient.code)
    return chart_page(request, chart, "desk/timetable/enroll.html", {"form": form})


@staff_page(P.SEAT_BOOK)
def leave(request: Request, code: str, enrollment_id: int) -> HttpResponse:
    """The patient leaves a group."""
    chart = open_chart(request, code, "schedule", record=False)
    enrollment = queries.enrollments_of(request.actor, chart.patient).get(pk=enrollment_id)
    form = LeaveForm(request.POST or None, initial={"last_on": chart.today})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.end_enrollment(
                by=request.actor, at=request.at, enrollment=enrollment, **form.cleaned_data
            )
            messages.success(request, f"{chart.patient.board_name} leaves {enrollment.group.name}.")
            return redirect("desk:schedule", chart.patient.code)
    return chart_page(request, chart, "desk/timetable/leave.html", {"form": form, "enrollment": enrollment})


@staff_page(P.NOTE_WRITE)
def new_session(request: Request, code: str) -> HttpResponse:
    """One individual, family, crisis or other session with this patient."""
    by = request.actor
    chart = open_chart(request, code, "schedule", record=False)
    site = chart.patient.site
    form = SessionForm(
        request.POST or None,
        staff=queries.staff_here(by, chart.today),
        rooms=queries.rooms_here(by),
        zone=ZoneInfo(site.zone),
        initial={"day": chart.today, "facilitator": by.staff_id},
    )
    if request.method == "POST" and form.is_valid():
        starts, ends = form.span()
        title, treatment = form.treatment()
        with refusals_on(form):
            occurrence = actions.schedule_session(
                by=by,
                at=request.at,
                site=site,
                kind=form.cleaned_data["kind"],
                treatment=treatment,
                title=title,
                starts=starts,
                ends=ends,
                facilitator=form.cleaned_data["facilitator"],
                patients=[chart.patient],
                room=form.cleaned_data["room"] if form.cleaned_data["mode"] != "video" else None,
                mode=form.cleaned_data["mode"],
            )
            messages.success(request, f"{occurrence.title} is booked.")
            return redirect("desk:schedule", chart.patient.code)
    return chart_page(request, chart, "desk/timetable/new_session.html", {"form": form})
