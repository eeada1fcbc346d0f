"""One tap from today into the session: the door with its questions, the waiting room, the room."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.rules import ShownAs, shown_name
from stepwell.clinic.timetable import queries as timetable
from stepwell.pocket.pages import Relative, family_page, patient_page, render, render_family

DEVICES = "camera=(self), microphone=(self), geolocation=()"
"""What these pages alone may ask of the browser."""


@patient_page
def video(request: Request, patient: Any, seat_id: int) -> HttpResponse:
    """The own session by video; a seat of somebody else, given back, or on site is a 404."""
    seat = timetable.seat_for(request.actor, seat_id)
    guest = queries.guest_for(request.actor, seat.occurrence_id, request.at)
    return _room(render, request, guest, "pocket:today", "To my day")


@family_page
def family_video(
    request: Request, relatives: list[Relative], member_id: int, session_id: int
) -> HttpResponse:
    """A family session by video, while the patient's consent permits the schedule; anything else is a 404."""
    guest = queries.guest_for(request.actor, session_id, request.at)
    if guest.family is None or guest.family.pk != member_id:
        raise Http404
    return _room(render_family, request, guest, "pocket:family", "To the family page")


def _room(answer_with: Any, request: Request, guest: queries.Guest, back: str, label: str) -> HttpResponse:
    o, patient = guest.occurrence, guest.patient
    names = (
        [(one.value, shown_name(patient.called, patient.family_name, one)) for one in ShownAs]
        if patient is not None
        else []
    )
    answer: HttpResponse = answer_with(
        request,
        "pocket/video/room.html" if patient is not None else "pocket/video/family.html",
        {
            "o": o,
            "token": get_token(request),
            "room": {
                "session": o.pk,
                "host": False,
                "patient": patient is not None,
                "names": names,
                "leads": o.facilitator.name if o.facilitator else "Who leads",
                "back": reverse(back),
                "back_label": label,
            },
        },
    )
    answer["Permissions-Policy"] = DEVICES
    return answer
