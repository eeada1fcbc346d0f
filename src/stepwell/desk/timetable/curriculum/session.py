"""What a session has from its topic: the shared part, skills to tap, the hand-out, and homework for those present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery import queries as homework
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import queries as sessions
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.curriculum import queries
from stepwell.clinic.timetable.curriculum.rules import Topic
from stepwell.desk.live import fragment
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import staff_page


@dataclass(frozen=True)
class Learning:
    """The topic of a session as the room shows it. `waiting`: those present who have not got its homework yet."""

    topic: Topic
    curriculum: str
    due: date
    waiting: tuple[Any, ...]
    given: int
    gives: bool


def learning_of(request: Request, occurrence: Any, seats: list[Any], title: str) -> Learning | None:
    """Three statements; none for a session without a curriculum, one where the title is no topic of it."""
    by = request.actor
    topic = queries.topic_of(by, occurrence, title)
    if topic is None:
        return None
    gives = by.may(P.RECOVERY_WRITE, occurrence.site_id)
    has = homework.given_in(by, occurrence, topic.title) if gives else frozenset()
    came = [
        seat.patient
        for seat in seats
        if getattr(getattr(seat, "attendance", None), "outcome", "") == "present"
    ]
    today = request.at.astimezone(ZoneInfo(occurrence.site.zone)).date()
    usual = today + load_looking().homework_due
    following = queries.next_day_of_group(by, occurrence)
    return Learning(
        topic,
        occurrence.curriculum,
        following if following is not None and following > today else usual,
        tuple(patient for patient in came if patient.pk not in has),
        len([patient for patient in came if patient.pk in has]),
        gives,
    )


@require_POST
@staff_page(P.RECOVERY_WRITE)
def topic_homework(request: Request, session_id: int) -> HttpResponse:
    """The topic's homework for everybody present who has not got it yet: for all of them or for none."""
    by = request.actor
    occurrence = timetable.occurrence_for(by, session_id)
    seats = sessions.roster_of(by, occurrence)
    note = sessions.note_of(by, occurrence)
    title = (note.topic if note else "") or occurrence.topic
    learning = learning_of(request, occurrence, seats, title)
    refused = _given(request, occurrence, learning)
    if request.headers.get("HX-Request"):
        again = learning_of(request, occurrence, seats, title)
        context = {"learning": again, "o": occurrence, "refused": refused}
        return fragment(request, "desk/timetable/curriculum/session_topic.html", context)
    if refused:
        messages.warning(request, refused)
    elif learning:
        messages.success(
            request, f"The homework is with {len(learning.waiting)} of them, until {learning.due:%a %-d %b}."
        )
    return redirect("desk:session", occurrence.pk)


def _given(request: Request, occurrence: Any, learning: Learning | None) -> str:
    """Why not; "" when it was given."""
    if learning is None:
        return "This session has no topic of a curriculum, so there is no homework to hand out."
    if not learning.waiting:
        return (
            "Everybody who is here has it already."
            if learning.given
            else "Nobody is here yet. Record who came."
        )
    try:
        with transaction.atomic():
            for patient in learning.waiting:
                recovery.give_homework(
                    by=request.actor,
                    at=request.at,
                    patient=patient,
                    title=learning.topic.title,
                    instructions=learning.topic.homework,
                    due_on=learning.due,
                    occurrence=occurrence,
                )
    except Refused as no:
        return no.sentence
    return ""
