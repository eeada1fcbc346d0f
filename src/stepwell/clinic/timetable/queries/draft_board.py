"""One version of a week as a board: what is planned, and everything the rules judge it by.

The number of statements is the same for five sessions and for sixty, for ten patients and for five hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Room, Staff
from stepwell.clinic.timetable.models import (
    PlannedSession,
    TherapyGroup,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.draft_asked import WeekSpan, ask_parts, minute_number
from stepwell.clinic.timetable.queries.draft_parts import (
    belonging_of,
    day_number,
    groups_of_week,
    joined,
    leaders_of_week,
    people_of_week,
    planned_sessions,
    rooms_of_week,
    taken_times,
)
from stepwell.clinic.timetable.rules import wall_time_instant
from stepwell.clinic.timetable.rules.board import Board, board_of
from stepwell.clinic.timetable.rules.planned import DAY


@dataclass(frozen=True, kw_only=True)
class DraftBoard:
    """A version with its board. `closed` is the sentence that says why it may not be changed, "" for a draft.

    `undo` and `redo` name the change they would take back or make again, "" when there is none.
    """

    version: WeekVersion
    zone: ZoneInfo
    board: Board
    keys: Mapping[int, str]
    kinds: Mapping[int, str]  # of sessions: group, individual, …
    codes: Mapping[int, str]  # of patients
    closed: str
    undo: str
    redo: str

    @property
    def starts_on(self) -> date:
        return self.board.starts_on

    def minute_of(self, instant: datetime) -> int:
        """The minute of the week in wall time."""
        return minute_number(instant, self.starts_on, self.zone)

    def instant_of(self, minute: int) -> datetime:
        """The instant of a minute of the week; 6 pm stays 6 pm when the clocks change."""
        return instant_of(self.starts_on, minute, self.zone)


def versions_for(by: Actor) -> Any:
    """Versions of weeks at the sites of `by`, with week, site and publication."""
    return WeekVersion.objects.filter(
        week__site_id__in=by.sites_with(Permission.TIMETABLE_READ)
    ).select_related("week__site", "publication", "by")


def planned_session_for(by: Actor, session_id: int) -> PlannedSession:
    """One planned session; `PlannedSession.DoesNotExist` for one of another site and a missing one alike."""
    found: PlannedSession = PlannedSession.objects.select_related("version__week__site").get(
        pk=session_id, version__week__site_id__in=by.sites_with(Permission.TIMETABLE_READ)
    )
    return found


def room_of(draft: DraftBoard, number: int | None) -> Room | None:
    """A room of the board as a row. Raises KeyError for one that is not on it."""
    return None if number is None else Room.objects.get(pk=draft.board.rooms[number].id)


def leader_of(draft: DraftBoard, number: int | None) -> Staff | None:
    """Somebody who leads on the board, as a row. Raises KeyError for somebody who does not."""
    return None if number is None else Staff.objects.get(pk=draft.board.leaders[number].id)


def group_of(draft: DraftBoard, number: int) -> TherapyGroup:
    """A group of the board as a row. Raises KeyError for one that is not on it."""
    return TherapyGroup.objects.get(pk=draft.board.groups[number].id)


def why_closed(version: WeekVersion) -> str:
    """Why a version may not be changed any more; "" for a draft. The version has its `publication` loaded."""
    if getattr(version, "publication", None) is not None:
        return "This week is published. Make a draft from it, and change that."
    if version.dropped_at is not None:
        return "This draft was put aside. Make a new one, and change that."
    return ""


def instant_of(starts_on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a minute of the week that begins on `starts_on`, in wall time of the zone."""
    day, of_day = divmod(minute, DAY)
    return wall_time_instant(starts_on + timedelta(days=day), time(of_day // 60, of_day % 60), zone)


def draft_board(
    by: Actor, version_id: int, at: datetime, *, version: WeekVersion | None = None
) -> DraftBoard:
    """The version as a board. Raises `WeekVersion.DoesNotExist` for a stranger's.

    People are those whom `by` may see with HOURS_READ; of anybody else only the seat is counted. `version`: the same
    one when it was read for `by` already, with week, site and publication.
    """
    version = version or versions_for(by).get(pk=version_id)
    site, first = version.week.site, version.week.starts_on
    zone = ZoneInfo(site.zone)
    week = WeekSpan(
        first=first,
        begins=instant_of(first, 0, zone),
        ends=instant_of(first + timedelta(days=7), 0, zone),
        zone=zone,
    )
    asked = ask_parts(by, site.pk, week, version.pk)
    rows = asked.sessions()
    seated = {session: frozenset(people) for session, people in asked.seats()}
    taken = taken_times(asked, week)
    belonging = belonging_of(asked, week)
    people, codes = people_of_week(asked, week, belonging, taken["patient"])
    board = board_of(
        starts_on=first,
        sessions=[planned_sessions(row, first, zone, at, seated) for row in rows],
        groups=groups_of_week(asked, belonging),
        leaders=leaders_of_week(asked, week, taken["staff"]),
        rooms=rooms_of_week(asked, week, taken["room"]),
        people=people,
        closed=frozenset((on - first).days for (on,) in asked.closed()),
        opens=joined((day_number(weekday, first), opens, closes) for weekday, opens, closes in asked.hours()),
        now=max(0, minute_number(at, first, zone)),
    )
    changes = asked.changes()
    done = [(verb, title) for verb, title, undone_at in changes if undone_at is None]
    back = [(verb, title) for verb, title, undone_at in changes if undone_at is not None]
    return DraftBoard(
        version=version,
        zone=zone,
        board=board,
        keys={row["id"]: row["key"] for row in rows},
        kinds={row["id"]: row["kind"] for row in rows},
        codes=codes,
        closed=why_closed(version),
        undo=_named(done[-1]) if done else "",
        redo=_named(back[0]) if back else "",
    )


_DONE = {
    "move": "moving {}",
    "seat": "the seat in {}",
    "add": "adding {}",
    "drop": "dropping {}",
    "lock": "locking {}",
    "unlock": "unlocking {}",
}


def _named(change: tuple[str, str]) -> str:
    return _DONE[change[0]].format(change[1])
