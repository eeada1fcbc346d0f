"""A version of a week as the board shows it: by week, day, room, facilitator or patient, with what is wrong beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.timetable.queries.draft_board import DraftBoard, draft_board
from stepwell.clinic.timetable.rules.board import Board
from stepwell.clinic.timetable.rules.breaking import Broken
from stepwell.clinic.timetable.rules.changes import Drop, Move, Reseat
from stepwell.clinic.timetable.rules.mending import notices
from stepwell.clinic.timetable.rules.planned import VIDEO
from stepwell.clinic.timetable.rules.told import Notice
from stepwell.clinic.timetable.rules.words import length
from stepwell.desk.timetable.draft_columns import (
    FIRST_HOUR,
    KINDS,
    LAST_HOUR,
    VIEWS,
    Look,
    clipped,
    columns_of,
    date_of,
    room_key,
)
from stepwell.ui.jinja import address

MOST_NOTICES, MOST_WELLS = 8, 8


_WORDS = {"leader": "check leader", "room": "check room", "person": "check seats", "no": "incomplete"}


_OWN_WORDS = {
    Broken.FEW: "too few",
    Broken.FULL: "too many",
    Broken.ROOM_SMALL: "too many",
    Broken.APART: "kept apart",
    Broken.CLOSED: "closed day",
    Broken.SITE_HOURS: "out of hours",
}


def look_of(request: Request) -> Look:
    """From the address; anything unknown is the whole week."""
    by = request.GET.get("by", "week")
    return Look(
        by if by in dict(VIEWS) else "week", request.GET.get("of", "")[:20], bool(request.GET.get("single"))
    )


def context_of(
    request: Request, version_id: int, *, version: Any = None, said: str = "", wrong: str = ""
) -> dict[str, Any]:
    """What `board_of_version.html` needs, as `plan`. `said`: what just happened; `wrong`: what was refused.
    `version`: the same one when it was read already, as `draft_board` takes it."""
    draft = draft_board(request.actor, version_id, request.at, version=version)
    look = _settled(look_of(request), draft, request)
    everything = bool(request.GET.get("notices"))
    found = notices(draft.board, KINDS, mends=40 if everything else MOST_NOTICES)
    may_change = request.actor.may(P.TIMETABLE_MANAGE, draft.version.week.site_id) and not draft.closed
    columns = columns_of(draft, look, _words_of(found), request)
    shown = [block["id"] for column in columns for block in column["blocks"]]
    hours = [block["start_minute"] for column in columns for block in column["blocks"]]
    lasts = [block["start_minute"] + block["minutes"] for column in columns for block in column["blocks"]]
    first_hour = min([FIRST_HOUR, *(minute // 60 for minute in hours)])
    last_hour = min(24, max([LAST_HOUR, *(-(-minute // 60) for minute in lasts)]))
    for column in columns:
        column["shades"] = clipped(column["shades"], first_hour * 60, last_hour * 60)
    home = address("desk:week-version", version_id)
    wrong_now = [one for one in found if one.breach.kind not in (Broken.SHORT, Broken.DOSE)]
    return {
        "version": draft.version,
        "draft": draft,
        "look": look,
        "home": home,
        "parts": address("desk:week-board", version_id),
        "may_change": may_change,
        "closed": draft.closed,
        "views": _views(draft, look, home, request),
        "options": _options(draft, look, home),
        "columns": columns,
        "hidden": len(draft.board.sessions) - len(shown) if look.by == "week" else 0,
        "first_hour": first_hour,
        "last_hour": last_hour,
        "about": _about(draft, look),
        "notices": [
            said_notice(one, version_id, draft, look) for one in found[: 200 if everything else MOST_NOTICES]
        ],
        "wrong_count": len(wrong_now),
        "short_count": len(found) - len(wrong_now),
        "more": 0 if everything else max(0, len(found) - MOST_NOTICES),
        "all_notices": f"{home}?{urlencode({'by': look.by, 'of': look.of, 'notices': 'all'})}",
        "wells": _wells(draft, home) if request.actor.may(P.HOURS_READ) else [],
        "counted": _counted(draft.board),
        "label": next(column["label"] for column in columns) if look.by == "day" and columns else "",
        "said": said,
        "wrong": wrong,
    }


def said_notice(one: Notice, version_id: int, draft: DraftBoard, look: Look) -> dict[str, Any]:
    """A notice as the page shows it: its sentence, and its mend as a form with one button."""
    made: dict[str, Any] = {
        "sentence": one.sentence,
        "tone": "warn" if one.breach.kind in (Broken.SHORT, Broken.DOSE, Broken.FEW) else "bad",
        "mend": None,
        "sessions": one.breach.sessions,
    }
    if one.mend is not None:
        made["mend"] = {
            "words": one.mend.words,
            "fields": {**_fields(one.mend.change), "revision": draft.version.revision},
            "action": address(_ROUTES[type(one.mend.change).__name__], version_id) + look.query,
        }
    return made


_ROUTES = {
    "Move": "desk:week-board-moves",
    "Reseat": "desk:week-board-seats",
    "Drop": "desk:week-board-drops",
}


def _fields(change: Any) -> dict[str, Any]:
    """A change as the fields of a form; what is empty is left out."""
    if isinstance(change, Move):
        found: dict[str, Any] = {
            "session": change.session,
            "start": change.start,
            "mode": change.mode,
            "room": change.room,
            "leader": change.leader,
            "coleader": change.coleader,
            "whole": 1,
        }
    elif isinstance(change, Reseat):
        found = {"person": change.person, "leaves": change.leaves, "joins": change.joins}
    else:
        assert isinstance(change, Drop)  # noqa: S101 - no mend adds a session
        found = {"session": change.session}
    return {name: value for name, value in found.items() if value is not None}


def _settled(look: Look, draft: DraftBoard, request: Request) -> Look:
    """The look with something to look at: the first day, room, … when none or a strange one is asked for."""
    if look.by == "patient" and not request.actor.may(P.HOURS_READ):
        return Look()
    known = _keys(draft, look.by)
    if look.by == "week" or not known:
        return Look(single=look.single)
    if look.of in known:
        return look
    fullest = _fullest(draft, look.by)
    return Look(look.by, fullest if fullest in known else known[0])


def _fullest(draft: DraftBoard, by: str) -> str:
    """The room or facilitator with most sessions, the patient who is shortest: where there is something to see."""
    board = draft.board
    if by == "room":
        rooms = Counter(room_key(one) for one in board.sessions.values() if room_key(one))
        return rooms.most_common(1)[0][0] if rooms else ""
    if by == "leader":
        led = {who: sum(one.minutes for one in mine) for who, mine in board.of_leader.items()}
        return str(max(led, key=lambda who: led[who])) if led else ""
    if by == "patient" and board.people:
        return draft.codes[max(board.people, key=board.short_of)]
    return ""


def _keys(draft: DraftBoard, by: str) -> list[str]:
    if by == "day":
        return [str(n) for n in range(7)]
    if by == "room":
        return [str(one) for one in draft.board.rooms] + [VIDEO]
    if by == "leader":
        return [str(one) for one in draft.board.leaders]
    return [draft.codes[one] for one in draft.board.people] if by == "patient" else []


def _views(draft: DraftBoard, look: Look, home: str, request: Request) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": home + Look(by).query, "current": by == look.by}
        for by, label in VIEWS
        if by in ("week", "day")
        or ((by != "patient" or request.actor.may(P.HOURS_READ)) and _keys(draft, by))
    ]


def _options(draft: DraftBoard, look: Look, home: str) -> list[dict[str, Any]]:
    """What may be looked at in this view."""
    board = draft.board
    if look.by == "day":
        named = [(str(n), f"{board.day_name(n)} {date_of(draft, n).day}") for n in range(7)]
    elif look.by == "room":
        named = [(str(one.id), one.name) for one in board.rooms.values()] + [(VIDEO, "Video")]
    elif look.by == "leader":
        named = [(str(one.id), one.name) for one in board.leaders.values()]
    elif look.by == "patient":
        named = [(draft.codes[one.id], one.name) for one in board.people.values()]
    else:
        named = []
    return [{"label": label, "value": key, "current": key == look.of} for key, label in named]


def _about(draft: DraftBoard, look: Look) -> dict[str, Any]:
    """Who or what the board is about, in a line above it; nothing for the whole week and for a day."""
    board = draft.board
    if look.by == "leader":
        who = board.leaders[int(look.of)]
        led = sum(one.minutes for one in board.of_leader.get(who.id, ()))
        most = f" of {length(who.week_most)} at most" if who.week_most is not None else ""
        shaded = f" Shaded: when {who.name} works." if who.available is not None else ""
        leads = f"leads {length(led)}{most}" if led else "leads nothing in this week"
        return {"said": f"{who.name} {leads}.{shaded}"}
    if look.by == "patient":
        person = next(one for one in board.people.values() if draft.codes[one.id] == look.of)
        shaded = (
            f"Shaded: when {person.name} can come."
            if person.windows is not None
            else f"When {person.name} can come is not on file."
        )
        return {
            "said": shaded,
            "name": person.name,
            "ordered": person.ordered,
            "booked": board.minutes_of(person.id),
            "chart": address("desk:chart", look.of),
        }
    return {}


def _words_of(found: Iterable[Notice]) -> dict[int, str]:
    """The first thing that is wrong with each session, in two words."""
    words: dict[int, str] = {}
    for one in found:
        for session in one.breach.sessions:
            kind = one.breach.kind
            words.setdefault(session, _OWN_WORDS.get(kind) or _WORDS.get(kind.split("_")[0], "check"))
    return words


def _wells(draft: DraftBoard, home: str) -> list[dict[str, Any]]:
    """The weeks that are shortest of what is ordered, then by name."""
    board = draft.board
    people = [one for one in board.people.values() if one.ordered]
    minutes = {one.id: board.minutes_of(one.id) for one in people}
    people.sort(
        key=lambda one: (minutes[one.id] - one.ordered if minutes[one.id] < one.ordered else 0, one.name)
    )
    return [
        {
            "name": one.name,
            "ordered": one.ordered,
            "booked": minutes[one.id],
            "href": home + Look("patient", draft.codes[one.id]).query,
        }
        for one in people[:MOST_WELLS]
    ]


def _counted(board: Board) -> dict[str, int]:
    return {
        "sessions": len(board.sessions),
        "patients": sum(bool(sits) for sits in board.of_person.values()),
        "leaders": sum(bool(led) for led in board.of_leader.values()),
    }
