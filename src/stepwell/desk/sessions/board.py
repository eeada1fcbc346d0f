"""The board of the day: the reader's own sessions and what is on or soon with names, all others in one line each.

A program of 500 people has a thousand arrivals a day. Whom the reader needs now is shown by name; of a session that
is not, the numbers are, and its people are one click away (`open`). The front desk has a list of arrivals by time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.accounts.roles import Role
from stepwell.clinic.people.rules.search import read_search
from stepwell.clinic.sessions import queries
from stepwell.clinic.sessions.rules import (
    AttendanceRecord,
    AttendanceStanding,
    AttendanceState,
    attendance_state,
    load_attendance_rule,
)
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.timetable import queries as timetable
from stepwell.desk.looking import load_looking

MOST_OPENED = 12
"""Sessions that one address can open."""
MOST_PAGES = 99

_ORDER = {"now": 0, "ahead": 1, "over": 2, "cancelled": 3}
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


_COUNTED = {
    queries.Who.EXPECTED: "expected",
    queries.Who.LATE: "late",
    queries.Who.HERE: "here",
    queries.Who.AWAY: "not coming",
}

_LISTED = {
    queries.Who.EXPECTED: ("Expected", "Nobody else is expected today."),
    queries.Who.LATE: ("Late", "Nobody is late."),
    queries.Who.HERE: ("Here", "Nobody is here yet."),
    queries.Who.AWAY: ("Not coming", "Nobody is absent today."),
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


def board_of(request: Request, *, ahead: Callable[[], None] | None = None) -> dict[str, Any]:
    """What `board.html` shows, read in four statements whatever the day holds.

    `ahead` is called when the last of them is sent, for what the page asks besides (`clinic.ahead`). The address may ask for more: `open` the id of a session to show with its people (several), `q` a search among
    everybody expected today, `who` whom of the day to list (`queries.Who`), `later` a later page of that list or of the
    front desk's arrivals. A POST carries the same words.
    """
    by, at, looks = request.actor, request.at, load_looking()
    today = at.astimezone(ZoneInfo(by.home.zone)).date()
    asked_sessions, asked_numbers = timetable.ask_board(by, today, today), queries.ask_came(by, today)
    opened = _numbers_asked(request, "open")[:MOST_OPENED]
    sessions, numbers = asked_sessions(), asked_numbers()
    cards = [_card(by, o, numbers.get(o.pk), at) for o in sessions]
    desk = _at_the_desk(by, cards)
    cards.sort(key=lambda c: (not c["mine"], _ORDER[c["phase"]], c["o"].starts))
    full = _in_full(cards, at + looks.today_ahead, 0 if desk else looks.today_people)
    named = queries.ask_expected(by, [*full, *(pk for pk in opened if pk in numbers)])
    counts = _counts(cards, at)
    arrivals = _ask_arrivals(request, today, at, desk=desk, most=looks.today_arrivals)
    if ahead is not None:
        ahead()
    rows = defaultdict(list)
    for seat in named():
        rows[seat.occurrence_id].append(seat)
    for card in cards:
        card["opened"] = card["o"].pk not in full and card["o"].pk in opened
        if card["o"].pk in full or card["opened"]:
            _show(card, rows[card["o"].pk], by, at)
    return {
        "cards": cards,
        "today": today,
        "expected": len(set().union(*(c["ids"] for c in cards if c["phase"] != "cancelled"))),
        "taking_place": sum(c["phase"] != "cancelled" for c in cards),
        "missing": counts[queries.Who.LATE],
        "counts": [(who.value, _COUNTED[who], counts[who]) for who in queries.Who],
        **_arrivals(request, arrivals, cards, at, counts, desk=desk, most=looks.today_arrivals),
    }


def card_of(request: Request, session_id: int) -> dict[str, Any]:
    """One session with its people, as `board_of` shows an opened one. Two statements; 404 for one of another site."""
    by, at = request.actor, request.at
    o = timetable.board_session(by, session_id)
    people = queries.expected(by, [o.pk])
    came = queries.Came(
        o.pk,
        tuple(seat.patient_id for seat in people),
        sum(seat.outcome == "present" for seat in people),
        sum(seat.outcome is None for seat in people),
        sum(seat.outcome not in (None, "present") for seat in people),
    )
    card = _card(by, o, came, at)
    _show(card, people, by, at)
    card["opened"] = True
    return card


def _card(by: Actor, o: Any, came: queries.Came | None, at: datetime) -> dict[str, Any]:
    phase = (
        "cancelled" if o.cancelled_at else "over" if o.ends <= at else "now" if o.starts <= at else "ahead"
    )
    return {
        "o": o,
        "ids": came.people if came else (),
        "here": came.here if came else 0,
        "unknown": came.unknown if came else 0,
        "away": came.away if came else 0,
        "mine": by.staff_id is not None and by.staff_id in (o.facilitator_id, o.cofacilitator_id),
        "phase": phase,
        "people": None,
        "opened": False,
    }


def _at_the_desk(by: Actor, cards: Sequence[dict[str, Any]]) -> bool:
    """Whoever checks people in and leads nothing today, and whoever belongs to the office all day."""
    if not by.may(P.CHECK_IN, by.home.site_id):
        return False
    office = Role.ADMISSIONS in by.roles.get(by.home.site_id, ())
    return office or not any(c["mine"] for c in cards)


def _in_full(cards: Iterable[dict[str, Any]], until: datetime, most: int) -> list[int]:
    """Ids of the sessions shown with their people: all own, then what is on or begins soon, up to `most` people."""
    shown = []
    for card in cards:
        if card["mine"]:
            shown.append(card["o"].pk)
        elif card["phase"] in ("now", "ahead") and card["o"].starts < until and len(card["ids"]) <= most:
            most -= len(card["ids"])
            shown.append(card["o"].pk)
    return shown


def _show(card: dict[str, Any], seats: Iterable[Any], by: Actor, at: datetime) -> None:
    people = [_person(seat, card["o"], by, at) for seat in seats]
    people.sort(key=lambda p: (p["state"] != "not_here_yet", p["state"] != "expected"))
    _tell_apart(people)
    card["people"] = people


def _person(seat: Any, o: Any, by: Actor, at: datetime) -> dict[str, Any]:
    standing = _standing(seat, o, at)
    word, tone = ("told us", "quiet") if seat.told else word_and_tone(standing)
    opens = o.starts - timedelta(minutes=load_room().opens_before)
    return {
        "seat_id": seat.seat_id,
        "patient": seat,
        "name": seat.board_name,
        "o": o,
        "word": word,
        "tone": tone,
        "state": "excused" if seat.told else standing.state.value,
        "can_check_in": not seat.told
        and standing.state in (AttendanceState.EXPECTED, AttendanceState.NOT_HERE_YET)
        and opens <= at < o.ends
        and by.may(P.CHECK_IN, o.site_id),
    }


def _tell_apart(people: Sequence[dict[str, Any]], *, wholly: bool = False) -> None:
    """Two people of the same short name are shown with their family names, or everybody `wholly`."""
    whose: dict[str, set[int]] = defaultdict(set)
    for person in people:
        whose[person["name"]].add(person["patient"].patient_id)
    for person in people:
        if wholly or len(whose[person["name"]]) > 1:
            person["name"] = f"{person['patient'].called} {person['patient'].family_name}"


def _missing(card: dict[str, Any], at: datetime) -> int:
    """Who should be in the room by now and is not."""
    late = card["o"].starts + timedelta(minutes=load_attendance_rule().missing_after) <= at
    return card["unknown"] if card["phase"] == "now" and late else 0


def _counts(cards: Sequence[dict[str, Any]], at: datetime) -> dict[queries.Who, int]:
    """How many the day's sessions still expect, how many of those are late, are here, and do not come."""
    going = [c for c in cards if c["phase"] in ("now", "ahead")]
    late = sum(_missing(c, at) for c in cards)
    return {
        queries.Who.EXPECTED: sum(c["unknown"] for c in going) - late,
        queries.Who.LATE: late,
        queries.Who.HERE: sum(c["here"] for c in going),
        queries.Who.AWAY: sum(c["away"] for c in cards if c["phase"] != "cancelled"),
    }


