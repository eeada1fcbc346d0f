"""The buttons of the session room that save what is typed before they act: nothing is lost by pressing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.rules.drafts import changed_parts, same_shared
from stepwell.desk.live import fragment
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.sessions.forms import RoomForm
from stepwell.desk.sessions.presence import not_recorded
from stepwell.desk.sessions.room import Room, open_room, room_context, room_form, room_page
from stepwell.desk.sessions.telling import told


def save_what_is_typed(request: Request, room: Room, form: RoomForm) -> Any | None:
    """Saves what stands in the form; the note, or None with the refusal on the form."""
    if not room.writes or room.signed:
        return room.note
    if not form.is_valid():
        return None
    if _stored_already(request, room, form):
        return room.note
    with refusals_on(form):
        return actions.save_draft(
            by=request.actor,
            at=request.at,
            occurrence=room.occurrence,
            revision=form.cleaned_data["revision"] or 0,
            shared=form.cleaned_data["shared"],
            topic=form.cleaned_data["topic"],
            parts=form.parts(),
            format=form.chosen_format.key,
            page=form.cleaned_data["page"],
        )
    return None


def _stored_already(request: Request, room: Room, form: RoomForm) -> bool:
    """Whether the page sent what it saved before: the usual case, as it saves while somebody types.

    Read without a lock: whoever signs or saves next compares the revision again, under the lock.
    """
    note, got = room.note, form.cleaned_data
    if note is None or room.occurrence.cancelled_at is not None:
        return False
    if got["revision"] != note.revision and not (got["page"] and got["page"] == note.saved_from):
        return False
    return same_shared(
        note, shared=got["shared"], topic=got["topic"], format=form.chosen_format.key
    ) and not changed_parts(form.parts(), queries.written_of(request.actor, note))


_TOO_LATE = (
    "This note was signed before your text arrived, so your text was not saved. Add it as an addendum."
)
_NOT_YOURS = "Only who leads this session writes its note; your text was not saved."


@require_POST
@staff_page(P.NOTE_WRITE)
def draft(request: Request, session_id: int) -> HttpResponse:
    """Saves the draft. By htmx only the line "Saved at …" comes back."""
    room = open_room(request, session_id, roster=queries.ask_named)
    form = room_form(request, room)
    note = save_what_is_typed(request, room, form)
    if form.is_valid() and (room.signed or not room.writes):
        form.add_error(None, _TOO_LATE if room.signed else _NOT_YOURS)
    if request.headers.get("HX-Request"):
        answer = fragment(
            request,
            "desk/sessions/saved.html",
            {"note": note, "said": said_by(form), "page": form.data.get("page", "")}
            | (told(request, open_room(request, session_id), note, form) if note and not form.errors else {}),
        )
        return _with_revision(answer, note, form)
    if form.errors:
        return room_page(request, open_room(request, session_id), form)
    messages.success(request, "The draft is saved.")
    return redirect("desk:session", session_id)


@require_POST
@staff_page(P.NOTE_WRITE)
def signature(request: Request, session_id: int) -> HttpResponse:
    """Saves what stands in the form and signs it. The page that follows says so by the note's own signature."""
    room = open_room(request, session_id, roster=queries.ask_timed)
    form = room_form(request, room)
    note = save_what_is_typed(request, room, form)
    if note is None:
        if not form.errors:
            form.add_error(None, "There is no note to sign yet.")
        return room_page(request, open_room(request, session_id), form)
    if left := not_recorded(request, room.seats, room.zone):
        form.add_error(None, left)
        return room_page(request, open_room(request, session_id), form)
    with refusals_on(form):
        actions.sign_note(by=request.actor, at=request.at, note=note, revision=note.revision)
        return redirect("desk:session", session_id)
    return room_page(request, open_room(request, session_id), form)


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def attendance(request: Request, session_id: int) -> HttpResponse:
    """Here, late, left, stepped out or absent: the one person whose button was pressed."""
    room = open_room(request, session_id, roster=queries.ask_named)
    form = room_form(request, room)
    person = form.person

    def act(room: Room, form: RoomForm) -> None:
        if person is None:
            raise Refused("Choose whose attendance to record; the rest is saved.")
        actions.record_attendance(
            by=request.actor, at=request.at, occurrence=room.occurrence, entries=[form.entry_of(person)]
        )

    return _with_draft(request, room, form, act, of=person)


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def attendance_taken_back(request: Request, session_id: int) -> HttpResponse:
    """Recorded by mistake: nothing is known of this person again."""
    room = open_room(request, session_id, roster=queries.ask_named)
    form = room_form(request, room)
    person = form.person

    def act(room: Room, form: RoomForm) -> None:
        if person is None:
            raise Refused("Choose whose attendance to take back; the rest is saved.")
        actions.take_back_attendance(
            by=request.actor, at=request.at, occurrence=room.occurrence, patient_id=person.pk
        )

    return _with_draft(request, room, form, act, of=person)


