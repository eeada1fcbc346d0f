"""How versions get their rows: from the calendar, from another version, from a computed plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max

from stepwell.accounts.actor import Actor
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.models import (
    Occurrence,
    OccurrenceKind,
    PlannedSeat,
    PlannedSession,
    Publication,
    TherapyGroup,
    VersionOrigin,
    Week,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.versions import Stood
from stepwell.clinic.timetable.rules import wall_time_instant
from weekplan.case import DAY, Case, Mode
from weekplan.plan import Session

_FIELDS = (
    "group_id",
    "kind",
    "treatment",
    "title",
    "starts",
    "ends",
    "local_date",
    "facilitator_id",
    "cofacilitator_id",
    "room_id",
    "mode",
    "capacity",
)


@dataclass
class Row:
    """A planned session that is not saved yet, with its people."""

    facts: dict[str, Any]
    people: set[int] = field(default_factory=set)


def _locked_week(week_id: int) -> Week:
    """The week, locked until the end: versions get their numbers one after another, and one is published."""
    found: Week = Week.objects.select_for_update(of=("self",)).select_related("site").get(pk=week_id)
    return found


def _locked_draft(version_id: int) -> WeekVersion:
    """A version that may still change, its week locked before it. Raises `Refused` for a closed one."""
    week_id = WeekVersion.objects.values_list("week_id", flat=True).get(pk=version_id)
    week = _locked_week(week_id)
    draft: WeekVersion = WeekVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    draft.week = week
    if Publication.objects.filter(version=draft).exists():
        raise Refused("This version is published and stays as it is. Copy it, and change the copy.")
    if draft.dropped_at is not None:
        raise Refused("This draft was put aside. Copy another one, or open the week again.")
    return draft


def _new_version(
    by: Actor, at: datetime, week: Week, origin: VersionOrigin, rows: Iterable[Row], **facts: Any
) -> WeekVersion:
    """The next version of the locked week with its sessions and seats. Three statements and one more."""
    last = week.versions.aggregate(last=Max("number"))["last"] or 0
    version = WeekVersion.objects.create(
        week=week, number=last + 1, origin=origin, at=at, by_id=by.staff_id, **facts
    )
    rows = list(rows)
    sessions = PlannedSession.objects.bulk_create(
        PlannedSession(version=version, **row.facts) for row in rows
    )
    PlannedSeat.objects.bulk_create(
        PlannedSeat(session=session, patient_id=patient)
        for session, row in zip(sessions, rows, strict=True)
        for patient in sorted(row.people)
    )
    return version


def _rows_of_calendar(stood: Stood) -> list[Row]:
    """The week as it stands."""
    sessions = Occurrence.objects.in_bulk([int(pk) for pk in stood])
    return [
        Row({"key": f"c{pk}", "occurrence_id": int(pk), **_facts(sessions[int(pk)])}, set(row[8]))
        for pk, row in stood.items()
    ]


def _rows_of_version(version: WeekVersion) -> list[Row]:
    return [
        Row(
            {"key": one.key, "occurrence_id": one.occurrence_id, "locked": one.locked, **_facts(one)},
            {seat.patient_id for seat in one.seats.all()},
        )
        for one in version.sessions.prefetch_related("seats").order_by("starts", "pk")
    ]


def _facts(session: Any) -> dict[str, Any]:
    return {name: getattr(session, name) for name in _FIELDS}


def _rows_of_plan(
    week: Week, case: Case, sessions: Sequence[Session], stood: Stood, base: WeekVersion | None
) -> list[Row]:
    """A computed week. People outside of the case keep their seats in sessions that go on."""
    standing = {one.id: one for one in case.standing}
    calendar = Occurrence.objects.in_bulk([int(pk) for pk in stood])
    groups = TherapyGroup.objects.in_bulk({_group_of(one.offer) for one in sessions if _group_of(one.offer)})
    locked = {one.pk: one for one in base.sessions.filter(locked=True)} if base is not None else {}
    by_occurrence = {one.occurrence_id: one for one in locked.values() if one.occurrence_id}
    inside = {patient.id for patient in case.patients}
    leads = _leading(sessions)
    rows = []
    moved = _moved(case, sessions, stood, inside)
    sessions = _in_their_rooms(case, sessions, calendar)
    for one in sessions:
        people = {int(name[1:]) for name in one.people}
        number = int(one.id[1:]) if one.id[:1] == "c" and one.id[1:].isdigit() else None
        continued = number if number in calendar else moved.get(one.id)
        kept = by_occurrence.get(number) if number else locked.get(_planned_of(one.id))
        if kept is not None and one.fixed == "locked":
            facts = {**_facts(kept), "locked": True, "occurrence_id": kept.occurrence_id}
            people |= set(kept.seats.values_list("patient_id", flat=True))
        elif continued is not None:
            facts = _continued(week, calendar[continued], one, leads, stays=number is not None)
            facts |= {"occurrence_id": continued}
        else:
            facts = _fresh(week, one, groups)
        if continued is not None and number is not None:
            people |= {p for p in stood[str(continued)][8] if f"p{p}" not in inside}
            if standing[one.id].fixed.value == "delivered":
                people |= set(stood[str(continued)][8])
        rows.append(Row({"key": one.id[:120], **facts}, people))
    return rows


def _group_of(offer: str | None) -> int | None:
    """`g5-90` is of group 5; what only names a single session is of none."""
    return int(offer[1:].split("-")[0]) if offer and offer[0] == "g" else None


def _planned_of(session_id: str) -> int:
    """`n12` is the locked session 12 of the base that is not on the calendar yet."""
    return int(session_id[1:]) if session_id[:1] == "n" and session_id[1:].isdigit() else 0


def _leading(sessions: Iterable[Session]) -> dict[str, list[tuple[int, int]]]:
    """Staff -> when they lead in the plan."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in sessions:
        for leader in one.leaders:
            found[leader].append((one.span.start, one.span.end))
    return found


