"""Who came without a seat: walk-ins are found and added, family is recorded as guests."""

from __future__ import annotations

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
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.timetable import queries as timetable
from stepwell.desk.live import fragment
from stepwell.desk.pages import render, staff_page

_MOST = 8


@staff_page(P.SEAT_BOOK)
def walk_in(request: Request, session_id: int) -> HttpResponse:
    """GET searches (by htmx the list alone), POST gives a seat and records that the person is here: one action."""
    by = request.actor
    o = timetable.occurrence_for(by, session_id)
    sent = request.POST if request.method == "POST" else request.GET
    asked = sent.get("q", "").replace("\x00", "").strip()[:80]
    said = ""
    if request.method == "POST":
        patient = queries.walk_in_for(by, o, request.POST.get("code", "").replace("\x00", "")[:12])
        try:
            actions.add_walk_in(by=by, at=request.at, occurrence=o, patient=patient)
            messages.success(request, f"{patient.board_name} has a seat and is here.")
            return redirect(f"{reverse('desk:session', args=[o.pk])}#p-{patient.code}")
        except Refused as no:
            said = no.sentence
    today = request.at.astimezone(ZoneInfo(o.site.zone)).date()
    found = queries.walk_ins(by, o, asked, today, most=_MOST) if asked else []
    context = {"o": o, "asked": asked, "found": found, "said": said}
    if request.headers.get("HX-Request") and request.method == "GET":
        return fragment(request, "desk/sessions/walk_in_found.html", context)
    answer = render(request, "desk/sessions/walk_in.html", context)
    answer.status_code = 422 if said else 200
    return answer


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def guests(request: Request, session_id: int) -> HttpResponse:
    """A family member is in the room."""
    by = request.actor
    o = timetable.occurrence_for(by, session_id)
    number = request.POST.get("member", "")
    member = queries.member_for(
        by, o, int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else 0
    )
    agrees = request.POST.get("agrees") == "yes"
    return _done(
        request,
        o,
        lambda: actions.add_guest(by=by, at=request.at, occurrence=o, member=member, patient_agrees=agrees),
    )


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def guest_leaving(request: Request, session_id: int, guest_id: int) -> HttpResponse:
    """The guest leaves now."""
    o = timetable.occurrence_for(request.actor, session_id)
    guest = queries.guest_for(request.actor, o, guest_id)
    return _done(request, o, lambda: actions.guest_left(by=request.actor, at=request.at, guest=guest))


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def guest_taken_back(request: Request, session_id: int, guest_id: int) -> HttpResponse:
    """Recorded by mistake."""
    o = timetable.occurrence_for(request.actor, session_id)
    guest = queries.guest_for(request.actor, o, guest_id)
    return _done(request, o, lambda: actions.take_back_guest(by=request.actor, at=request.at, guest=guest))


def _done(request: Request, occurrence: Any, act: Any) -> HttpResponse:
    try:
        act()
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect(f"{reverse('desk:session', args=[occurrence.pk])}#family-here")
