"""The room of a session by video for who leads it, and attendance from presence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions.video import actions, queries, signalling
from stepwell.desk.pages import refusals_on, render, staff_page

DEVICES = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
"""What this page alone may ask of the browser."""


class Attended(forms.Form):
    """Whose attendance is confirmed as the room proposes it."""

    patients = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose whose attendance you confirm."},
    )

    def __init__(self, *args: Any, proposed: list[queries.Proposed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {one.patient.code: one for one in proposed if one.proposal is not None}
        self.fields["patients"].choices = [(code, code) for code in self.by_code]  # type: ignore[attr-defined] # a choice field

    def patient_ids(self) -> list[int]:
        return [self.by_code[code].patient.pk for code in self.cleaned_data["patients"]]


@staff_page(P.ATTENDANCE_RECORD)
def video(request: Request, session_id: int) -> HttpResponse:
    """The room. 404 for a session of another site or one that is not by video, 403 for who does not lead it."""
    guest = queries.guest_for(request.actor, session_id, request.at)
    o = guest.occurrence
    opened = queries.room_of(o)
    answer = render(
        request,
        "desk/video/room.html",
        {
            "o": o,
            "token": get_token(request),
            "room": {
                "session": o.pk,
                "host": True,
                "patient": False,
                "leads": "Who leads",
                "back": reverse("desk:session", args=[o.pk]),
                "back_label": "To the session",
            },
            "second": opened.second if opened else None,
            "may_name": request.actor.staff_id in (o.facilitator_id, o.cofacilitator_id),
            "colleagues": queries.may_be_second(request.actor, o, request.at),
        },
    )
    answer["Permissions-Policy"] = DEVICES
    return answer


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def video_second(request: Request, session_id: int) -> HttpResponse:
    """A colleague gets the keys of this room too."""
    by, at = request.actor, request.at
    guest = queries.guest_for(by, session_id, at)
    chosen = request.POST.get("staff", "")
    gateway = signalling.gateway_answers(named=bool(settings.ENVIRONMENT.janus))
    found = {str(one.pk): one for one in queries.may_be_second(by, guest.occurrence, at)}
    try:
        if chosen not in found:
            raise Refused("Choose a colleague of this site.")
        room = actions.name_second(by=by, at=at, guest=guest, staff=found[chosen], gateway=gateway)
        messages.success(request, f"{room.second.name} can open this room now." if room.second else "")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:video", session_id)


@staff_page(P.ATTENDANCE_RECORD)
def video_attendance(request: Request, session_id: int) -> HttpResponse:
    """Who was in the room and when; what is ticked becomes attendance."""
    by, at = request.actor, request.at
    guest = queries.guest_for(by, session_id, at)
    proposed = queries.proposals(guest.occurrence, at)
    form = Attended(request.POST if request.method == "POST" else None, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            rows = actions.confirm_attendance(by=by, at=at, guest=guest, patient_ids=form.patient_ids())
            count = len(rows)
            messages.success(
                request, f"Attendance of {count} {'person' if count == 1 else 'people'} is recorded."
            )
            return redirect("desk:session", session_id)
    ticked = set(request.POST.getlist("patients")) if request.method == "POST" else None
    return render(
        request,
        "desk/video/attendance.html",
        {
            "o": guest.occurrence,
            "form": form,
            "proposed": [
                {
                    "patient": one.patient,
                    "proposal": one.proposal,
                    "recorded": one.recorded,
                    "said": one.said,
                    "away": [
                        (timezone.localtime(out), timezone.localtime(back))
                        for out, back in (one.proposal.away if one.proposal else ())
                    ],
                    "ticked": (one.patient.code in ticked)
                    if ticked is not None
                    else one.proposal is not None and not one.recorded,
                }
                for one in proposed
            ],
        },
    )
