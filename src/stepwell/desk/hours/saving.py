"""Hours to save: whose week lacks something, until when, and the seats that would mend it, offered with one click."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.hours import actions, queries
from stepwell.clinic.hours.rules import Week, hours_text, kind_words, load_offers, week_start_of
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.queries import occurrence_for
from stepwell.desk.pages import render, staff_page
from stepwell.ui.filters import clock, moment

MOST_ROWS = 25


@staff_page(P.HOURS_READ)
def hours_to_save(request: Request) -> HttpResponse:
    """Those whose week can still be saved, the one who is to be acted on first at the head; `?all=1` shows all,
    `?week=next` looks at the week after.

    Whose week nothing can save any more stands below, folded.
    """
    by, at = request.actor, request.at
    assert by.home is not None  # noqa: S101 - staff pages have a home
    zone = ZoneInfo(by.home.zone)
    first = week_start_of(at.astimezone(zone).date(), by.home.week_starts_on)
    coming = request.GET.get("week") == "next"
    first += timedelta(days=7 * coming)
    found = queries.hours_to_save(by=by, at=at, site_id=by.home.site_id, week_start=first)
    savable = [one for one in found if one.until is not None]
    lost = [one for one in found if one.until is None]
    shown = savable if request.GET.get("all") else savable[:MOST_ROWS]
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        assert one.until is not None  # noqa: S101 - chosen so above
        groups.setdefault(_by_when(one.until, at, zone), []).append(row_of(one))
    missing = sum(one.hours.week.missing for one in savable)
    return render(
        request,
        "desk/hours/hours_to_save.html",
        {
            "groups": list(groups.items()),
            "lost": [row_of(one) for one in lost[:MOST_ROWS]],
            "lost_count": len(lost),
            "people": len(savable),
            "missing": hours_text(missing),
            "more": len(savable) - len(shown),
            "may_book": by.may(P.SEAT_BOOK),
            "first": first,
            "last": first + timedelta(days=6),
            "coming": coming,
            "back": "next" if coming else "list",
        },
    )


@require_POST
@staff_page(P.SEAT_BOOK)
def offer(request: Request, code: str) -> HttpResponse:
    """Holds a seat for the patient, who sees it on the phone."""
    by, at = request.actor, request.at
    patient = patient_for(by, code, P.HOURS_READ)
    wanted = request.POST.get("occurrence", "")
    occurrence = occurrence_for(by, int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0)
    try:
        made = actions.offer_make_up(by=by, at=at, patient=patient, occurrence=occurrence)
        until = _until(made.held_until, at, ZoneInfo(patient.site.zone))
        messages.success(
            request, f"{occurrence.title} is offered to {patient.board_name}; the seat is held until {until}."
        )
    except Refused as no:
        messages.warning(request, no.sentence)
    return _back(request, patient)


@require_POST
@staff_page(P.SEAT_BOOK)
def withdraw(request: Request, code: str, offer_id: int) -> HttpResponse:
    """The offer is taken back; the seat is free for somebody else."""
    by = request.actor
    patient = patient_for(by, code, P.HOURS_READ)
    made = queries.offer_for(by, offer_id)
    if made.patient_id != patient.pk:
        raise type(made).DoesNotExist
    try:
        actions.withdraw_offer(by=by, at=request.at, offer=made)
        messages.success(request, f"The offer to {patient.board_name} is withdrawn; the seat is free.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return _back(request, patient)


def row_of(one: queries.ToSave) -> dict[str, Any]:
    """What a list shows of one person: the sentences, the best seats and the offers that are open."""
    week = one.hours.week
    lacks = [
        f"{kind_words(dose.kind).capitalize()}: {hours_text(dose.short)} of {hours_text(dose.ordered)} not booked."
        for dose in week.doses
        if dose.short
    ]
    if one.days is not None and one.days.short:
        lacks.append(one.days.sentence)
    if week.unsure:
        lacks.append(week.troubles[-1])
    return {
        "person": one.hours.patient,
        "week": week,
        "until": one.until,
        "sentence": _sentence(week) if week.missing else "",
        "lacks": lacks,
        "choices": one.choices[: load_offers().listed_most],
        "offers": one.offers,
    }


def _sentence(week: Week) -> str:
    if week.partly_until is None or not week.possible:
        return week.sentence
    return f"{hours_text(week.missing)} of {hours_text(week.ordered)} missing; {hours_text(week.possible)} can still be had."


def _by_when(until: datetime, at: datetime, zone: ZoneInfo) -> str:
    """The heading under which somebody stands: until today, or until a day of this week."""
    if until.astimezone(zone).date() == at.astimezone(zone).date():
        return "Until today"
    return f"Until {until.astimezone(zone):%A}"


def _until(held: datetime, at: datetime, zone: ZoneInfo) -> str:
    today = held.astimezone(zone).date() == at.astimezone(zone).date()
    return clock(held) if today else moment(held)


def _back(request: Request, patient: Any) -> HttpResponse:
    back = request.POST.get("back")
    if back in ("list", "next"):
        week = "?week=next" if back == "next" else ""
        return redirect(f"{reverse('desk:hours_to_save')}{week}#{patient.code}")
    return redirect(f"{reverse('desk:schedule', args=[patient.code])}#openings")
