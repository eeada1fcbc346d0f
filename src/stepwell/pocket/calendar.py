"""When she can come, her private calendar address, and the feed behind every such address."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from stepwell.accounts.actor import Request, the_public
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.rules.windows import Window
from stepwell.pocket.ics import calendar_text
from stepwell.pocket.pages import patient_page, refusals_on, render
from stepwell.ui.weekly_times import WeeklyTimes

_BEHIND, _AHEAD = timedelta(days=30), timedelta(days=70)


@patient_page
def when(request: Request, patient: Any) -> HttpResponse:
    """When can you come? The whole week of times, saved at once; it holds from today on."""
    by, at = request.actor, request.at
    today = at.astimezone(ZoneInfo(patient.site.zone)).date()
    rows = queries.windows_of(by, patient, today)
    form = WeeklyTimes(
        request.POST or None,
        times=queries.as_windows(rows, max([today, *(row.first_on for row in rows)])),
        week_starts=patient.site.week_starts_on,
    )
    if request.method == "POST" and not form.only_changed_rows and form.is_valid():
        with refusals_on(form):
            windows = [Window(**asdict(one)) for one in form.times]
            actions.set_patient_windows(by=by, at=at, patient=patient, windows=windows, first_on=today)
            messages.success(request, _thanks(by, at, patient))
            return redirect("pocket:week")
    return render(request, "pocket/when.html", {"form": form, "patient": patient, "known": bool(rows)})


def _thanks(by: Any, at: Any, patient: Any) -> str:
    left = len(queries.misfits(by, at, patient, until=at + timedelta(weeks=3)))
    if not left:
        return "Thank you. Your team knows when you can come."
    many = "One appointment does" if left == 1 else f"{left} appointments do"
    return f"Thank you. {many} not fit any more. Your team has been told; you can look for another time yourself."


@patient_page
def calendar(request: Request, patient: Any) -> HttpResponse:
    """The private address for the calendar on her phone."""
    feed = queries.feed_of(request.actor, patient)
    address = (
        request.build_absolute_uri(reverse("pocket:calendar_feed", args=[feed.pk, feed.secret]))
        if feed
        else ""
    )
    return render(
        request,
        "pocket/calendar.html",
        {"patient": patient, "feed": feed, "address": address, "site": patient.site.name},
    )


@require_POST
@patient_page
def calendar_address(request: Request, patient: Any) -> HttpResponse:
    """A new address; the one before stops working."""
    before = queries.feed_of(request.actor, patient)
    named = before.named if before else False
    return _answered(
        request,
        "Your calendar has a new address.",
        lambda: actions.make_feed(by=request.actor, at=request.at, patient=patient, named=named),
    )


@require_POST
@patient_page
def calendar_end(request: Request, patient: Any) -> HttpResponse:
    return _answered(
        request,
        "The calendar address no longer works.",
        lambda: actions.end_feed(by=request.actor, at=request.at, patient=patient),
    )


@require_POST
@patient_page
def calendar_words(request: Request, patient: Any) -> HttpResponse:
    """Titles and place in the calendar, or only "Appointment"."""
    named = request.POST.get("named") == "yes"
    return _answered(
        request,
        "Your calendar tells titles and places." if named else "Your calendar says only “Appointment”.",
        lambda: actions.name_in_feed(by=request.actor, at=request.at, patient=patient, named=named),
    )


def _answered(request: Request, said: str, act: Any) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("pocket:calendar")


@require_safe
def calendar_feed(request: Request, number: int, secret: str) -> HttpResponse:
    """What a calendar program reads, without a login: the address is the key. An unknown or ended one is a 404."""
    try:
        feed = queries.feed_at(number, secret)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    at = request.at
    whose: Any = feed.patient or feed.staff
    actions.note_reading(by=the_public(), at=at, feed=feed)
    sessions = queries.sessions_in_feed(feed, at - _BEHIND, at + _AHEAD)
    text = calendar_text(sessions, zone=whose.site.zone, named=feed.named, at=at)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
