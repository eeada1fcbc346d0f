"""Who is let in from the door, goes, is taken out, and may come back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.actions.rooms import _fits, _locked
from stepwell.clinic.sessions.video.actions.stays import _end, _record
from stepwell.clinic.sessions.video.models import VideoPresence, VideoRoom
from stepwell.clinic.sessions.video.queries import Guest


@transaction.atomic
def admit(*, by: Actor, at: datetime, guest: Guest, who: Collection[int]) -> int:
    """Lets these people in from the door; an empty list means everybody who waits. Returns how many came in."""
    room = _locked(guest)
    waiting = [p for p in queries.staying(room, at) if p.admitted_at is None and (not who or p.pk in who)]
    if not waiting:
        raise Refused("Nobody waits at the door any more.")
    _fits(room, at, len(waiting))
    for row in waiting:
        row.admitted_at = at
    VideoPresence.objects.bulk_update(waiting, ["admitted_at"])
    announce(f"video-room:{room.pk}", *(f"video:{row.pk}" for row in waiting))
    trail.record_each(
        by=by,
        at=at,
        action="video.admit",
        of=[(row.patient_id, f"Presence {row.pk}", {"occurrence": room.occurrence_id}) for row in waiting],
    )
    return len(waiting)


@transaction.atomic
def leave(*, by: Actor, at: datetime, presence: VideoPresence) -> None:
    """Goes. A second time changes nothing."""
    row = VideoPresence.objects.select_for_update(of=["self"]).select_related("room").get(pk=presence.pk)
    if row.left_at is not None:
        return
    _end(row, max(at, row.asked_at), row.room)
    _record(by, at, "video.leave", row)


@transaction.atomic
def remove(*, by: Actor, at: datetime, guest: Guest, who: int) -> VideoPresence:
    """Takes somebody out: the link is dead from this moment, and there is no way back in without being let."""
    room = _locked(guest)
    row = _one_of(room, who)
    if row.staff_id is not None:
        leads = (guest.occurrence.facilitator_id, guest.occurrence.cofacilitator_id, guest.staff_id)
        if row.staff_id in leads:
            raise Refused("Who leads the session is not taken out of it. Leave the room yourself.")
        if row.staff_id == room.second_id:  # the keys go with the person
            room.second = None
            room.save(update_fields=["second"])
    if row.left_at is None:
        _end(row, max(at, row.asked_at), room)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    announce(f"video:{row.pk}", f"video-room:{room.pk}")
    _record(by, at, "video.remove", row)
    return row


@transaction.atomic
def let_back(*, by: Actor, at: datetime, guest: Guest, who: int) -> VideoPresence:
    """Somebody who was taken out may come to the door again."""
    room = _locked(guest)
    row = _one_of(room, who)
    same = Q(staff=row.staff, patient=row.patient, family=row.family)
    VideoPresence.objects.filter(same, room=room, removed_at__isnull=False).update(let_back_at=at)
    announce(f"video-room:{room.pk}")
    _record(by, at, "video.let_back", row)
    return row


def _one_of(room: VideoRoom, who: int) -> VideoPresence:
    row = VideoPresence.objects.select_for_update(of=["self"]).filter(room=room, pk=who).first()
    if row is None:
        raise Refused("This person is not in the room any more.")
    return row
