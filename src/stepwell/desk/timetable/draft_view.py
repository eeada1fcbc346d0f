"""A version of a week as the board shows it: by week, day, room, facilitator or patient, with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.queries.draft_board import DraftBoard, draft_board
from stepwell.clinic.timetable.rules.board import (
    DAY,
    VIDEO,
    Board,
    Drop,
    Move,
    Planned,
    Reseat,
    clock,
    length,
)
from stepwell.clinic.timetable.rules.breaking import Broken
from stepwell.clinic.timetable.rules.mending import Notice, notices
from stepwell.ui.filters import day as said_day
from stepwell.ui.jinja import address

FIRST_HOUR, LAST_HOUR = 8, 21
MOST_NOTICES, MOST_WELLS = 8, 8
LONGEST_SHADE = 600  # minutes; a longer one is drawn as two
VIEWS = (
    ("week", "Week"),
    ("day", "Day"),
    ("room", "Room"),
    ("leader", "Facilitator"),
    ("patient", "Patient"),
)
KINDS = {kind.value: kind.label for kind in Kind}
_WORDS = {"leader": "check leader", "room": "check room", "person": "check seats", "no": "incomplete"}
_OWN_WORDS = {
    Broken.FEW: "too few",
    Broken.FULL: "too many",
    Broken.ROOM_SMALL: "too many",
    Broken.APART: "kept apart",
    Broken.CLOSED: "closed day",
    Broken.SITE_HOURS: "out of hours",
}


@dataclass(frozen=True)
class Look:
    """Which board is asked for: `by` one of VIEWS, `of` a day, a room, a facilitator or a patient's code."""

    by: str = "week"
    of: str = ""
    single: bool = False  # sessions of one person too, on the whole week

    @property
    def query(self) -> str:
        """To keep the same board after a change."""
        asked = {name: value for name, value in (("by", self.by), ("of", self.of)) if value}
        if self.by == "week":
            return "?single=1" if self.single else ""
        return "?" + urlencode(asked)


def look_of(request: Request) -> Look:
    """From the address; anything unknown is the whole week."""
    by = request.GET.get("by", "week")
    return Look(
        by if by in dict(VIEWS) else "week", request.GET.get("of", "")[:20], bool(request.GET.get("single"))
    )