@dataclass(frozen=True)
class _Arrivals:
    """A list of people as it was asked for: what was searched, whom of the day, which page, where the answer comes."""

    asked: str
    who: queries.Who | None
    page: int
    seats: Callable[[], list[queries.Expected]]


def _ask_arrivals(request: Request, today: date, at: datetime, *, desk: bool, most: int) -> _Arrivals:
    """Who comes next by time, or whoever fits the search. One statement.

    For everybody but the front desk only the first who is missing, to be named in the notice of the page.
    """
    by = request.actor
    asked = _word_asked(request, "q") if desk else ""
    word = _word_asked(request, "who")
    who = queries.Who(word) if not asked and word in set(queries.Who) else None
    listed = (desk or who is not None) and not asked
    page = min(MOST_PAGES, next(iter(_numbers_asked(request, "later")), 0)) if listed else 0
    if asked:
        found = queries.expected_named(by, read_search(asked, today=today), today, most=most)
        return _Arrivals(asked, None, page, lambda: found)
    if who is not None:
        seats = queries.ask_arrivals(by, at, today, who, first=page * most, most=most)
    else:
        seats = queries.ask_coming(by, at, today, first=page * most, most=most if desk else 1)
    return _Arrivals(asked, who, page, seats)


def _arrivals(
    request: Request,
    found: _Arrivals,
    cards: Sequence[dict[str, Any]],
    at: datetime,
    counts: dict[queries.Who, int],
    *,
    desk: bool,
    most: int,
) -> dict[str, Any]:
    """The list of people, and who is named in the notice."""
    by, asked, who, page = request.actor, found.asked, found.who, found.page
    sessions = {c["o"].pk: c["o"] for c in cards}
    # A session made between the two statements is on the next board.
    people = [
        _person(s, sessions[s.occurrence_id], by, at) for s in found.seats() if s.occurrence_id in sessions
    ]
    own = [p for c in cards if c["mine"] for p in c["people"] or () if p["state"] == "not_here_yet"]
    first = own or ([] if asked or page else [p for p in people if p["state"] == "not_here_yet"])
    if who is None:
        waiting = sum(c["unknown"] for c in cards if not c["mine"] and c["phase"] in ("now", "ahead"))
    else:
        waiting = counts[who]
    _tell_apart(people, wholly=bool(asked))
    return {
        "first_missing": first[0] if first else None,
        "desk": desk,
        "arrivals": people if desk or who is not None else [],
        "asked": asked,
        "whom": who.value if who is not None else "",
        "listed": _LISTED[who] if who is not None else "",
        "page": page,
        "later": max(0, waiting - page * most - len(people)) if not asked else 0,
        "full": len(people) == most,
    }


def _numbers_asked(request: Request, name: str) -> list[int]:
    words = (request.POST if request.method == "POST" else request.GET).getlist(name)
    return [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19]


def _word_asked(request: Request, name: str) -> str:
    found = (request.POST if request.method == "POST" else request.GET).get(name, "")
    return str(found).replace("\x00", "").strip()[:80]
