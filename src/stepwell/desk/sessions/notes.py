"""Notes to sign and to co-sign; the notes in a chart: the shared part and this person's own, nobody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.plan import queries as plans
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.rules import load_note_formats, note_due_at, rule_of
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.sessions.forms import AddendumForm

PAGE = 20
_MARKS = (("participation", "Took part"), ("affect", "Affect"), ("response", "Response"), ("risk", "Risk"))


@staff_page(P.NOTE_WRITE)
def notes(request: Request) -> HttpResponse:
    """What waits for my signature, the oldest first; what waits for my co-signature; what others owe."""
    by, at = request.actor, request.at
    rows = [
        {
            "o": o,
            "due_at": (due_at := note_due_at(o.ends, rule_of(o.site).due_hours)),
            "late": at >= due_at,
            "soon": at >= due_at - load_looking().note_soon,
            "begun": hasattr(o, "note"),
        }
        for o in queries.to_write(by, at)
    ]
    return render(
        request,
        "desk/sessions/notes.html",
        {
            "rows": rows,
            "to_cosign": list(queries.to_cosign(by)),
            "plans_to_cosign": list(plans.to_cosign(by)),
            "others": list(queries.late_of_others(by, at)[:50]),
            "due_hours": rule_of(site_of(by)).due_hours,
        },
    )


@staff_page(P.NOTE_READ)
def chart_notes(request: Request, code: str) -> HttpResponse:
    """Twenty notes, newest first, with a link to older ones. Only the newest lies open, unless `?open=all`."""
    chart = open_chart(request, code, "notes")
    rows = list(queries.notes_of(request.actor, chart.patient, before=_before(request))[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    here = reverse("desk:chart_notes", args=[chart.patient.code])
    unfolded = request.GET.get("open") == "all"
    kept = {"open": "all"} if unfolded else {}
    before = request.GET.get("before", "")
    paged = {"before": before} if before else {}
    older = {**kept, "before": f"{last.note.occurrence.starts.timestamp():.0f}-{last.pk}"} if last else None
    return chart_page(
        request,
        chart,
        "desk/sessions/chart_notes.html",
        {
            "entries": [entry_of(part) for part in rows[:PAGE]],
            "unfolded": unfolded,
            "other_way": _address(here, paged if unfolded else {**paged, "open": "all"}),
            "older": _address(here, older) if older else None,
            "newer": _address(here, kept) if before else None,
        },
    )


def _address(here: str, asked: dict[str, str]) -> str:
    return f"{here}?{urlencode(asked)}" if asked else here


@staff_page(P.NOTE_READ)
def chart_note(request: Request, code: str, note_id: int) -> HttpResponse:
    """One signed note as it stands in this chart, with what was added since."""
    chart = open_chart(request, code, "notes")
    part = queries.note_part_for(request.actor, chart.patient, note_id)
    form = AddendumForm() if request.actor.may(P.NOTE_WRITE, chart.patient.site_id) else None
    return chart_page(
        request, chart, "desk/sessions/chart_note.html", {"entry": entry_of(part), "form": form}
    )


@staff_page(P.NOTE_WRITE)
def addenda(request: Request, code: str, note_id: int) -> HttpResponse:
    """Something is added to this person's part."""
    chart = open_chart(request, code, "notes", record=False)
    part = queries.note_part_for(request.actor, chart.patient, note_id)
    form = AddendumForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.add_addendum(
                by=request.actor,
                at=request.at,
                note=part.note,
                patient=chart.patient,
                kind=form.cleaned_data["kind"],
                text=form.cleaned_data["text"],
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, "Added. The signed text stays as it was.")
            return redirect("desk:chart_note", chart.patient.code, note_id)
    return chart_page(
        request, chart, "desk/sessions/chart_note.html", {"entry": entry_of(part), "form": form}
    )


@staff_page(P.NOTE_READ)
def printed(request: Request, code: str, note_id: int) -> HttpResponse:
    """The note as a sheet of paper."""
    chart = open_chart(request, code, "notes")
    part = queries.note_part_for(request.actor, chart.patient, note_id)
    return chart_page(request, chart, "desk/sessions/chart_note_print.html", {"entry": entry_of(part)})


def entry_of(part: Any) -> dict[str, Any]:
    """One note as the chart shows it: the shared part and the part of this patient."""
    note = part.note
    room = load_room()
    sections = load_note_formats()[note.format].sections if note.format in load_note_formats() else ()
    return {
        "part": part,
        "note": note,
        "o": note.occurrence,
        "absent": part.outcome in ("excused", "unexcused"),
        "where": "video"
        if part.mode == "video" or note.occurrence.room is None
        else note.occurrence.room.name,
        "outcome": {"excused": "absent, excused", "unexcused": "absent, not excused"}.get(
            part.outcome or "", f"{part.minutes} min"
        ),
        "marks": [
            (word, room.label(name, getattr(part, name))) for name, word in _MARKS if getattr(part, name)
        ]
        + ([("Skill", part.skill)] if part.skill else []),
        "sections": [(title, part.sections[key]) for key, title, _ in sections if part.sections.get(key)],
        "addenda": [a for a in note.addenda.all() if a.patient_id in (None, part.patient_id)],
        "in_error": any(
            a.kind == "entered_in_error"
            for a in note.addenda.all()
            if a.patient_id in (None, part.patient_id)
        ),
    }


def _before(request: Request) -> tuple[datetime, int] | None:
    """Where an older page begins; anything unreadable is the first page."""
    stamp, _, pk = request.GET.get("before", "").partition("-")
    if not (stamp.isdecimal() and pk.isdecimal() and len(stamp) < 12 and len(pk) < 18):
        return None
    return datetime.fromtimestamp(int(stamp), tz=request.at.tzinfo), int(pk)
