"""A patient gives back a seat by their own hand, and the team hears of it at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_and_clock
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _let_go
from stepwell.clinic.timetable.models import Occurrence, Seat


@transaction.atomic
def cannot_come(*, by: Actor, at: datetime, seat: Seat, because: str) -> Seat:
    """The patient cannot come to one session: the seat is free again and an alert asks for a make-up.

    Raises `Refused` without a reason, once the session has begun, and the second time.
    """
    policies.may_give_back(by, seat.patient)
    occurrence = (
        Occurrence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .get(pk=seat.occurrence_id)
    )
    locked = Seat.objects.select_for_update(of=["self"]).select_related("attendance").get(pk=seat.pk)
    reason = because.strip()[:200]
    if locked.released_at is not None:
        raise Refused("You told us already; this session is off your list.")
    if occurrence.starts <= at or hasattr(locked, "attendance"):
        raise Refused("This session has begun. Call the program instead, so that somebody knows.")
    if not reason:
        raise Refused("Choose a reason, so that the team can help.")
    locked.released_at, locked.released_because, locked.given_back = at, reason, True
    locked.save(update_fields=["released_at", "released_because", "given_back"])
    _let_go([occurrence.pk], at, only=Q(patient_id=locked.patient_id))
    when = day_and_clock(occurrence.starts, ZoneInfo(occurrence.site.zone))
    raise_alert(
        by=by,
        at=at,
        patient=seat.patient,
        kind="cannot_come",
        sentence=f"Cannot come to {occurrence.title} on {when}: {reason[:80]}. Offer a session instead."[
            :300
        ],
        subject=f"Seat {locked.pk}",
        urgent=False,
    )
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.cannot_come",
        subject=f"Seat {locked.pk}",
        patient_id=locked.patient_id,
        detail={"occurrence": occurrence.pk},
    )
    return locked
