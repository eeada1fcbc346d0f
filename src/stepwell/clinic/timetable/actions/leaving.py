"""Giving seats back: of one session, of a group, and of everything when somebody leaves treatment."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _let_go
from stepwell.clinic.timetable.actions.offered import _answer
from stepwell.clinic.timetable.models import (
    Enrollment,
    MakeUpOffer,
    Occurrence,
    OfferAnswer,
    Seat,
    TherapyGroup,
)


@transaction.atomic
def release_seat(*, by: Actor, at: datetime, seat: Seat, because: str) -> Seat:
    """The patient does not come to this session; the seat is free for somebody else. Raises `Refused`."""
    policies.may_book(by, seat.patient.site_id)
    Occurrence.objects.select_for_update(no_key=True).get(pk=seat.occurrence_id)
    locked = Seat.objects.select_for_update(of=["self"]).select_related("attendance").get(pk=seat.pk)
    if locked.released_at is not None:
        raise Refused("This seat was already released.")
    if hasattr(locked, "attendance"):
        raise Refused("Attendance is recorded for this seat, so it stays. Correct the attendance instead.")
    if not because.strip():
        raise Refused("Say why the seat is released.")
    locked.released_at, locked.released_because = at, because.strip()
    locked.save(update_fields=["released_at", "released_because"])
    _let_go([locked.occurrence_id], at, only=Q(patient_id=locked.patient_id))
    announce(f"occurrence:{locked.occurrence_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.release_seat",
        subject=f"Seat {locked.pk}",
        patient_id=locked.patient_id,
    )
    return locked


@transaction.atomic
def end_enrollment(
    *, by: Actor, at: datetime, enrollment: Enrollment, last_on: date, because: str
) -> Enrollment:
    """The patient leaves the group after `last_on`; later seats are released, earlier ones stay."""
    policies.may_book(by, enrollment.patient.site_id)
    TherapyGroup.objects.select_for_update(no_key=True).get(pk=enrollment.group_id)
    locked = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    if locked.ends_on is not None:
        raise Refused("This enrollment has already ended.")
    if not because.strip():
        raise Refused("Say why the patient leaves the group.")
    released = _end(locked, at, last_on, because.strip())
    announce(f"site:{enrollment.patient.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.end_enrollment",
        subject=f"Enrollment {locked.pk}",
        patient_id=locked.patient_id,
        detail={"last_on": last_on.isoformat(), "released": released},
    )
    return locked


@transaction.atomic
def leave_all(*, by: Actor, at: datetime, patient: Patient, because: str) -> int:
    """At discharge or transfer: every enrollment ends today and every coming seat is released; returns how many."""
    policies.may_book(by, patient.site_id)
    released = _leave(patient, at, because)
    trail.record(
        by=by,
        at=at,
        action="timetable.leave_all",
        subject=f"Patient {patient.pk}",
        patient_id=patient.pk,
        detail={"released": released},
    )
    return released


@transaction.atomic
def discharge(
    *, by: Actor, at: datetime, episode: Episode, reason: str, because: str, receiving: str = ""
) -> Placement:
    """Closes the episode and, in the same moment, frees every coming seat: nobody is expected who has left."""
    placed = placement.discharge(
        by=by, at=at, episode=episode, reason=reason, because=because, receiving=receiving
    )
    released = _leave(episode.patient, at, "Discharged.")
    trail.record(
        by=by,
        at=at,
        action="timetable.discharge",
        subject=f"Episode {episode.pk}",
        patient_id=episode.patient_id,
        detail={"released": released},
    )
    return placed


def _leave(patient: Patient, at: datetime, because: str) -> int:
    today = at.astimezone(ZoneInfo(patient.site.zone)).date()
    running = Enrollment.objects.select_for_update().filter(patient=patient, ends_on__isnull=True)
    for enrollment in running.order_by("pk"):
        enrollment.ends_on = max(today, enrollment.starts_on)
        enrollment.save(update_fields=["ends_on"])
    coming = Q(patient=patient, occurrence__starts__gt=at)
    reason = because.strip() or "No longer in treatment here."
    _answer(MakeUpOffer.objects.filter(patient=patient), at, OfferAnswer.WITHDRAWN, because=reason)
    released = _release(coming, at, reason)
    announce(f"site:{patient.site_id}")
    return released


def _end(enrollment: Enrollment, at: datetime, last_on: date, because: str) -> int:
    enrollment.ends_on = max(last_on, enrollment.starts_on)
    enrollment.save(update_fields=["ends_on"])
    later = Q(
        patient_id=enrollment.patient_id,
        occurrence__group_id=enrollment.group_id,
        occurrence__starts__gt=at,
        occurrence__local_date__gt=last_on,
    )
    return _release(later, at, because)


def _release(which: Q, at: datetime, because: str) -> int:
    """Seats without attendance, with the patient's reservations."""
    seats = list(
        Seat.objects.select_for_update(of=["self"])
        .filter(which, released_at__isnull=True, attendance__isnull=True)
        .order_by("pk")
        .values_list("pk", "occurrence_id", "patient_id")
    )
    Seat.objects.filter(pk__in=[pk for pk, _, _ in seats]).update(
        released_at=at, released_because=because[:200]
    )
    _let_go([occurrence for _, occurrence, _ in seats], at, only=Q(patient_id__in={p for _, _, p in seats}))
    return len(seats)
