"""What cannot be had although nothing is booked: somebody away, a room out of use, a day on which a site is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from stepwell.clinic.saying import day_words

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Out:
    """Spans of staff and rooms by their ids, and the closed days of each site by its id, with why."""

    staff: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    rooms: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    closed: Mapping[int, Mapping[date, str]] = field(default_factory=dict)


NOTHING_OUT = Out()


def out_fault(
    out: Out,
    *,
    site_id: int,
    zone: ZoneInfo,
    starts: datetime,
    ends: datetime,
    staff: tuple[int, str],
    room: tuple[int, str] | None,
) -> str:
    """Why this time cannot be, in a sentence without a full stop: whoever asks says what to do; empty when it can.

    `staff` and `room` are ids with the names to say. Why somebody is away is nobody's business here.
    """
    day = starts.astimezone(zone).date()
    because = out.closed.get(site_id, {}).get(day)
    if because is not None:
        return f"The site is closed on {day_words(day)} ({because})"
    if _meets(out.staff.get(staff[0], ()), starts, ends):
        return f"{staff[1]} is away at that time"
    if room is not None and _meets(out.rooms.get(room[0], ()), starts, ends):
        return f"{room[1]} cannot be used at that time"
    return ""


def _meets(spans: Sequence[Span], starts: datetime, ends: datetime) -> bool:
    return any(begins < ends and starts < until for begins, until in spans)