@require_POST
@staff_page(P.ATTENDANCE_RECORD)
def all_here(request: Request, session_id: int) -> HttpResponse:
    """Everybody of whom nothing is recorded has been here since the start."""
    room = open_room(request, session_id, roster=queries.ask_named)
    return _with_draft(
        request,
        room,
        room_form(request, room),
        lambda room, form: actions.all_here(by=request.actor, at=request.at, occurrence=room.occurrence),
    )


@require_POST
@staff_page(P.NOTE_WRITE)
def no_risk(request: Request, session_id: int) -> HttpResponse:
    """No risk was seen in those not marked yet."""
    room = open_room(request, session_id, roster=queries.ask_named)
    return _with_draft(
        request,
        room,
        room_form(request, room),
        lambda room, form: actions.no_risk_seen(
            by=request.actor, at=request.at, occurrence=room.occurrence, page=form.cleaned_data["page"]
        ),
        whole_page=True,
    )


def _with_draft(
    request: Request,
    room: Room,
    form: RoomForm,
    act: Callable[[Room, RoomForm], object],
    *,
    of: Any | None = None,
    whole_page: bool = False,
) -> HttpResponse:
    """Saves the draft that came along, then acts. By htmx the parts of the page that changed come back; else the page."""
    if form.is_valid():
        save_what_is_typed(request, room, form)
    if not form.errors:
        with refusals_on(form):
            act(room, form)
    number = room.occurrence.pk
    if request.headers.get("HX-Request") and not whole_page:
        return _news(request, number, form, of)
    if form.errors:
        return room_page(request, open_room(request, number), form)
    return redirect(f"{reverse('desk:session', args=[number])}{f'#p-{of.code}' if of else ''}")


def _news(request: Request, number: int, form: RoomForm, of: Any | None) -> HttpResponse:
    """What changed, for a page that stays: of the person `of` the attendance, and all when somebody became absent or
    came after all, since only who is here is written about. After a refusal nothing is replaced."""
    room, said = open_room(request, number), said_by(form)
    about = of.code if of is not None and not said else ""
    whole = bool(about) and (bool(form.absent) or request.headers.get("HX-Target") == f"p-{about}")
    context = room_context(request, room) | {"said": said, "about": about, "whole": whole}
    answer = fragment(request, "desk/sessions/changed.html", context)
    if whole:
        answer["HX-Retarget"] = f"#p-{about}"
    if said:
        answer["HX-Reswap"] = "none"
    return _with_revision(answer, room.note, form)


def said_by(form: RoomForm) -> str:
    """Every refusal in one line; "" when there is none."""
    return " ".join(str(each) for found in form.errors.values() for each in found)


def _with_revision(answer: HttpResponse, note: Any | None, form: RoomForm) -> HttpResponse:
    """Tells the open page that the server has what it sent: the page then forgets its own copy."""
    if note is not None and not form.errors:
        answer["X-Saved-Revision"] = str(note.revision)
    return answer
