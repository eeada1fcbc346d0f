"""What happens to a session beside its note: a co-signature, another leader, a cancellation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.timetable import actions as timetable_actions
from stepwell.clinic.timetable import queries as timetable
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.sessions.forms import CancelForm, HandOverForm
from stepwell.desk.sessions.room import open_room


@require_POST
@staff_page(P.NOTE_COSIGN)
def cosignature(request: Request, session_id: int) -> HttpResponse:
    """The supervisor's signature."""
    room = open_room(request, session_id)
    try:
        if room.note is None:
            raise Refused("There is no note of this session yet.")
        actions.cosign_note(by=request.actor, at=request.at, note=room.note)
        messages.success(request, "Co-signed.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:notes")


@staff_page(P.NOTE_WRITE)
def hand_over(request: Request, session_id: int) -> HttpResponse:
    """Somebody else leads the session."""
    room = open_room(request, session_id)
    staff = timetable.staff_here(request.actor, room.occurrence.local_date)
    form = HandOverForm(request.POST or None, staff=staff)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            timetable_actions.hand_over(
                by=request.actor, at=request.at, occurrence=room.occurrence, to=form.cleaned_data["to"]
            )
            messages.success(request, f"{form.cleaned_data['to'].name} leads this session now.")
            return redirect("desk:session", session_id)
    return render(request, "desk/sessions/hand_over.html", {"form": form, "o": room.occurrence})


@staff_page(P.TIMETABLE_READ)
def cancellation(request: Request, session_id: int) -> HttpResponse:
    """The session does not take place."""
    room = open_room(request, session_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            timetable_actions.cancel_occurrence(
                by=request.actor,
                at=request.at,
                occurrence=room.occurrence,
                because=form.cleaned_data["because"],
            )
            messages.success(request, "The session is cancelled; seats, room and staff are free again.")
            return redirect("desk:session", session_id)
    return render(
        request,
        "desk/sessions/cancellation.html",
        {"form": form, "o": room.occurrence, "people": room.people},
    )
