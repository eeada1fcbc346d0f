"""The next seats that fit her week: ways to begin, with the hours each gives, booked with one press."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.plan.queries import order_on, orders_of
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.rules.next_seats import meets_words
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import staff_page
from stepwell.ui.filters import day


@staff_page(P.SEAT_BOOK)
def next_seats(request: Request, code: str) -> HttpResponse:
    """Tracks and start days; a POST enrolls in all groups of one of them, or in none."""
    by, at = request.actor, request.at
    chart = open_chart(request, code, "schedule", record=request.method != "POST")
    patient: Any = chart.patient
    if request.method == "POST":
        return _book(request, chart)
    rows = queries.windows_of(by, patient, chart.today)
    order = (
        order_on(orders_of(by, patient), chart.today + timedelta(days=7))
        if _sees_orders(by, patient)
        else None
    )
    enrolled = list(queries.enrollments_of(by, patient))
    held_minutes = sum(
        m.minutes
        for e in enrolled
        for m in e.group.meetings.all()
        if m.last_on is None or m.last_on >= chart.today
    )
    wanted = order.minutes_per_week if order else load_looking().seats_asked_minutes
    missing = max(0, wanted - held_minutes)
    windows = queries.as_windows(rows, max([chart.today, *(row.first_on for row in rows)])) if rows else None
    level = getattr(patient, "level", None) or None
    options = (
        queries.seats_that_fit(
            by,
            at,
            minutes=missing,
            days_most=order.days_most if order else 7,
            windows=windows,
            tags=queries.tags_of(by, patient),
            held=[e.group_id for e in enrolled],
            level=level,
        )
        if missing
        else ()
    )
    return chart_page(
        request,
        chart,
        "desk/timetable/next_seats.html",
        {
            "options": options,
            "meets": meets_words,
            "wanted": wanted,
            "held": held_minutes,
            "missing": missing,
            "ordered": order is not None,
            "windows_known": windows is not None,
            "level": level_words(level) if level else "",
            "admitted": patient.admitted_at is not None,
        },
    )


def _sees_orders(by: Any, patient: Any) -> bool:
    return bool(by.may(P.PLAN_READ, patient.site_id))


def _book(request: Request, chart: Any) -> HttpResponse:
    by, at, patient = request.actor, request.at, chart.patient
    sent = [value for value in request.POST.getlist("group") if value.isdecimal() and len(value) < 18]
    groups = {g.pk: g for g in queries.groups_for(by, chart.today)}
    wanted = [groups[int(value)] for value in dict.fromkeys(sent) if int(value) in groups]
    try:
        starts_on = date.fromisoformat(request.POST.get("starts_on", ""))
    except ValueError:
        starts_on = chart.today
    if not wanted:
        messages.warning(request, "These groups are no longer there. Choose again; nothing was booked.")
        return redirect("desk:next_seats", patient.code)
    try:
        with transaction.atomic():
            for group in wanted:
                actions.enroll(
                    by=by, at=at, patient=patient, group=group, starts_on=max(starts_on, chart.today)
                )
    except Refused as no:
        messages.warning(request, no.sentence)
        return redirect("desk:next_seats", patient.code)
    many = f"{len(wanted)} groups" if len(wanted) > 1 else wanted[0].name
    messages.success(request, f"{patient.board_name} belongs to {many} from {day(starts_on)} on.")
    return redirect("desk:schedule", patient.code)