def context_of(request: Request, version_id: int, *, said: str = "", wrong: str = "") -> dict[str, Any]:
    """What `board_of_version.html` needs, as `plan`. `said`: what just happened; `wrong`: what was refused."""
    draft = draft_board(request.actor, version_id, request.at)
    look = _settled(look_of(request), draft, request)
    everything = bool(request.GET.get("notices"))
    found = notices(draft.board, KINDS, mends=40 if everything else MOST_NOTICES)
    may_change = request.actor.may(P.TIMETABLE_MANAGE, draft.version.week.site_id) and not draft.closed
    columns = _columns(draft, look, _words_of(found), request)
    shown = [block["id"] for column in columns for block in column["blocks"]]
    hours = [block["start_minute"] for column in columns for block in column["blocks"]]
    lasts = [block["start_minute"] + block["minutes"] for column in columns for block in column["blocks"]]
    first_hour = min([FIRST_HOUR, *(minute // 60 for minute in hours)])
    last_hour = min(24, max([LAST_HOUR, *(-(-minute // 60) for minute in lasts)]))
    for column in columns:
        column["shades"] = _clipped(column["shades"], first_hour * 60, last_hour * 60)
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
    return look if look.of in known else Look(look.by, known[0])


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
        named = [(str(n), f"{board.day_name(n)} {_date(draft, n).day}") for n in range(7)]
    elif look.by == "room":
        named = [(str(one.id), one.name) for one in board.rooms.values()] + [(VIDEO, "Video")]
    elif look.by == "leader":
        named = [(str(one.id), one.name) for one in board.leaders.values()]
    elif look.by == "patient":
        named = [(draft.codes[one.id], one.name) for one in board.people.values()]
    else:
        named = []
    return [{"label": label, "value": key, "current": key == look.of} for key, label in named]


def _columns(draft: DraftBoard, look: Look, words: dict[int, str], request: Request) -> list[dict[str, Any]]:
    """Days of the week, or rooms of one day. Each knows the day and, if it is one, the room that it stands for."""
    board = draft.board
    if look.by == "day":
        day = int(look.of)
        here = [one for one in board.sessions.values() if one.day == day]
        rooms: list[tuple[str, str]] = [(str(room.id), room.name) for room in board.rooms.values()]
        if any(one.mode != VIDEO and one.room is None for one in here):
            rooms.append(("", "No room"))
        rooms.append((VIDEO, "Video"))
        return [
            {
                "label": name,
                "day": day,
                "room": key,
                "closed": day in board.closed,
                "blocks": _blocks(draft, [one for one in here if _room_key(one) == key], words, look),
                "shades": [],
            }
            for key, name in rooms
        ]
    shown = [one for one in board.sessions.values() if _in_look(draft, one, look)]
    used = {one.day for one in board.sessions.values()}
    days = list(range(7))
    while len(days) > 5 and days[-1] not in used:  # a day without sessions at the end takes no room
        days.pop()
    today = request.at.astimezone(draft.zone).date()
    return [
        {
            "label": " ".join(said_day(_date(draft, day)).split()[:2]),
            "day": day,
            "room": None,
            "today": _date(draft, day) == today,
            "closed": day in board.closed,
            "blocks": _blocks(draft, [one for one in shown if one.day == day], words, look),
            "shades": _shades(draft, look, day),
        }
        for day in days
    ]


def _room_key(one: Planned) -> str:
    return VIDEO if one.mode == VIDEO else str(one.room or "")


def _in_look(draft: DraftBoard, one: Planned, look: Look) -> bool:
    if look.by == "room":
        return _room_key(one) == look.of
    if look.by == "leader":
        return look.of in (str(one.leader), str(one.coleader))
    if look.by == "patient":
        return any(draft.codes.get(person) == look.of for person in one.people)
    return look.by != "week" or one.group is not None or look.single


def _shades(draft: DraftBoard, look: Look, day: int) -> list[tuple[int, int]]:
    """(start of the day, minutes) when the facilitator is available, or the patient can come."""
    spans: Iterable[tuple[int, int]] = ()
    if look.by == "leader":
        who = draft.board.leaders.get(int(look.of))
        spans = who.available or () if who is not None else ()
    elif look.by == "patient":
        person = next((one for one in draft.board.people.values() if draft.codes[one.id] == look.of), None)
        spans = [(one.start, one.end) for one in person.windows or ()] if person is not None else ()
    return [(start % DAY, end - start) for start, end in spans if start // DAY == day]


def _clipped(shades: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """What of the shades lies within the hours of the board, in pieces that can be drawn."""
    found = []
    for start, minutes in shades:
        begins, ends = max(start, first), min(start + minutes, last)
        found += [(piece, min(LONGEST_SHADE, ends - piece)) for piece in range(begins, ends, LONGEST_SHADE)]
    return found


def _about(draft: DraftBoard, look: Look) -> dict[str, Any]:
    """Who or what the board is about, in a line above it; nothing for the whole week and for a day."""
    board = draft.board
    if look.by == "leader":
        who = board.leaders[int(look.of)]
        led = sum(one.minutes for one in board.of_leader.get(who.id, ()))
        most = f" of {length(who.week_most)} at most" if who.week_most is not None else ""
        shaded = f" Shaded: when {who.name} works." if who.available is not None else ""
        return {"said": f"{who.name} leads {length(led)}{most}.{shaded}"}
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


def _blocks(
    draft: DraftBoard, sessions: list[Planned], words: dict[int, str], look: Look
) -> list[dict[str, Any]]:
    """Sessions side by side where they overlap."""
    board, reached = draft.board, -1
    blocks: list[dict[str, Any]] = []
    cluster: list[dict[str, Any]] = []
    for one in sorted(sessions, key=lambda one: (one.start, one.id)):
        start = one.start % DAY
        block: dict[str, Any] = {
            "id": one.id,
            "start": one.start,
            "start_minute": start,
            "minutes": one.minutes,
            "title": one.title,
            "line": _line(board, one),
            "kind": one.treatment,
            "taken": len(one.people) if one.group is not None else None,
            "capacity": one.capacity,
            "locked": one.locked,
            "fixed": one.fixed,
            "room": _room_key(one),
            "word": words.get(one.id),
            "label": _label(board, one, words.get(one.id)),
            "href": address("desk:week-board-session", draft.version.pk, one.id) + look.query,
            "lock": address("desk:week-board-locks", draft.version.pk) + look.query,
            "lane": 0,
            "lanes": 1,
        }
        if start >= reached:
            cluster = []
        busy = {other["lane"] for other in cluster if other["start_minute"] + other["minutes"] > start}
        block["lane"] = next(lane for lane in range(len(cluster) + 1) if lane not in busy)
        cluster.append(block)
        for other in cluster:
            other["lanes"] = max(each["lane"] for each in cluster) + 1
        reached = max(reached, start + one.minutes)
        blocks.append(block)
    return blocks


def _line(board: Board, one: Planned) -> str:
    leaders = [board.leaders.get(who or 0) for who in (one.leader, one.coleader)]
    names = [who.name for who in leaders if who is not None]
    room = board.rooms.get(one.room or 0)
    where = "Video" if one.mode == VIDEO else room.name if room is not None else "no room"
    return f"{' and '.join(names) or 'nobody leads'} · {where}"


def _label(board: Board, one: Planned, word: str | None) -> str:
    """What a screen reader says of a card."""
    seats = f", {len(one.people)} of {one.capacity} seats taken" if one.group is not None else ""
    state = ", has begun" if one.fixed else ", locked" if one.locked else ""
    return (
        f"{one.title}, {board.moment(one.start)} to {clock(one.end)}, "
        f"{_line(board, one).replace(' · ', ', ')}{seats}{state}{', ' + word if word else ''}"
    )


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


def _date(draft: DraftBoard, day: int) -> Any:
    return draft.starts_on + timedelta(days=day)