def _in_their_rooms(
    case: Case, sessions: Sequence[Session], calendar: Mapping[int, Occurrence]
) -> list[Session]:
    """Rooms are alike to the optimiser; whoever has met in one goes on meeting there while it is free."""
    back = {one.id: room for one in sessions if (room := _old_room(case, one, calendar)) is not None}
    clash = True
    while clash:  # each turn sends somebody to the planned room, where nobody is in the way
        now = [replace(one, room=back.get(one.id, one.room)) for one in sessions]
        clash = False
        for one in now:
            if one.id in back and any(
                other.id not in back and other.room == one.room and other.span.overlaps(one.span)
                for other in now
            ):
                del back[one.id]
                clash = True
    return now


def _old_room(case: Case, one: Session, calendar: Mapping[int, Occurrence]) -> str | None:
    """The room on the calendar, where the session may still be held in it at its time."""
    number = int(one.id[1:]) if one.id[:1] == "c" and one.id[1:].isdigit() else 0
    old = calendar.get(number)
    if old is None or one.mode is not Mode.ON_SITE or one.fixed != "no":
        return None
    room = next((room for room in case.rooms if room.id == f"r{old.room_id}"), None)
    if room is None or room.capacity < len(one.people) + one.others:
        return None
    return room.id if any(span.holds(one.span) for span in room.hours) else None


