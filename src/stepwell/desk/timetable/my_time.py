"""What staff look after themselves: when they are away, and their own calendar address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.timetable.availability import tell_what_is_hit, today_of, week_words, what_is_broken
from stepwell.desk.timetable.availability_forms import OwnAbsenceForm


@staff_page(P.TIMETABLE_READ)
def my_time(request: Request) -> HttpResponse:
    """My hours, when I am away, my calendar. A POST says that I am away."""
    by, at, today = request.actor, request.at, today_of(request)
    me = queries.own_staff(by)
    zone = ZoneInfo(by.home.zone)
    form = OwnAbsenceForm(request.POST or None, zone=zone, initial={"first_on": today})
    if request.method == "POST" and form.is_valid():
        starts, ends = form.span()
        with refusals_on(form):
            actions.declare_absence(
                by=by, at=at, staff=me, starts=starts, ends=ends, because=form.cleaned_data["because"]
            )
            hit = queries.sessions_hit(by, at, starts=starts, ends=ends, staff=me).count()
            tell_what_is_hit(request, "You are away.", hit)
            return redirect("desk:my_time")
    feed = queries.own_feed(by)
    return render(
        request,
        "desk/timetable/my_time.html",
        {
            "form": form,
            "hours": week_words(queries.own_hours(by, today)),
            "absences": [a for a in queries.absences(by, at) if a.staff_id == me.pk],
            "hit": _hit(by, at),
            "feed": feed,
            "address": address_of(request, feed) if feed else "",
            **(what_is_broken(request) if by.may(P.TIMETABLE_MANAGE) else {"broken": []}),
        },
    )


def _hit(by: Any, at: Any) -> int:
    """Sessions of the coming two weeks that I lead."""
    me = queries.own_staff(by)
    return int(queries.sessions_hit(by, at, starts=at, ends=at + timedelta(weeks=2), staff=me).count())


def address_of(request: Request, feed: Any) -> str:
    """The whole address of a feed, as a calendar program takes it."""
    return request.build_absolute_uri(reverse("pocket:calendar_feed", args=[feed.pk, feed.secret]))


@require_POST
@staff_page(P.TIMETABLE_READ)
def my_absence_withdrawal(request: Request, number: int) -> HttpResponse:
    absence = queries.absence_for(request.actor, number)
    return _answered(
        request,
        "You are here again.",
        lambda: actions.withdraw_absence(by=request.actor, at=request.at, absence=absence),
    )


@require_POST
@staff_page(P.TIMETABLE_READ)
def my_calendar(request: Request) -> HttpResponse:
    """A new address; the one before stops working."""
    me = queries.own_staff(request.actor)
    return _answered(
        request,
        "The calendar has a new address.",
        lambda: actions.make_feed(by=request.actor, at=request.at, staff=me, named=True),
    )


@require_POST
@staff_page(P.TIMETABLE_READ)
def my_calendar_end(request: Request) -> HttpResponse:
    me = queries.own_staff(request.actor)
    return _answered(
        request,
        "The calendar address no longer works.",
        lambda: actions.end_feed(by=request.actor, at=request.at, staff=me),
    )


@require_POST
@staff_page(P.TIMETABLE_READ)
def my_calendar_words(request: Request) -> HttpResponse:
    """Titles and rooms in the calendar, or only "Appointment"."""
    me = queries.own_staff(request.actor)
    named = request.POST.get("named") == "yes"
    return _answered(
        request,
        "The calendar tells titles and rooms." if named else "The calendar says only “Appointment”.",
        lambda: actions.name_in_feed(by=request.actor, at=request.at, staff=me, named=named),
    )


def _answered(request: Request, said: str, act: Any) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:my_time")
