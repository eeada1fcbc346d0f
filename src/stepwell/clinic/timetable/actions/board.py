"""Changing a draft week by hand: each change is a row with what was before and after, and can be taken back.

A draft may break rules: the board says which, and planners go through such states on their way. What is refused is
what cannot be: a draft that is closed, a session that is locked or has begun, and overwriting somebody unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.dateparse import parse_date, parse_datetime

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient, Room, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.belonging import _patients_at, _room_at, _works_at
from stepwell.clinic.timetable.models import (
    Mode,
    OccurrenceKind,
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    PlannedVerb,
    Publication,
    TherapyGroup,
    WeekVersion,
)

Snapshot = dict[str, Any]
_FIELDS = (
    "key",
    "occurrence_id",
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
    "locked",
)
_COMPUTED = ("cost", "bound", "short_minutes", "seconds", "shortfalls")
_NOTHING_COMPUTED: Snapshot = {
    "cost": None,
    "bound": None,
    "short_minutes": None,
    "seconds": None,
    "shortfalls": [],
}


@transaction.atomic
def move_planned(
    *,
    by: Actor,
    at: datetime,
    session: PlannedSession,
    starts: datetime,
    mode: str,
    room: Room | None,
    leader: Staff | None,
    coleader: Staff | None = None,
    seen: int | None = None,
) -> PlannedSession:
    """Gives a session another time, mode, room or other leaders; it keeps its length and its people.

    `seen` is the version's revision that the planner looked at. Raises `Refused` for a closed draft, a locked session,
    one that has begun, a time outside of the week or before now, and one that somebody else changed since.
    """
    draft = _draft(by, session.version_id)
    before = _held(draft, session.pk, at, seen)
    _may_be_changed(before)
    zone = ZoneInfo(draft.week.site.zone)
    day = starts.astimezone(zone).date()
    moved = starts != before.starts
    if not draft.week.starts_on <= day < draft.week.starts_on + timedelta(days=7):
        raise Refused("That day is not in this week. Choose one of its seven days; nothing was moved.")
    ends = starts + (before.ends - before.starts)
    if moved and (ends - timedelta(minutes=1)).astimezone(zone).date() != day:
        raise Refused("The session would run past midnight. Choose an earlier time; nothing was moved.")
    if moved and starts <= at:
        raise Refused("That time has passed. Choose a later one; nothing was moved.")
    if mode not in (Mode.ON_SITE, Mode.VIDEO, Mode.BOTH):
        raise Refused("Choose on site or video; nothing was moved.")
    if leader is None and coleader is not None:
        leader, coleader = coleader, None
    if leader is not None and leader == coleader:
        raise Refused(f"{leader.short_name} cannot be both leaders. Choose two people; nothing was moved.")
    _works_at(draft.week.site_id, leader, coleader)
    _room_at(draft.week.site_id, room)
    old = [_snapshot(before)]
    before.starts, before.ends, before.local_date = starts, ends, day
    before.mode, before.room = mode, None if mode == Mode.VIDEO else room
    before.facilitator, before.cofacilitator = leader, coleader
    return _changed(by, at, draft, PlannedVerb.MOVE, [before], old)[0]


@transaction.atomic
def reseat(
    *,
    by: Actor,
    at: datetime,
    version: WeekVersion,
    patient: Patient,
    leaves: PlannedSession | None = None,
    joins: PlannedSession | None = None,
    seen: int | None = None,
) -> WeekVersion:
    """A patient leaves one session of the draft, joins another, or both at once. Raises `Refused` as `move_planned`."""
    draft = _draft(by, version.pk)
    _patients_at(draft.week.site_id, [patient])
    if leaves is None and joins is None:
        raise Refused("Choose a session to join or to leave; nothing was changed.")
    touched, old = [], []
    for session, joining in ((leaves, False), (joins, True)):
        if session is None:
            continue
        held = _held(draft, session.pk, at, seen)
        sits = held.seats.filter(patient=patient).exists()
        if joining and sits:
            raise Refused(f"{patient.board_name} already sits in {held.title}.")
        if joining and held.kind != OccurrenceKind.GROUP:
            raise Refused(f"{held.title} is not a group; nobody else joins it.")
        if not joining and not sits:
            raise Refused(f"{patient.board_name} has no seat in {held.title}.")
        if not joining and held.locked:
            raise Refused(f"{held.title} is locked; those in it stay. Unlock it first.")
        old.append(_snapshot(held))
        if joining:
            PlannedSeat.objects.create(session=held, patient=patient)
        else:
            held.seats.filter(patient=patient).delete()
        touched.append(held)
    _changed(by, at, draft, PlannedVerb.SEAT, touched, old, patient_id=patient.pk)
    return draft


@transaction.atomic
def add_planned(
    *,
    by: Actor,
    at: datetime,
    version: WeekVersion,
    group: TherapyGroup,
    starts: datetime,
    minutes: int,
    mode: str,
    room: Room | None,
    leader: Staff | None,
    coleader: Staff | None = None,
) -> PlannedSession:
    """One more session of a group in this week; nobody sits in it yet. Raises `Refused` as `move_planned`."""
    draft = _draft(by, version.pk)
    if group.site_id != draft.week.site_id:
        raise Refused("This group belongs to another site. Choose one of this site; nothing was added.")
    if not 15 <= minutes <= 480:
        raise Refused("A session lasts from 15 minutes to 8 hours. Change its length; nothing was added.")
    zone = ZoneInfo(draft.week.site.zone)
    day, ends = starts.astimezone(zone).date(), starts + timedelta(minutes=minutes)
    if not draft.week.starts_on <= day < draft.week.starts_on + timedelta(days=7):
        raise Refused("That day is not in this week. Choose one of its seven days; nothing was added.")
    if (ends - timedelta(minutes=1)).astimezone(zone).date() != day:
        raise Refused("The session would run past midnight. Choose an earlier time; nothing was added.")
    if starts <= at:
        raise Refused("That time has passed. Choose a later one; nothing was added.")
    _works_at(draft.week.site_id, leader, coleader)
    _room_at(draft.week.site_id, room)
    number = draft.revision + 1
    while draft.sessions.filter(key=f"hand-{number}").exists():  # a copy of a draft keeps its keys
        number += 1
    session = PlannedSession.objects.create(
        version=draft,
        key=f"hand-{number}",
        group=group,
        kind=OccurrenceKind.GROUP,
        treatment=group.kind,
        title=group.name,
        starts=starts,
        ends=ends,
        local_date=day,
        facilitator=leader,
        cofacilitator=coleader,
        room=None if mode == Mode.VIDEO else room,
        mode=mode,
        capacity=group.capacity,
    )
    return _changed(by, at, draft, PlannedVerb.ADD, [session], [])[0]


@transaction.atomic
def drop_planned(*, by: Actor, at: datetime, session: PlannedSession, seen: int | None = None) -> WeekVersion:
    """The session is not held in this draft. Raises `Refused` as `move_planned`."""
    draft = _draft(by, session.version_id)
    held = _held(draft, session.pk, at, seen)
    _may_be_changed(held)
    old = [_snapshot(held)]
    held.delete()
    _changed(by, at, draft, PlannedVerb.DROP, [], old)
    return draft


@transaction.atomic
def lock_planned(
    *, by: Actor, at: datetime, session: PlannedSession, locked: bool, seen: int | None = None
) -> PlannedSession:
    """A locked session stays as it is, whoever plans and whatever is computed, until it is unlocked."""
    draft = _draft(by, session.version_id)
    held = _held(draft, session.pk, at, seen)
    if held.locked == locked:
        return held
    old = [_snapshot(held)]
    held.locked = locked
    return _changed(by, at, draft, PlannedVerb.LOCK if locked else PlannedVerb.UNLOCK, [held], old)[0]


@transaction.atomic
def undo(*, by: Actor, at: datetime, version: WeekVersion, seen: int | None = None) -> PlannedChange:
    """Takes the last change back, exactly. Raises `Refused` when there is none, or another was made unseen."""
    draft = _draft(by, version.pk)
    change = draft.changes.filter(undone_at__isnull=True).order_by("-number").first()
    if change is None:
        raise Refused("Nothing was changed by hand in this draft; there is nothing to undo.")
    _all_seen(draft, seen)
    change.undone_at = at
    change.save(update_fields=["undone_at"])
    _set(draft, change.ended)
    _restore(draft, at, change.after, change.before)
    _tell(by, at, draft, "timetable.undo_planned_change", change)
    return change


@transaction.atomic
def redo(*, by: Actor, at: datetime, version: WeekVersion, seen: int | None = None) -> PlannedChange:
    """Makes the change that was last taken back once more. Raises `Refused` as `undo`."""
    draft = _draft(by, version.pk)
    change = draft.changes.filter(undone_at__isnull=False, lost_at__isnull=True).order_by("number").first()
    if change is None:
        raise Refused("Nothing was undone in this draft; there is nothing to make again.")
    _all_seen(draft, seen)
    change.undone_at = None
    change.save(update_fields=["undone_at"])
    if change.ended:
        _set(draft, _NOTHING_COMPUTED)
    _restore(draft, at, change.before, change.after)
    _tell(by, at, draft, "timetable.redo_planned_change", change)
    return change


# -- what all of them share ------------------------------------------------------------------


def _draft(by: Actor, version_id: int) -> WeekVersion:
    """The version, locked until the end. One planner changes it at a time, and nobody while it is published."""
    draft: WeekVersion = (
        WeekVersion.objects.select_for_update(of=("self",)).select_related("week__site").get(pk=version_id)
    )
    policies.may_set_up(by, draft.week.site_id)
    if Publication.objects.filter(version=draft).exists():
        raise Refused("This week is published. Make a draft from it, and change that.")
    if draft.dropped_at is not None:
        raise Refused("This draft was put aside. Make a new one, and change that.")
    return draft


def _held(draft: WeekVersion, session_id: int, at: datetime, seen: int | None) -> PlannedSession:
    """The session as it stands now, if nobody changed it since revision `seen`."""
    held = draft.sessions.filter(pk=session_id).first()
    if held is None:
        raise Refused(
            f"{_who_changed(draft, session_id)} dropped this session meanwhile. "
            "Nothing was changed; the board is fresh now."
        )
    if seen is not None and held.revision > seen:
        raise Refused(
            f"{_who_changed(draft, session_id)} changed {held.title} while you were looking. "
            "Nothing was overwritten; look at it now and try again."
        )
    if held.starts <= at:
        raise Refused(f"{held.title} has begun; it stays as it was.")
    return held


def _may_be_changed(held: PlannedSession) -> None:
    if held.locked:
        raise Refused(f"{held.title} is locked. Unlock it first, then change it.")


def _all_seen(draft: WeekVersion, seen: int | None) -> None:
    if seen is not None and draft.revision != seen:
        raise Refused(
            f"{_who_changed(draft, None)} changed this draft while you were looking. "
            "Nothing was undone; look at it now and try again."
        )


def _who_changed(draft: WeekVersion, session_id: int | None) -> str:
    """Who made the last change (of this session), as planners call them."""
    for change in draft.changes.select_related("by").order_by("-number"):
        touched = {one["id"] for one in (*change.before, *change.after)}
        if session_id is None or session_id in touched:
            return change.by.name if change.by is not None else "Stepwell"
    return "Somebody"


def _snapshot(session: PlannedSession) -> Snapshot:
    """The session whole, as JSON keeps it, with its people."""
    row = {name: getattr(session, name) for name in _FIELDS}
    return {
        "id": session.pk,
        **row,
        "starts": session.starts.isoformat(),
        "ends": session.ends.isoformat(),
        "local_date": session.local_date.isoformat(),
        "seats": sorted(PlannedSeat.objects.filter(session=session).values_list("patient_id", flat=True)),
    }


def _changed(
    by: Actor,
    at: datetime,
    draft: WeekVersion,
    verb: PlannedVerb,
    touched: Sequence[PlannedSession],
    before: Sequence[Snapshot],
    *,
    patient_id: int | None = None,
) -> Sequence[PlannedSession]:
    """Saves the sessions, writes the change down, and tells the trail. What was undone cannot be redone after it."""
    draft.revision += 1
    ended = {}
    if verb not in (PlannedVerb.LOCK, PlannedVerb.UNLOCK):
        ended = {name: getattr(draft, name) for name in _COMPUTED}
        _set(draft, _NOTHING_COMPUTED)
    draft.save(update_fields=["revision", *_COMPUTED])
    for session in touched:
        session.revision = draft.revision
        session.save()
    draft.changes.filter(undone_at__isnull=False, lost_at__isnull=True).update(lost_at=at)
    after = [_snapshot(session) for session in touched]
    number = draft.changes.aggregate(most=Max("number"))["most"] or 0
    change = PlannedChange.objects.create(
        version=draft,
        number=number + 1,
        verb=verb,
        title=(after or before)[-1]["title"],
        before=list(before),
        after=after,
        ended=ended,
        at=at,
        by_id=by.staff_id,
    )
    _record(by, at, draft, f"timetable.{verb}_planned_session", change, patient_id)
    return touched


def _restore(draft: WeekVersion, at: datetime, now: Iterable[Snapshot], then: Iterable[Snapshot]) -> None:
    """Brings the sessions of `now` to what they are in `then`: the same rows, numbers and seats."""
    draft.revision += 1
    draft.save(update_fields=["revision", *_COMPUTED])
    wanted = {one["id"]: one for one in then}
    for gone in [one["id"] for one in now if one["id"] not in wanted]:
        draft.sessions.filter(pk=gone).delete()
    for pk, one in wanted.items():
        facts = {name: one[name] for name in _FIELDS} | _times(one)
        if facts["starts"] <= at:
            raise Refused(f"{one['title']} would be back at a time that has passed; it stays as it is.")
        PlannedSession.objects.update_or_create(
            pk=pk, version=draft, defaults={**facts, "revision": draft.revision}
        )
        PlannedSeat.objects.filter(session=pk).exclude(patient__in=one["seats"]).delete()
        PlannedSeat.objects.bulk_create(
            (PlannedSeat(session_id=pk, patient_id=patient) for patient in one["seats"]),
            ignore_conflicts=True,
        )


def _set(draft: WeekVersion, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(draft, name, value)


def _times(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "starts": parse_datetime(one["starts"]),
        "ends": parse_datetime(one["ends"]),
        "local_date": parse_date(one["local_date"]),
    }


def _tell(by: Actor, at: datetime, draft: WeekVersion, action: str, change: PlannedChange) -> None:
    _record(by, at, draft, action, change, None)


def _record(
    by: Actor, at: datetime, draft: WeekVersion, action: str, change: PlannedChange, patient_id: int | None
) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"WeekVersion {draft.pk}",
        patient_id=patient_id,
        detail={
            "change": change.number,
            "sessions": sorted({one["id"] for one in (*change.before, *change.after)}),
        },
    )
