"""Today and the week: the next session first, the hours as steps, and "I can't make it"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.clinic.chart.queries import week_of
from stepwell.clinic.hours.actions import offer_at_once
from stepwell.clinic.hours.queries import open_offers
from stepwell.clinic.hours.queries import week_of as ledger_of
from stepwell.clinic.recovery import queries as recovery
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable import queries as seats
from stepwell.clinic.timetable.actions.planning import see_notice
from stepwell.clinic.timetable.queries.versions import notice_for, told_to
from stepwell.pocket.forms import FEELINGS, TIMES_CHANGED, CannotCome
from stepwell.pocket.pages import patient_page, refusals_on, render
from stepwell.pocket.questionnaires import due_on_the_phone
from stepwell.ui.filters import hours_said, hours_words

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@patient_page
def today(request: Request, patient: Any) -> HttpResponse:
    """The next session, the week, how it is right now, homework for tonight."""
    by, at = request.actor, request.at
    coming = list(seats.coming_seats(by, at, patient, until=at + timedelta(days=14)))
    coming = [seat for seat in coming if seat.occurrence.cancelled_at is None]
    week = week_of(by, patient, at=at)
    homework = [h for h in recovery.own_homework(by, at=at) if h.open]
    context = {
        "patient": patient,
        "next": coming[0] if coming else None,
        "opens": bool(coming)
        and coming[0].occurrence.mode != "video"
        and coming[0].occurrence.starts - at <= timedelta(minutes=load_room().opens_before),
        "later": coming[1:3],
        "offers": open_offers(by, patient, at),
        "week": week.ledger,
        "steps": steps(week.sessions),
        "hours": hours_sentence(week.ledger, week.sessions),
        "feelings": FEELINGS,
        "homework": homework,
        "questionnaires": due_on_the_phone(request, patient),
        "told": told_to(by, at),
        "part_of_day": part_of_day(at.astimezone(ZoneInfo(patient.site.zone))),
    }
    return render(request, "pocket/today.html", context)


@patient_page
def week(request: Request, patient: Any) -> HttpResponse:
    """The sessions of this week and the next, and how the hours stand."""
    by, at = request.actor, request.at
    this = week_of(by, patient, at=at)
    next_start = this.ledger.starts_on + timedelta(days=7)
    zone = ZoneInfo(patient.site.zone)
    coming = list(seats.coming_seats(by, at, patient, until=at + timedelta(days=15)))
    windows = seats.windows_of(by, patient, at.astimezone(zone).date())
    mine = {seat.occurrence_id: seat for seat in coming if seat.occurrence.starts > at}
    context = {
        "patient": patient,
        "this": this,
        "steps": steps(this.sessions),
        "hours": hours_sentence(this.ledger, this.sessions),
        "mine": mine,
        "misfits": [seat for seat in mine.values() if _stands(seat) and not seats.fits(windows, seat, zone)],
        "offers": open_offers(by, patient, at),
        "next": [
            seat
            for seat in coming
            if next_start <= seat.occurrence.starts.astimezone(zone).date() < next_start + timedelta(days=7)
        ],
        "next_week": ledger_of(by=by, at=at, patient=patient, week_start=next_start),
    }
    return render(request, "pocket/week.html", context)


def _stands(seat: Any) -> bool:
    return seat.occurrence.cancelled_at is None


@patient_page
def cannot_come(request: Request, patient: Any, seat_id: int) -> HttpResponse:
    """Gives the seat back with a reason; the team is told, and what is free instead is held for a short time."""
    seat = seats.coming_seats(request.actor, request.at, patient).get(pk=seat_id)
    changed = request.GET.get("why") == "times"
    form = CannotCome(
        request.POST if request.method == "POST" else None,
        initial={"reason": TIMES_CHANGED} if changed else None,
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            timetable.cannot_come(by=request.actor, at=request.at, seat=seat, because=form.because())
            offers = offer_at_once(by=request.actor, at=request.at, patient=patient, instead_of=seat)
            messages.success(
                request,
                "Thank you for telling us. "
                + (
                    "Below is what is free instead; one tap books it."
                    if offers
                    else "Your team has been told and will offer another time."
                ),
            )
            return redirect("pocket:today")
    return render(request, "pocket/cannot_come.html", {"form": form, "seat": seat, "patient": patient})


@require_POST
@patient_page
def week_notice_seen(request: Request, patient: Any, notice_id: int) -> HttpResponse:
    """The patient has read how the week changed; it is not shown again."""
    notice = notice_for(request.actor, notice_id)
    see_notice(by=request.actor, at=request.at, notice=notice)
    return redirect("pocket:today")


def steps(sessions: Iterable[Any]) -> list[dict[str, str]]:
    """The sessions of a week as steps: short day, and the whole for who hears the page."""
    sessions = list(sessions)
    coming = next((s.number for s in sessions if s.state in ("now", "ahead")), None)
    return [
        {
            "label": f"{timezone.localtime(session.starts):%a}",
            "state": "now" if session.number == coming else session.state,
            "note": session.title,
        }
        for session in sessions
    ]


def hours_sentence(ledger: Any, sessions: Iterable[Any]) -> str:
    """'Two sessions to go, and 1½ hours to make up.'"""
    left = sum(1 for s in sessions if s.state in ("now", "ahead"))
    if not ledger.ordered:
        return ""
    said = f"{_number(left).capitalize()} session{'' if left == 1 else 's'} to go"
    if ledger.short:
        return f"{said}, and {_hours(ledger.short)} to make up."
    if not left and ledger.delivered >= ledger.ordered:
        return "Your week is complete. Well done."
    return f"{said}."


def part_of_day(local: datetime) -> str:
    """'Wednesday evening'."""
    hour = local.hour
    part = (
        "morning"
        if 4 <= hour < 12
        else "afternoon"
        if 12 <= hour < 17
        else "evening"
        if 17 <= hour < 22
        else "night"
    )
    return f"{local:%A} {part}"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _hours(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} minutes"
    if minutes % 15:
        return hours_said(minutes)
    return f"{hours_words(minutes)} hour{'' if minutes == 60 else 's'}"
