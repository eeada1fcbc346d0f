"""Today: who comes, who is here, who is missing; what waits for a signature; who is short."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Window
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import open_alerts
from stepwell.clinic.hours.queries import hours_of, places_of
from stepwell.clinic.plan.queries import reviews_due
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.queries.versions import told_to
from stepwell.desk.hours.aside import in_danger, short_days
from stepwell.desk.live import fragment, live_for
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import render, staff_page
from stepwell.desk.sessions.board import board_of, card_of

MOST_WELLS = 7


def _first(rows: Any, most: int) -> list[Any]:
    """The first of the rows, each with `.of_all`: how many there are altogether. One statement."""
    return list(rows.annotate(of_all=Window(Count("pk")))[:most])


@staff_page(P.TIMETABLE_READ)
def today(request: Request) -> HttpResponse:
    """`?open=` ids of sessions to show with their people, `?q=` and `?later=` for the front desk: see `board_of`."""
    by, at = request.actor, request.at
    board = board_of(request)
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
            "told": told_to(by, at),
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
    """The part of the page that news replaces; the words of the address are those of the page."""
    return fragment(request, "desk/sessions/board.html", board_of(request))


@staff_page(P.TIMETABLE_READ)
def today_session(request: Request, session_id: int) -> HttpResponse:
    """One session with its people, put in the place of its line."""
    return fragment(request, "desk/sessions/opened.html", {"card": card_of(request, session_id)})


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
        return fragment(
            request, "desk/sessions/board.html", {**board_of(request), "said": said}, status=status
        )
    if said:
        messages.warning(request, said)
    if request.POST.get("back") == "room":
        return redirect("desk:session", seat.occurrence_id)
    if request.POST.get("back") == "opened":
        return redirect(f"{reverse('desk:today')}?open={seat.occurrence_id}#session-{seat.occurrence_id}")
    return redirect("desk:today")
