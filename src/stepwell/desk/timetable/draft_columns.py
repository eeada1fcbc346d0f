"""The columns of the board: days, rooms or the days of one person, with their cards and shades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from stepwell.accounts.actor import Request
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.queries.draft_board import DraftBoard
from stepwell.clinic.timetable.rules.board import Board
from stepwell.clinic.timetable.rules.planned import DAY, VIDEO, Planned
from stepwell.clinic.timetable.rules.words import clock
from stepwell.ui.filters import day as said_day
from stepwell.ui.jinja import address

FIRST_HOUR, LAST_HOUR = 8, 21


LONGEST_SHADE = 600  # minutes; a longer one is drawn as two


VIEWS = (
    ("week", "Week"),
    ("day", "Day"),
    ("room", "Room"),
    ("leader", "Facilitator"),
    ("patient", "Patient"),
)


KINDS = {kind.value: kind.label for kind in Kind}


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


def columns_of(
    draft: DraftBoard, look: Look, words: dict[int, str], request: Request
) -> list[dict[str, Any]]:
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
                "blocks": _blocks(draft, [one for one in here if room_key(one) == key], words, look),
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
            "label": " ".join(said_day(date_of(draft, day)).split()[:2]),
            "day": day,
            "room": None,
            "today": date_of(draft, day) == today,
            "closed": day in board.closed,
            "blocks": _blocks(draft, [one for one in shown if one.day == day], words, look),
            "shades": _shades(draft, look, day) if day not in board.closed else [],
        }
        for day in days
    ]


def room_key(one: Planned) -> str:
    return VIDEO if one.mode == VIDEO else str(one.room or "")


def _in_look(draft: DraftBoard, one: Planned, look: Look) -> bool:
    if look.by == "room":
        return room_key(one) == look.of
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


def clipped(shades: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """What of the shades lies within the hours of the board, in pieces that can be drawn."""
    found = []
    for start, minutes in shades:
        begins, ends = max(start, first), min(start + minutes, last)
        found += [(piece, min(LONGEST_SHADE, ends - piece)) for piece in range(begins, ends, LONGEST_SHADE)]
    return found


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
            "room": room_key(one),
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


def date_of(draft: DraftBoard, day: int) -> Any:
    return draft.starts_on + timedelta(days=day)
