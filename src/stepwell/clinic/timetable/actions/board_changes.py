"""A change of a draft by hand as a row: what stood before, what stands after, who saw which state of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.dateparse import parse_date, parse_datetime

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.models import (
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    PlannedVerb,
    Publication,
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
