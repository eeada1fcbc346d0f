"""The button of the session room that records homework; what is typed in the room is kept first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.sessions.room import open_room, room_form, room_page
from stepwell.desk.sessions.saving import save_what_is_typed
from stepwell.desk.sessions.single.homework import KINDS, NextForm, give, review, said_of


@require_POST
@staff_page(P.RECOVERY_WRITE)
def session_homework(request: Request, session_id: int) -> HttpResponse:
    """Keeps the draft that came along, then what was said of each homework, then gives the next."""
    room = open_room(request, session_id)
    form = room_form(request, room)
    if not form.is_valid() or (save_what_is_typed(request, room, form) is None and form.errors):
        return room_page(request, open_room(request, session_id), form)
    coming = NextForm({name: request.POST.get(f"next-{name}", "") for name in NextForm.base_fields})
    if room.occurrence.kind not in KINDS:
        form.add_error(None, "Homework is handed out in individual and family sessions.")
    elif not coming.is_valid():
        form.add_error(None, "Look at the next homework: a title, what to do, and a day it is due.")
    if form.errors:
        return room_page(request, open_room(request, session_id), form)
    with refusals_on(form):
        reviewed = review(request, room)
        given = give(request, room, coming.cleaned_data)
        if reviewed or given:
            messages.success(request, said_of(reviewed, given))
        else:
            messages.info(request, "Say how a homework went, or write the next one.")
        return redirect(f"{reverse('desk:session', args=[session_id])}#homework")
    return room_page(request, open_room(request, session_id), form)
