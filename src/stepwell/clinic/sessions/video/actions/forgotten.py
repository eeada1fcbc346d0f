"""Stays and rooms that nobody ended: lines that never came back, and sessions long over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.sessions.video.actions.rooms import _close
from stepwell.clinic.sessions.video.actions.stays import _end
from stepwell.clinic.sessions.video.models import VideoPresence, VideoRoom, VideoSignal
from stepwell.clinic.sessions.video.rules import load_video


@transaction.atomic
def end_silent(*, by: Actor, at: datetime) -> int:
    """Stays whose line never came back end when they were last heard of; what was to be relayed is forgotten.

    Rooms whose session is over for longer than their door is open are ended for whoever forgot to leave.
    """
    rule = load_video()
    since = at - timedelta(seconds=rule.resume_within_seconds)
    rows = list(
        VideoPresence.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(left_at__isnull=True, seen_at__lt=since)
        .select_related("room")
        .order_by("pk")
    )
    for row in rows:
        _end(row, row.seen_at, row.room)
    _close_after_hours(by, at)
    old = VideoSignal.objects.filter(at__lt=at - timedelta(seconds=rule.signal_seconds))
    # The gateway is told who is gone even when it was away for long; what nobody ever took is forgotten at last.
    old.exclude(kind="gone", at__gte=at - timedelta(hours=1)).delete()
    trail.record_each(
        by=by,
        at=at,
        action="video.silent",
        of=[(row.patient_id, f"Presence {row.pk}", {"occurrence": row.room.occurrence_id}) for row in rows],
    )
    return len(rows)


def _close_after_hours(by: Actor, at: datetime) -> None:
    over = at - timedelta(minutes=load_video().closes_after)
    rooms = (
        VideoRoom.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(Exists(VideoPresence.objects.filter(room=OuterRef("pk"), left_at__isnull=True)))
        .filter(closed_at__isnull=True, occurrence__ends__lte=over)
    )
    for room in rooms.order_by("pk"):
        _close(by, at, room)
