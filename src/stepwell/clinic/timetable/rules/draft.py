"""What is wrong with a draft week, before it is published. Warnings, not refusals: the director decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stepwell.clinic.people.rules import Credential, SessionKind, may_lead

from .recurrence import OccurrenceTime
from .seats import Taken, clashes


class WarningKind(StrEnum):
    """What a warning is about."""

    NO_FACILITATOR = "no_facilitator"
    CREDENTIAL = "credential"
    NO_ROOM = "no_room"
    OVER_ROOM = "over_room"
    OVERBOOKED = "overbooked"
    TOO_FEW = "too_few"
    NO_MEETING = "no_meeting"
    CLASH = "clash"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class DraftGroup:
    """One group of the draft with its meetings of the week. Keys of resources are as in `Taken`."""

    id: int | str
    name: str
    kind: SessionKind
    meetings: tuple[OccurrenceTime, ...]
    facilitator: str | None
    facilitator_name: str = ""
    credentials: tuple[Credential, ...] = ()
    room: str | None = None
    room_name: str = ""
    room_capacity: int | None = None
    video_only: bool = False
    capacity: int
    least: int
    enrolled: int


@dataclass(frozen=True, kw_only=True)
class DraftWarning:
    """One thing to look at: what, which groups, and the sentence."""

    kind: WarningKind
    group_ids: tuple[int | str, ...]
    sentence: str


def draft_warnings(
    groups: Iterable[DraftGroup], closed_days: Iterable[date] = ()
) -> tuple[DraftWarning, ...]:
    """Everything to look at, group by group in the order given, then the clashes between groups."""
    groups, closed = tuple(groups), frozenset(closed_days)
    found = [warning for group in groups for warning in _of(group, closed)]
    return (*found, *_clashes(groups))


def _of(group: DraftGroup, closed: frozenset[date]) -> Iterable[DraftWarning]:
    if not group.meetings:
        yield _warn(WarningKind.NO_MEETING, group, f"{group.name} does not meet this week.")
        return
    if group.facilitator is None:
        yield _warn(WarningKind.NO_FACILITATOR, group, f"{group.name} has no facilitator; name one.")
    else:
        last = max(meeting.local_date for meeting in group.meetings)
        lead = may_lead(group.credentials, group.kind, last)
        if not lead.valid:
            who = group.facilitator_name or "The facilitator"
            yield _warn(WarningKind.CREDENTIAL, group, f"{group.name}, {who}: {lead.sentence}")
    if group.room is None and not group.video_only:
        yield _warn(WarningKind.NO_ROOM, group, f"{group.name} has no room; choose one or hold it by video.")
    if group.room_capacity is not None and group.capacity > group.room_capacity:
        room = group.room_name or "Its room"
        yield _warn(
            WarningKind.OVER_ROOM,
            group,
            f"{group.name} takes {group.capacity} people; {room} holds {group.room_capacity}.",
        )
    if group.enrolled > group.capacity:
        yield _warn(
            WarningKind.OVERBOOKED,
            group,
            f"{group.name} has {group.enrolled} people for {group.capacity} seats.",
        )
    if group.enrolled < group.least:
        yield _warn(
            WarningKind.TOO_FEW,
            group,
            f"{group.name} has {group.enrolled} people; it is meant for at least {group.least}.",
        )
    for day in sorted({m.local_date for m in group.meetings} & closed):
        yield _warn(
            WarningKind.CLOSED, group, f"{group.name} meets on {day:%-d %b %Y}, when the site is closed."
        )


def _clashes(groups: tuple[DraftGroup, ...]) -> Iterable[DraftWarning]:
    names = {str(group.id): group for group in groups}
    taken = [
        Taken(
            id=str(group.id),
            resources=frozenset(key for key in (group.facilitator, group.room) if key is not None),
            starts=meeting.starts_utc,
            ends=meeting.ends_utc,
        )
        for group in groups
        for meeting in group.meetings
    ]
    for clash in clashes(taken):
        first, second = names[str(clash.first)], names[str(clash.second)]
        what = first.room_name or "Their room" if clash.resource == first.room else first.facilitator_name
        # The local day and time are the surface's to show; the minutes are the same everywhere.
        minutes = (clash.ends - clash.starts) // timedelta(minutes=1)
        yield DraftWarning(
            kind=WarningKind.CLASH,
            group_ids=(first.id, second.id),
            sentence=f"{what or 'Their facilitator'} is in {first.name} and {second.name} at once "
            f"for {minutes} minutes.",
        )


def _warn(kind: WarningKind, group: DraftGroup, sentence: str) -> DraftWarning:
    return DraftWarning(kind=kind, group_ids=(group.id,), sentence=sentence)
