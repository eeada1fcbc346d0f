"""The room itself: how it is held and how many fit in, who has its keys, locked and closed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Staff
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.actions.stays import _end
from stepwell.clinic.sessions.video.models import VideoPresence, VideoRoom
from stepwell.clinic.sessions.video.queries import Guest
from stepwell.clinic.sessions.video.rules import kind_for, load_video
from stepwell.clinic.timetable.models import Occurrence


def _room(occurrence: Occurrence, at: datetime, gateway: bool) -> VideoRoom:
    """The room, held by this transaction. While nobody is in it or at its door it is chosen anew how it is held:
    seats were booked meanwhile, or the gateway is away, or back."""
    chosen = kind_for(
        queries.expected_in(occurrence),
        group=occurrence.kind == "group",
        gateway=gateway,
        rule=load_video(),
    )
    VideoRoom.objects.get_or_create(
        occurrence=occurrence, defaults={"kind": chosen.kind, "most": chosen.most, "opened_at": at}
    )
    room: VideoRoom = VideoRoom.objects.select_for_update(of=["self"]).get(occurrence=occurrence)
    other = (room.kind, room.most) != (chosen.kind, chosen.most)
    if other and not VideoPresence.objects.filter(room=room, left_at__isnull=True).exists():
        room.kind, room.most = chosen.kind, chosen.most
        room.save(update_fields=["kind", "most"])
    return room


def _fits(room: VideoRoom, at: datetime, more: int) -> None:
    inside = sum(p.admitted_at is not None for p in queries.staying(room, at))
    if inside + more > room.most:
        free = max(0, room.most - inside)
        raise Refused(
            f"This room holds {room.most} people at once, and {free} more fit in. "
            "A larger group needs the program's video gateway."
        )


def _locked(guest: Guest) -> VideoRoom:
    if not guest.host:
        raise Denied("Only who leads the session has the keys of its room.")
    room = VideoRoom.objects.select_for_update(of=["self"]).filter(occurrence=guest.occurrence).first()
    if room is None:
        raise Refused("Nobody has opened this room yet.")
    return room


@transaction.atomic
def name_second(*, by: Actor, at: datetime, guest: Guest, staff: Staff, gateway: bool) -> VideoRoom:
    """A colleague of the site helps to lead this one session by video: has the same keys."""
    if by.staff_id not in (guest.occurrence.facilitator_id, guest.occurrence.cofacilitator_id):
        raise Denied("Only who leads this session names who helps.")
    if staff.site_id != guest.occurrence.site_id:
        raise Refused(f"{staff.name} does not work at this site. Choose a colleague from here.")
    room = _room(guest.occurrence, at, gateway)
    room.second = staff
    room.save(update_fields=["second"])
    VideoPresence.objects.filter(room=room, staff=staff, removed_at__isnull=False).update(let_back_at=at)
    announce(f"video-room:{room.pk}")
    trail.record(
        by=by,
        at=at,
        action="video.second",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"staff": staff.pk},
    )
    return room


@transaction.atomic
def lock_room(*, by: Actor, at: datetime, guest: Guest, locked: bool) -> VideoRoom:
    """Nobody new comes to the door of a locked room; whose line broke still comes back."""
    room = _locked(guest)
    room.locked_at = at if locked else None
    room.save(update_fields=["locked_at"])
    announce(f"video-room:{room.pk}")
    trail.record(
        by=by,
        at=at,
        action="video.lock",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"locked": locked},
    )
    return room


@transaction.atomic
def close_room(*, by: Actor, at: datetime, guest: Guest) -> int:
    """Ends it for everybody; returns how many were in."""
    return _close(by, at, _locked(guest))


def _close(by: Actor, at: datetime, room: VideoRoom) -> int:
    there = list(VideoPresence.objects.select_for_update().filter(room=room, left_at__isnull=True))
    for row in there:
        _end(row, max(min(at, row.seen_at), row.asked_at), room)
    room.closed_at = at
    room.locked_at = None
    room.save(update_fields=["closed_at", "locked_at"])
    announce(f"video-room:{room.pk}", *(f"video:{row.pk}" for row in there))
    trail.record(
        by=by,
        at=at,
        action="video.close",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"people": len(there)},
    )
    return len(there)
