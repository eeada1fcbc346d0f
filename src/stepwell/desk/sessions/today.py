"""Today: who comes, who is here, who is missing; what waits for a signature; who is short."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, Window
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import open_alerts
from stepwell.clinic.hours.queries import hours_of, places_of
from stepwell.clinic.plan.queries import reviews_due
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.rules import (
    AttendanceRecord,
    AttendanceStanding,
    AttendanceState,
    attendance_state,
    load_attendance_rule,
)
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.timetable import queries as timetable
from stepwell.desk.hours.aside import in_danger, short_days
from stepwell.desk.live import fragment, live_for
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import render, staff_page

MOST_WELLS = 7

_TONES = {
    AttendanceState.EXPECTED: ("expected", "quiet"),
    AttendanceState.NOT_HERE_YET: ("not here", "bad"),
    AttendanceState.HERE: ("here", "good"),
    AttendanceState.ATTENDED: ("attended", "good"),
    AttendanceState.PARTLY: ("in part", "warn"),
    AttendanceState.EXCUSED: ("excused", "quiet"),
    AttendanceState.NO_SHOW: ("no-show", "bad"),
    AttendanceState.NOT_RECORDED: ("not recorded", "warn"),
    AttendanceState.CANCELLED: ("cancelled", "quiet"),
}


def standing_of(seat: Any, occurrence: Any, at: datetime) -> AttendanceStanding:
    """What to call one person's attendance now."""
    return _standing(getattr(seat, "attendance", None), occurrence, at)


def _standing(came: Any, occurrence: Any, at: datetime) -> AttendanceStanding:
    record = (
        AttendanceRecord(outcome=came.outcome, arrived=came.arrived_at, left=came.left_at)
        if came and came.outcome is not None
        else AttendanceRecord()
    )
    return attendance_state(
        (occurrence.starts, occurrence.ends),
        record,
        at,
        load_attendance_rule(),
        cancelled=occurrence.cancelled_at is not None,
    )


def word_and_tone(standing: AttendanceStanding) -> tuple[str, str]:
    """A short word with its tone for `ui.status`."""
    word, tone = _TONES[standing.state]
    if standing.late and standing.state in (AttendanceState.HERE, AttendanceState.PARTLY):
        return f"{standing.late} min late", "warn"
    return word, tone


def _board(request: Request) -> dict[str, Any]:
    """Sessions of the day with the people expected. Two statements."""
    by, at = request.actor, request.at
    today = at.astimezone(ZoneInfo(by.home.zone)).date()
    sessions = timetable.board_between(by, today, today)
    seats = defaultdict(list)
    for seat in queries.expected(by, [o.pk for o in sessions]):
        seats[seat.occurrence_id].append(seat)
    opens = timedelta(minutes=load_room().opens_before)
    mine = by.staff_id
    cards: list[dict[str, Any]] = []
    for o in sessions:
        people: list[dict[str, Any]] = []
        open_now = o.starts - opens <= at < o.ends and by.may(P.CHECK_IN, o.site_id)
        for seat in seats[o.pk]:
            standing = _standing(seat, o, at)
            word, tone = word_and_tone(standing)
            people.append(
                {
                    "seat_id": seat.seat_id,
                    "patient": seat,
                    "word": word,
                    "tone": tone,
                    "state": standing.state.value,
                    "can_check_in": open_now
                    and standing.state in (AttendanceState.EXPECTED, AttendanceState.NOT_HERE_YET),
                }
            )
        people.sort(key=lambda p: (p["state"] != "not_here_yet", p["state"] != "expected"))
        cards.append(
            {
                "o": o,
                "people": people,
                "mine": mine is not None and mine in (o.facilitator_id, o.cofacilitator_id),
                "here": sum(p["state"] in ("here", "attended", "partly") for p in people),
                "missing": [p for p in people if p["state"] == "not_here_yet"],
                "phase": "cancelled"
                if o.cancelled_at
                else "over"
                if o.ends <= at
                else "now"
                if o.starts <= at
                else "ahead",
            }
        )
    order = {"now": 0, "ahead": 1, "over": 2, "cancelled": 3}
    cards.sort(key=lambda c: (not c["mine"], order[c["phase"]], c["o"].starts))
    return {
        "cards": cards,
        "today": today,
        "missing": [(c, p) for c in cards for p in c["missing"]],
        "expected": len(
            {p["patient"].patient_id for c in cards if c["phase"] != "cancelled" for p in c["people"]}
        ),
        "taking_place": sum(c["phase"] != "cancelled" for c in cards),
    }


def _first(rows: Any, most: int) -> list[Any]:
    """The first of the rows, each with `.of_all`: how many there are altogether. One statement."""
    return list(rows.annotate(of_all=Window(Count("pk")))[:most])


@staff_page(P.TIMETABLE_READ)
def today(request: Request) -> HttpResponse:
    by, at = request.actor, request.at
    board = _board(request)
    found = hours_of(by=by, at=at, site_id=by.home.site_id) if by.home and by.may(P.HOURS_READ) else {}
    writes = by.may(P.NOTE_WRITE)
    danger = in_danger(found.values())
    places = places_of(by, [h.patient.pk for h in danger[:MOST_WELLS]]) if danger else {}
    return render(
        request,
        "desk/sessions/today.html",
        {
            **board,
            "live": live_for(request, f"site:{by.home.site_id}"),
            "alerts": _first(open_alerts(by), 5) if by.may(P.ALERT_ACKNOWLEDGE) else [],
            "to_write": list(queries.to_write(by, at)[:6]) if writes else [],
            "to_cosign": list(queries.to_cosign(by)[:6]) if writes else [],
            "reviews": _first(reviews_due(by, board["today"] + load_looking().reviews_on_today), 6)
            if by.may(P.PLAN_WRITE)
            else [],
            "in_danger": len(danger),
            "wells": [
                (h, places[h.patient.pk].track if h.patient.pk in places else "") for h in danger[:MOST_WELLS]
            ],
            "short_days": short_days(found.values()),
            "sees_hours": by.may(P.HOURS_READ),
        },
    )


@staff_page(P.TIMETABLE_READ)
def today_board(request: Request) -> HttpResponse:
    """The part of the page that news replaces."""
    return fragment(request, "desk/sessions/board.html", _board(request))


@require_POST
@staff_page(P.CHECK_IN)
def check_in(request: Request, seat_id: int) -> HttpResponse:
    """One tap at the desk. By htmx the board comes back, else the page."""
    said, status = "", 200
    seat = timetable.seat_for(request.actor, seat_id, P.CHECK_IN)
    try:
        actions.check_in(by=request.actor, at=request.at, seat=seat)
    except Refused as no:
        said, status = no.sentence, 422
    if request.headers.get("HX-Request"):
        return fragment(request, "desk/sessions/board.html", {**_board(request), "said": said}, status=status)
    if said:
        messages.warning(request, said)
    return redirect(
        (request.POST.get("back") == "room" and f"/sessions/{seat.occurrence_id}/") or "desk:today"
    )
