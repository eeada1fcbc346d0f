"""The week on one sheet, and one patient's week on another."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.hours.queries import hours_of
from stepwell.clinic.timetable import queries
from stepwell.desk.chart.frame import open_chart
from stepwell.desk.pages import render, staff_page
from stepwell.desk.timetable.availability import today_of


@staff_page(P.TIMETABLE_READ)
def print_week(request: Request) -> HttpResponse:
    """All sessions of the home site in a week, a column for each day, on one landscape sheet. No names of patients."""
    by = request.actor
    first = _week_of(request, by.home.week_starts_on)
    last = first + timedelta(days=6)
    days: dict[date, list[Any]] = {first + timedelta(days=n): [] for n in range(7)}
    for session in queries.board_between(by, first, last):
        if session.cancelled_at is None and session.kind == "group":
            days[session.local_date].append(session)
    closed = {c.on: c.because for c in queries.closed_between(by, first, last)}
    shown = [(day, rows, closed.get(day, "")) for day, rows in days.items() if rows or day.weekday() < 5]
    return render(
        request,
        "desk/timetable/print_week.html",
        {
            "first": first,
            "last": last,
            "days": shown,
            "many": max((len(rows) for _, rows, _ in shown), default=0),
        },
    )


@staff_page(P.TIMETABLE_READ)
def print_schedule(request: Request, code: str) -> HttpResponse:
    """One patient's week with day, time, place and who leads, to take along."""
    by, at = request.actor, request.at
    chart = open_chart(request, code, "schedule")
    first = _week_of(request, chart.patient.site.week_starts_on)
    seats = defaultdict(list)
    for seat in queries.seats_between(by, chart.patient, first, first + timedelta(days=6)):
        seats[seat.occurrence.local_date].append(seat)
    days = [(first + timedelta(days=n), seats.get(first + timedelta(days=n), [])) for n in range(7)]
    this_week = first <= chart.today < first + timedelta(days=7)
    hours = None
    if this_week and chart.sees_hours:
        found = hours_of(by=by, at=at, patient_ids=[chart.patient.pk]).get(chart.patient.pk)
        hours = found.week if found else None
    return render(
        request,
        "desk/timetable/print_schedule.html",
        {
            "patient": chart.patient,
            "first": first,
            "last": first + timedelta(days=6),
            "days": days,
            "hours": hours,
        },
    )


def _week_of(request: Request, week_starts: int) -> date:
    """The first day of the week that holds `?of=`; of this week without one."""
    today = today_of(request)
    try:
        asked = date.fromisoformat(request.GET.get("of", ""))
    except ValueError:
        asked = today
    if abs(asked - today) > timedelta(days=3660):
        asked = today
    return asked - timedelta(days=(asked.weekday() - week_starts) % 7)
