"""Changing a draft week by hand: each change is a row with what was before and after, and can be taken back.

A draft may break rules: the board says which, and planners go through such states on their way. What is refused is
what cannot be: a draft that is closed, a session that is locked or has begun, and overwriting somebody unseen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient, Room, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.actions.belonging import _patients_at, _room_at, _works_at
from stepwell.clinic.timetable.actions.board_changes import (
    _NOTHING_COMPUTED,
    _all_seen,
    _changed,
    _draft,
    _held,
    _may_be_changed,
    _restore,
    _set,
    _snapshot,
    _tell,
)
from stepwell.clinic.timetable.models import (
    Mode,
    OccurrenceKind,
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    PlannedVerb,
    TherapyGroup,
    WeekVersion,
)


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
