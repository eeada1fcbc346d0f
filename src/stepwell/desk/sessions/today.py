"""Today: who comes, who is here, who is missing; what waits for a signature; who is short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import together
from stepwell.clinic.assessment.queries import ask_open_alerts
from stepwell.clinic.billing.queries.guard import DayOf, TodaySession, ask_in_the_room, guarded_days
from stepwell.clinic.billing.rules import guarded_sentence
from stepwell.clinic.hours.queries import ask_hours, places_of
from stepwell.clinic.plan.queries import ask_reviews_due
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.queries.versions import ask_told
from stepwell.desk.hours.aside import in_danger
from stepwell.desk.live import fragment, live_for
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import render, staff_page
from stepwell.desk.rail import ask_rail
from stepwell.desk.sessions.board import board_of, card_of

MOST_WELLS = 7
MOST_SHORT = 12


@staff_page(P.TIMETABLE_READ)
def today(request: Request) -> HttpResponse:
    """`?open=` ids of sessions to show with their people, `?q=` and `?later=` for the front desk: see `board_of`."""
    with together():
        return _today(request)


def _today(request: Request) -> HttpResponse:
    by, at = request.actor, request.at
    asked: dict[str, Callable[[], Any]] = {}

    def ahead() -> None:
        """What the page shows around the board: PostgreSQL works on it while the board is put together."""
        on = localdate(at) + load_looking().reviews_on_today
        asked["told"] = ask_told(by, at)
        if by.may(P.ALERT_ACKNOWLEDGE):
            asked["alerts"] = ask_open_alerts(by, 5)
        if by.may(P.NOTE_WRITE):
            asked["to_write"] = queries.ask_to_write(by, at, 6)
            asked["to_cosign"] = queries.ask_to_cosign(by, 6)
        if by.may(P.PLAN_WRITE):
            asked["reviews"] = ask_reviews_due(by, on, 6)
        asked["rail"] = ask_rail(by, request.path)
        if by.may(P.HOURS_READ):
            asked["hours"] = ask_hours(by=by, at=at, site_id=by.home.site_id, for_short_days=True)
            asked["in_the_room"] = ask_in_the_room(by, at, localdate(at))

    board = board_of(request, ahead=ahead)
    around = {name: answer() for name, answer in asked.items()}
    found = around.pop("hours", {})
    short = _short(request, found, board["cards"], around.pop("in_the_room", {}))
    danger = in_danger(found.values())
    places = places_of(by, [h.patient.pk for h in danger[:MOST_WELLS]]) if danger else {}
    return render(
        request,
        "desk/sessions/today.html",
        {
            **dict.fromkeys(("alerts", "to_write", "to_cosign", "reviews"), ()),
            **around,
            **board,
            "live": live_for(request, f"site:{by.home.site_id}"),
            "in_danger": len(danger),
            "wells": [
                (h, places[h.patient.pk].track if h.patient.pk in places else "") for h in danger[:MOST_WELLS]
            ],
            "short_days": short,
            "most_short": MOST_SHORT,
            "short_said": guarded_sentence([one.day for one in short]),
            "sees_hours": by.may(P.HOURS_READ),
        },
    )


def _short(
    request: Request, found: dict[int, Any], cards: list[dict[str, Any]], in_the_room: dict[Any, int]
) -> list[DayOf]:
    """Whose day lacks minutes for the payer, by the sessions of the board. At most one statement."""
    going = [card["o"] for card in cards if card["phase"] != "cancelled"]
    return guarded_days(
        at=request.at,
        zone=ZoneInfo(request.actor.home.zone),
        found=found,
        sessions={o.pk: TodaySession(o.kind, o.title, o.ends) for o in going},
        in_the_room=in_the_room,
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