def _moved(case: Case, sessions: Sequence[Session], stood: Stood, inside: set[str]) -> dict[str, int]:
    """New sessions that take the place of a dropped one: its row goes on, and its history with it.

    The same group and length, or the same owed session. Not where somebody sits whose times nobody knows here.
    """
    held = {one.id for one in sessions}
    dropped: dict[tuple[str | None, str | None], list[Any]] = defaultdict(list)
    for one in case.standing:
        if one.id in held or one.id[0] != "c" or one.others:
            continue
        if all(f"p{p}" in inside for p in stood[one.id[1:]][8]):
            dropped[(one.offer, one.owed)].append(one)
    known = {one.id for one in case.standing}
    found = {}
    for new in sorted((s for s in sessions if s.id not in known), key=lambda s: s.span.start):
        waiting = dropped.get((new.offer, new.owed))
        if waiting:
            nearest = min(waiting, key=lambda one: abs(one.span.start - new.span.start))
            waiting.remove(nearest)
            found[new.id] = int(nearest.id[1:])
    return found


def _continued(
    week: Week, occurrence: Occurrence, one: Session, leads: Mapping[str, Any], *, stays: bool
) -> dict[str, Any]:
    """The session goes on: what the plan says of time, place and leaders, the rest as it is."""
    facts = _facts(occurrence)
    if not stays:
        facts |= _times(week, one)
    if one.fixed == "delivered" or (one.offer or "")[:1] == "x":
        return facts
    leaders = [int(who[1:]) for who in one.leaders]
    beside = occurrence.cofacilitator_id
    if leaders and occurrence.facilitator_id == leaders[0] and len(leaders) == 1 and beside and stays:
        # A second who is not needed stays, unless the plan has them elsewhere at that time.
        busy = any(a < one.span.end and one.span.start < b for a, b in leads.get(f"s{beside}", ()))
        leaders += [] if busy else [beside]
    facts |= _led(leaders)
    room = int(one.room[1:]) if one.room else None
    if room is None and one.mode is Mode.ON_SITE and stays:
        room = occurrence.room_id
    if _mode_of(occurrence) is not one.mode:
        facts["mode"] = one.mode.value
    facts["room_id"] = None if one.mode is Mode.VIDEO and facts["mode"] == "video" else room
    return facts


def _mode_of(occurrence: Occurrence) -> Mode:
    if occurrence.mode == "both":
        return Mode.ON_SITE if occurrence.room_id else Mode.VIDEO
    return Mode(occurrence.mode)


def _fresh(week: Week, one: Session, groups: Mapping[int, TherapyGroup]) -> dict[str, Any]:
    """A session that is not on the calendar."""
    group = groups.get(_group_of(one.offer) or 0)
    kind = OccurrenceKind.GROUP.value
    title, capacity = (group.name, group.capacity) if group else ("", max(1, len(one.people)))
    if group is None:
        kind = one.kind if one.kind in OccurrenceKind.values else OccurrenceKind.INDIVIDUAL.value
        title = f"{OccurrenceKind(kind).label} session"
    return {
        "occurrence_id": None,
        "group_id": group.pk if group else None,
        "kind": kind,
        "treatment": one.kind,
        "title": title,
        **_times(week, one),
        **_led([int(who[1:]) for who in one.leaders]),
        "room_id": int(one.room[1:]) if one.room else None,
        "mode": one.mode.value,
        "capacity": capacity,
    }


def _led(leaders: Sequence[int]) -> dict[str, Any]:
    return {
        "facilitator_id": leaders[0] if leaders else None,
        "cofacilitator_id": leaders[1] if len(leaders) > 1 else None,
    }


def _times(week: Week, one: Session) -> dict[str, Any]:
    """Wall time of the site: 6 pm stays 6 pm in a week in which the clocks change. It lasts its real minutes."""
    starts = _instant(week.starts_on, one.span.start, ZoneInfo(week.site.zone))
    return {
        "starts": starts,
        "ends": starts + timedelta(minutes=one.span.minutes),
        "local_date": week.starts_on + timedelta(days=one.span.start // DAY),
    }


def _instant(first: date, minute: int, zone: ZoneInfo) -> datetime:
    of_day = minute % DAY
    return wall_time_instant(first + timedelta(days=minute // DAY), time(of_day // 60, of_day % 60), zone)
