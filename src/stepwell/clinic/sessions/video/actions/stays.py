"""A stay in the room: how it ends, what is forgotten with it, and its line in the trail."""

from __future__ import annotations

from datetime import datetime

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.sessions.video.models import VideoPresence, VideoRoom, VideoSignal
from stepwell.clinic.sessions.video.rules import RoomKind

GATEWAY = "video-gateway"
"""The topic on which the process beside the gateway hears that something waits for it."""


def _end(row: VideoPresence, at: datetime, room: VideoRoom) -> None:
    row.left_at = at
    row.hand_at, row.sharing = None, False
    row.save(update_fields=["left_at", "hand_at", "sharing"])
    _forget(row, room, at)
    announce(f"video-room:{room.pk}")


def _forget(row: VideoPresence, room: VideoRoom, at: datetime) -> None:
    """Nothing of a stay waits to be relayed any more; the gateway is told to let go of it."""
    VideoSignal.objects.filter(to=row).delete()
    VideoSignal.objects.filter(sender=row).delete()
    if room.kind == RoomKind.JANUS:
        VideoSignal.objects.create(
            room=room, kind="gone", body={"presence": row.pk, "epoch": row.epoch}, at=at
        )
        announce(GATEWAY)


def _record(by: Actor, at: datetime, action: str, row: VideoPresence) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Occurrence {row.room.occurrence_id}",
        patient_id=row.patient_id,
        detail={"presence": row.pk, "epoch": row.epoch},
    )
