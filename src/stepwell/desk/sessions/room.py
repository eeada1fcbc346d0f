"""The session room: one page from the first arrival to the signature. Works as plain forms; htmx makes it lively."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import together
from stepwell.clinic.hours.queries import weeks_of
from stepwell.clinic.plan import rules as plan_rules
from stepwell.clinic.plan.queries import objectives_in_force
from stepwell.clinic.sessions import queries
from stepwell.clinic.sessions.rules import (
    Clone,
    clones,
    formats_of,
    load_note_formats,
    rule_of,
    too_alike,
    what_is_signed,
)
from stepwell.clinic.sessions.rules.absences import load_absences
from stepwell.clinic.sessions.rules.room import CHIP_FIELDS, load_room
from stepwell.clinic.timetable import queries as timetable
from stepwell.desk.live import fragment, live_for
from stepwell.desk.pages import render, staff_page
from stepwell.desk.sessions.board import standing_of, word_and_tone
from stepwell.desk.sessions.forms import RoomForm
from stepwell.desk.sessions.keeping import keep_for
from stepwell.desk.sessions.presence import look_out, times_of, what_follows
from stepwell.desk.sessions.risks import steps_of
from stepwell.desk.sessions.single.homework import homework_here
from stepwell.desk.sessions.telling import by_person, limit_at
from stepwell.desk.timetable.curriculum.session import learning_of


@dataclass(frozen=True)
class Room:
    """Everything about one session that the page and its buttons need."""

    occurrence: Any
    seats: list[Any]
    note: Any | None
    zone: ZoneInfo
    leads: bool
    writes: bool
    reads: bool
    attends: bool

    @property
    def people(self) -> list[Any]:
        return [seat.patient for seat in self.seats]

    @property
    def signed(self) -> bool:
        return self.note is not None and self.note.signed_at is not None

    @property
    def format(self) -> str:
        """The stored one; before that the one that this kind of session offers first."""
        if self.note is not None:
            return str(self.note.format)
        return formats_of(self.occurrence.kind)[0].key


def open_room(request: Request, session_id: int, *, roster: queries.Roster = queries.ask_roster) -> Room:
    """Three statements, under way together. `DoesNotExist`, a 404, for a session of another site.

    `roster` reads the people: for a button, only as much of them as it needs.
    """
    by = request.actor
    with together():
        asked = timetable.ask_occurrence(by, session_id)
        people, note = roster(by, session_id), queries.ask_note(session_id)
        occurrence: Any = asked()
    leads = by.staff_id is not None and by.staff_id in (
        occurrence.facilitator_id,
        occurrence.cofacilitator_id,
    )
    return Room(
        occurrence=occurrence,
        seats=people(),
        note=note(by, occurrence),
        zone=ZoneInfo(occurrence.site.zone),
        leads=leads,
        writes=leads and by.may(P.NOTE_WRITE, occurrence.site_id),
        reads=queries.may_read_note(by, occurrence),
        attends=by.may(P.ATTENDANCE_RECORD, occurrence.site_id),
    )


def room_form(request: Request, room: Room) -> RoomForm:
    return RoomForm(
        request.POST,
        people=room.people,
        day=room.occurrence.local_date,
        zone=room.zone,
        format=room.format,
    )


@staff_page(P.TIMETABLE_READ)
def room(request: Request, session_id: int) -> HttpResponse:
    return room_page(request, open_room(request, session_id))


def room_page(request: Request, room: Room, form: RoomForm | None = None) -> HttpResponse:
    """The page; with a form that was refused, what was typed stands beside what is stored."""
    return render(request, "desk/sessions/room.html", room_context(request, room, form))


def room_context(request: Request, room: Room, form: RoomForm | None = None) -> dict[str, Any]:
    """What the page shows, and every part of it that news replaces. A fixed number of statements."""
    by, at, o = request.actor, request.at, room.occurrence
    parts = queries.parts_of(by, room.note) if room.reads else {}
    ids = [seat.patient_id for seat in room.seats]
    weeks = (
        weeks_of(by=by, at=at, patient_ids=ids) if by.may(P.HOURS_READ, o.site_id) and not room.signed else {}
    )
    open_for_writing = room.writes and not room.signed and o.cancelled_at is None
    objectives = objectives_in_force(by, ids, since=o.starts) if open_for_writing else {}
    topic = form.data.get("topic", "") if form else (room.note.topic if room.note else o.topic)
    learning = learning_of(request, o, room.seats, topic) if open_for_writing else None
    # Before there is a note, its shared part is the one that the curriculum holds for the topic.
    offered = learning.topic.shared if learning and room.note is None else ""
    drafted = queries.drafted(o, room.note, room.seats, parts, offered) if open_for_writing else None
    decision = queries.decided(by, at, o, drafted) if drafted else None
    lacking = by_person(decision)
    open_for_attendance = room.attends and not room.signed and o.cancelled_at is None
    signals = look_out(request, o, ids) if open_for_attendance else {}
    codes = [seat.patient.code for seat in room.seats]
    today = at.astimezone(room.zone).date()
    return {
        "o": o,
        "room": room,
        "note": room.note,
        "form": form,
        "format": load_note_formats()[form.chosen_format.key if form else room.format],
        "formats": formats_of(o.kind),
        "page": (form.data.get("page") if form else "") or secrets.token_hex(8),
        "topic": topic,
        "shared": form.data.get("shared", "") if form else (room.note.shared if room.note else offered),
        "learning": learning,
        "people": [
            _person(seat, room, at, parts, weeks, _in_order(objectives.get(seat.patient_id, []), today), form)
            | {
                "alike": decision.alike.get(seat.patient_id) if decision else None,
                "risk_steps": steps_of(by, seat.patient) if open_for_writing else [],
                "signals": signals.get(seat.patient_id, []),
                "follows": what_follows(request, seat, room.zone) if _absent(seat) and room.attends else [],
            }
            for seat in room.seats
        ],
        "chips": load_room().chips,
        "chip_fields": CHIP_FIELDS,
        "decision": decision,
        "lacking": lacking,
        "limit": limit_at(o.site),
        "signs": what_is_signed(drafted) if drafted else "",
        "homework": homework_here(request, room, form) if open_for_writing else None,
        "keeps_apart": by.may(P.NOTE_KEEP_APART, o.site_id),
        "clones": _clones(room, parts, decision) if decision else [],
        "writing": open_for_writing,
        "reasons": load_absences().reasons,
        "following": dict(pairwise(codes)),
        "family": queries.family_here(by, at, o, room.seats) if open_for_attendance else [],
        "may_add": open_for_attendance and by.may(P.SEAT_BOOK, o.site_id) and _opened(o, at),
        "keep": keep_for(request, o.pk) if room.writes and o.cancelled_at is None else None,
        "just_signed": room.note is not None
        and room.signed
        and room.note.author_id == by.staff_id
        and at - room.note.signed_at < _JUST_NOW,
        "live": live_for(request, f"occurrence:{o.pk}"),
        "over": o.ends <= at,
        "begun": o.starts <= at,
        "addenda": list(queries.addenda_of(by, room.note)) if room.note is not None and room.signed else [],
        "signatures": list(room.note.signatures.order_by("at")) if room.note and room.signed else [],
        "may_cosign": room.signed
        and room.note is not None
        and room.note.cosigned_at is None
        and room.note.cosigner_id == by.staff_id
        and by.may(P.NOTE_COSIGN, o.site_id),
        "may_hand_over": not room.signed
        and o.cancelled_at is None
        and (by.may(P.TIMETABLE_MANAGE, o.site_id) or by.staff_id == o.facilitator_id),
        "may_cancel": not room.signed
        and o.cancelled_at is None
        and not any(hasattr(seat, "attendance") for seat in room.seats)
        and (by.may(P.SEAT_BOOK, o.site_id) or by.staff_id == o.facilitator_id),
    }


_JUST_NOW = timedelta(minutes=1)


def _absent(seat: Any) -> bool:
    came = getattr(seat, "attendance", None)
    return came is not None and came.outcome != "present"


def _opened(occurrence: Any, at: datetime) -> bool:
    return bool(occurrence.starts - timedelta(minutes=load_room().opens_before) <= at)


def _person(
    seat: Any,
    room: Room,
    at: Any,
    parts: dict[int, Any],
    weeks: dict[int, Any],
    objectives: list[Any],
    form: RoomForm | None,
) -> dict[str, Any]:
    """One person of the roster: what is known, what is written, what was typed but not saved."""
    person, part = seat.patient, parts.get(seat.patient_id)
    standing = standing_of(seat, room.occurrence, at)
    word, tone = word_and_tone(standing)
    sections = load_note_formats()[form.chosen_format.key if form else room.format].sections

    def value(name: str, stored: Any) -> Any:
        return form.data.get(f"{person.code}-{name}", "") if form is not None else stored

    # The first objective due is offered already: the thread from the plan to the note costs no tap.
    offered = part.objective_id if part else (objectives[0].pk if objectives else None)
    # What the plan says already is not typed again: the goal of a note that has one.
    first = {"goal": f"{objectives[0].measure}: {objectives[0].target}"} if objectives else {}
    typed = value("text", part.text if part else "")
    return {
        "patient": person,
        "seat": seat,
        **times_of(seat, room.zone, form),
        "word": word,
        "tone": tone,
        "state": standing.state.value,
        "sentence": standing.sentence,
        "week": weeks.get(seat.patient_id),
        "part": part,
        "objectives": objectives,
        "objective": str(value("objective", offered or "")),
        "text": typed,
        "skill": value("skill", part.skill if part else ""),
        "done": value("done", part.done if part else ""),
        "theirs": part.text if form is not None and part is not None and part.text != typed else "",
        "chips": {name: value(name, getattr(part, name) if part else "") for name in CHIP_FIELDS},
        "sections": [
            (
                key,
                title,
                asks,
                value(f"section-{key}", part.sections.get(key, "") if part else first.get(key, "")),
            )
            for key, title, asks in sections
        ],
    }


def _in_order(objectives: list[Any], today: Any) -> list[Any]:
    """As the plan's rule offers them: overdue first."""
    by_number = {o.pk: o for o in objectives}
    ordered = plan_rules.most_due_first(
        (
            plan_rules.Objective(number=o.pk, measure=o.measure, target=o.target, due=o.due_on)
            for o in objectives
        ),
        today,
    )
    return [by_number[o.number] for o in ordered]


def _clones(room: Room, parts: dict[int, Any], decision: Any) -> list[tuple[Any, Any, Clone]]:
    """Pairs too much alike, as long as one of the two still needs a sentence of the own."""
    rule = rule_of(room.occurrence.site)
    wanting = {pk for pk, found in decision.alike.items() if too_alike(found, rule)}
    written: dict[int | str, str] = {
        pk: " ".join([part.text, *part.sections.values()])
        for pk, part in parts.items()
        if part.text or part.sections
    }
    names = {seat.patient_id: seat.patient for seat in room.seats}
    found = clones(written, rule.clone_likeness, [room.note.shared if room.note else ""])
    return [
        (names[clone.first], names[clone.second], clone)
        for clone in found
        if clone.first in names and clone.second in names and {clone.first, clone.second} & wanting
    ]


@staff_page(P.TIMETABLE_READ)
def roster(request: Request, session_id: int) -> HttpResponse:
    """The news of the room: who came, the weeks, what is missing. Nothing that is typed is among it."""
    room = open_room(request, session_id)
    return fragment(request, "desk/sessions/roster.html", room_context(request, room))
