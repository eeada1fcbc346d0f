"""Whose right to be in the room has ended while they were in it, and whose line is silent.

A page that is honest leaves by itself. These look round for one that is not: with each beat of who leads, when
somebody is told that the session is not open to them any more, and every minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.consent.queries import permits_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.sessions.video.actions.stays import GATEWAY, _end
from stepwell.clinic.sessions.video.models import VideoPresence, VideoSignal
from stepwell.clinic.sessions.video.rules import RoomKind, load_video
from stepwell.clinic.timetable.models import Seat


@transaction.atomic
def end_unbooked(*, by: Actor, at: datetime, session_id: int | None = None) -> int:
    """Ends the stays of people who may not be there any more: the seat was given back, the consent taken back, the
    session handed over. `session_id` None: in every room. Returns how many. One statement, two with family in it.
    """
    numbers = _without_right(at, session_id)
    if not numbers:
        return 0
    rows = list(
        VideoPresence.objects.select_for_update(of=["self"])
        .filter(pk__in=numbers, left_at__isnull=True)
        .select_related("room", "family")
        .order_by("pk")
    )
    for row in rows:
        _end(row, max(at, row.asked_at), row.room)
        announce(f"video:{row.pk}")
    trail.record_each(
        by=by,
        at=at,
        action="video.unbooked",
        of=[
            (
                row.family.patient_id if row.family else row.patient_id,
                f"Presence {row.pk}",
                {"occurrence": row.room.occurrence_id},
            )
            for row in rows
        ],
    )
    return len(rows)


@transaction.atomic
def cut_silent(*, at: datetime, session_id: int | None = None) -> int:
    """Whose page says nothing any more gets no pictures and voices from the gateway either: to the others they are
    gone, so they must not listen. The stay itself may go on when the page comes back. Returns how many.
    """
    stays = VideoPresence.objects.select_for_update(of=["self"], skip_locked=True).filter(
        left_at__isnull=True,
        admitted_at__isnull=False,
        room__kind=RoomKind.JANUS,
        seen_at__lt=at - timedelta(seconds=load_video().cut_after_seconds),
    )
    if session_id is not None:
        stays = stays.filter(room__occurrence_id=session_id)
    rows = list(stays.select_related("room").order_by("pk"))
    VideoSignal.objects.bulk_create(
        VideoSignal(room=row.room, kind="gone", body={"presence": row.pk, "epoch": row.epoch}, at=at)
        for row in rows
    )
    if rows:
        announce(GATEWAY)
    return len(rows)


def _without_right(at: datetime, session_id: int | None) -> list[int]:
    held = Seat.objects.filter(
        occurrence=OuterRef("room__occurrence"),
        patient=Coalesce(OuterRef("patient"), OuterRef("family__patient")),
        released_at__isnull=True,
    )
    stays = VideoPresence.objects.filter(left_at__isnull=True)
    if session_id is not None:
        stays = stays.filter(room__occurrence_id=session_id)
    rows = list(
        stays.select_related("room__occurrence", "family__patient")
        .annotate(booked=Exists(held))
        .order_by("pk")
    )
    family = [row.family for row in rows if row.family is not None]
    told = permits_family(family, category=Category.SCHEDULE, at=at) if family else {}
    return [row.pk for row in rows if not _may_stay(row, told)]


def _may_stay(row: Any, told: Mapping[int, Any]) -> bool:
    """As `queries.guest_for` asks at the door."""
    session = row.room.occurrence
    if row.staff_id is not None:
        return row.staff_id in (session.facilitator_id, session.cofacilitator_id, row.room.second_id)
    if row.family is None:
        return bool(row.booked)
    permitted = session.kind == "family" and told[row.family_id].permitted
    return bool(row.booked and permitted and row.family.removed_at is None)
