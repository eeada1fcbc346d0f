"""Who came without a seat: a patient who walks in, and a patient's family as guests."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Category, Purpose
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.actions.attending import _locked, _open, _unsigned
from stepwell.clinic.sessions.models import Attendance, Guest, GuestGround
from stepwell.clinic.sessions.rules import minutes_attended
from stepwell.clinic.sessions.rules.absences import load_absences, may_be_guest
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Mode, Occurrence, Seat


@transaction.atomic
def add_walk_in(
    *, by: Actor, at: datetime, occurrence: Occurrence, patient: Patient, mode: str = ""
) -> Attendance:
    """A patient who came without a seat gets one and is here: from now on, or since the start of a session that is over.

    Refused like a booking (full, elsewhere at that time, not admitted), when kept apart from somebody who has a
    seat, and once the note is signed.
    """
    locked = _locked(occurrence.pk)
    policies.may_record_attendance(by, locked.site_id)
    _open(locked, at)
    _unsigned(locked)
    seat = timetable.seat_walk_in(by=by, at=at, patient=patient, occurrence=locked)
    arrived = at if at < locked.ends else locked.starts
    row = Attendance.objects.create(
        seat=seat,
        occurrence=locked,
        patient=patient,
        outcome=Attendance.Outcome.PRESENT,
        arrived_at=arrived,
        minutes=minutes_attended((locked.starts, locked.ends), arrived, None),
        mode=mode if mode in (Mode.ON_SITE, Mode.VIDEO) else seat.mode,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="sessions.add_walk_in",
        subject=f"Occurrence {locked.pk}",
        patient_id=patient.pk,
        detail={"seat": seat.pk},
    )
    return row


@transaction.atomic
def add_guest(
    *, by: Actor, at: datetime, occurrence: Occurrence, member: FamilyMember, patient_agrees: bool = False
) -> Guest:
    """A family member is in the room. Raises `Refused` without a live consent, unless in a family session the
    patient, recorded as here, says so (`patient_agrees`); which of both it was stays with the row.
    """
    locked = _locked(occurrence.pk)
    staff_id = policies.may_receive_guests(by, locked.site_id)
    _open(locked, at)
    _unsigned(locked)
    if member.removed_at is not None:
        raise Refused(f"{member.name} is no longer named by the patient. Nothing was recorded.")
    seat = (
        Seat.objects.filter(occurrence=locked, released_at__isnull=True, patient_id=member.patient_id)
        .select_related("patient__site", "attendance")
        .first()
    )
    if seat is None:
        raise Refused(f"{member.name} belongs to nobody who has a seat in this session.")
    rule = load_absences()
    asked = consent.permits(
        seat.patient,
        recipient_key=consent.family_key(member.pk),
        purpose=Purpose.FAMILY_SUPPORT,
        category=Category(rule.guest_category),
        at=at,
    )
    came = getattr(seat, "attendance", None)
    decision = may_be_guest(
        guest=member.name,
        patient=seat.patient.called,
        kind=locked.kind,
        treatment=locked.treatment,
        consented=asked.permitted,
        why_not=asked.reasons,
        patient_here=came is not None and came.outcome == Attendance.Outcome.PRESENT,
        patient_agrees=patient_agrees,
        absences=rule,
    )
    if not decision.allowed:
        raise Refused(decision.sentence)
    by_consent = decision.ground == GuestGround.CONSENT
    try:
        with transaction.atomic():
            row = Guest.objects.create(
                occurrence=locked,
                family_member=member,
                patient_id=seat.patient_id,
                ground=decision.ground,
                consent_id=asked.consent_id if by_consent else None,
                arrived_at=at if at < locked.ends else locked.starts,
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:
        raise Refused(f"{member.name} is recorded as here already.") from twice
    announce(f"occurrence:{locked.pk}")
    trail.record(
        by=by,
        at=at,
        action="sessions.add_guest",
        subject=f"Guest {row.pk}",
        patient_id=seat.patient_id,
        detail={
            "occurrence": locked.pk,
            "member": member.pk,
            "ground": row.ground,
            "consent": row.consent_id,
        },
    )
    return row


@transaction.atomic
def guest_left(*, by: Actor, at: datetime, guest: Guest) -> Guest:
    """The guest left before the end."""
    locked = _locked(guest.occurrence_id)
    policies.may_receive_guests(by, locked.site_id)
    _unsigned(locked)
    row = Guest.objects.select_for_update(of=["self"]).select_related("family_member").get(pk=guest.pk)
    if row.left_at is not None:
        raise Refused(f"{row.family_member.name} is recorded as gone already.")
    if not row.arrived_at < at <= locked.ends:
        raise Refused("The session is over, so nobody leaves it any more.")
    row.left_at = at
    row.save(update_fields=["left_at"])
    announce(f"occurrence:{locked.pk}")
    trail.record(
        by=by, at=at, action="sessions.guest_left", subject=f"Guest {row.pk}", patient_id=row.patient_id
    )
    return row


@transaction.atomic
def take_back_guest(*, by: Actor, at: datetime, guest: Guest) -> None:
    """Recorded by mistake: the guest was not there. Not once the note is signed."""
    locked = _locked(guest.occurrence_id)
    policies.may_receive_guests(by, locked.site_id)
    _unsigned(locked)
    row = Guest.objects.select_for_update(of=["self"]).get(pk=guest.pk)
    number, detail = row.pk, {"member": row.family_member_id, "ground": row.ground}
    row.delete()
    announce(f"occurrence:{locked.pk}")
    trail.record(
        by=by,
        at=at,
        action="sessions.take_back_guest",
        subject=f"Guest {number}",
        patient_id=guest.patient_id,
        detail=detail,
    )
