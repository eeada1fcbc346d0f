"""Reading a session by video, starting from who asks. Who was never booked finds nothing, as if it were not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.models import FamilyMember, Patient, Staff
from stepwell.clinic.people.queries import own_family_records
from stepwell.clinic.refusal import Denied
from stepwell.clinic.sessions.video.models import JoinStatement, VideoPresence, VideoRoom
from stepwell.clinic.sessions.video.rules import LISTENING_WORDS, Listening, Proposal, load_video, propose
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.models import Mode, Occurrence, Seat

BY_VIDEO = (Mode.VIDEO, Mode.BOTH)
"""Modes of a session that has a room here."""


@dataclass(frozen=True)
class Guest:
    """Who stands at the door of which session: exactly one of staff, patient and family member."""

    occurrence: Occurrence
    staff_id: int | None = None
    patient: Patient | None = None
    family: FamilyMember | None = None
    name: str = ""

    @property
    def host(self) -> bool:
        """Leads the session, or helps to: has the keys of the room."""
        return self.staff_id is not None

    @property
    def own(self) -> Q:
        """The presences of this person."""
        return Q(
            staff_id=self.staff_id,
            patient_id=self.patient.pk if self.patient else None,
            family_id=self.family.pk if self.family else None,
        )


def guest_for(by: Actor, session_id: int, at: datetime) -> Guest:
    """Who `by` is in this session. `Occurrence.DoesNotExist` for everybody who was never booked.

    Staff: who leads it, or was named to help; others of the site are told so (`Denied`). A patient: with a seat.
    A family member: of a family session, while the patient's consent permits the schedule.
    """
    if by.is_staff:
        return _of_staff(by, session_id)
    if by.patient_id is not None:
        seat = _seats(session_id).filter(patient_id=by.patient_id).first()
        if seat is not None:
            return Guest(seat.occurrence, patient=seat.patient, name=seat.patient.called)
    for member in own_family_records(by) if by.family_ids else ():
        seat = _seats(session_id).filter(patient_id=member.patient_id, occurrence__kind="family").first()
        if seat is not None and Category.SCHEDULE in permitted_to_family(member, at=at):
            return Guest(seat.occurrence, family=member, name=member.name)
    raise Occurrence.DoesNotExist


def _of_staff(by: Actor, session_id: int) -> Guest:
    occurrence = timetable.occurrence_for(by, session_id)
    if occurrence.mode not in BY_VIDEO:
        raise Occurrence.DoesNotExist
    leads = by.staff_id in (occurrence.facilitator_id, occurrence.cofacilitator_id)
    if not by.may(Permission.ATTENDANCE_RECORD, occurrence.site_id) or not (
        leads or VideoRoom.objects.filter(occurrence=occurrence, second_id=by.staff_id).exists()
    ):
        who = occurrence.facilitator.name if occurrence.facilitator else "nobody yet"
        raise Denied(
            f"Only who leads this session, or was asked to help, enters its room: {who}. "
            "Ask to be named as second, or to have the session handed over."
        )
    return Guest(occurrence, staff_id=by.staff_id, name=by.name)


def _seats(session_id: int) -> Any:
    return Seat.objects.filter(
        occurrence_id=session_id, released_at__isnull=True, occurrence__mode__in=BY_VIDEO
    ).select_related("patient__site", "occurrence__site", "occurrence__facilitator")


def room_of(occurrence: Occurrence) -> VideoRoom | None:
    """The room, when somebody has come to its door already."""
    return VideoRoom.objects.filter(occurrence=occurrence).select_related("second").first()


def expected_in(occurrence: Occurrence) -> int:
    """Everybody with a seat, and who leads."""
    leaders = [occurrence.facilitator_id, occurrence.cofacilitator_id]
    seats = Seat.objects.filter(occurrence=occurrence, released_at__isnull=True).count()
    return seats + (1 if occurrence.kind == "family" else 0) + sum(one is not None for one in leaders)


def presence_now(guest: Guest, room: VideoRoom) -> VideoPresence | None:
    """This person's stay that goes on, at the door or inside."""
    return VideoPresence.objects.filter(guest.own, room=room, left_at__isnull=True).first()


def was_removed(guest: Guest, room: VideoRoom) -> bool:
    """Whether this person was taken out and nobody let them back."""
    return VideoPresence.objects.filter(
        guest.own, room=room, removed_at__isnull=False, let_back_at__isnull=True
    ).exists()


def resumable(presence: VideoPresence | None, at: datetime) -> bool:
    """Whether a stay goes on after a broken line: seen a short time ago."""
    return presence is not None and at - presence.seen_at <= timedelta(
        seconds=load_video().resume_within_seconds
    )


def staying(room: VideoRoom, at: datetime) -> list[VideoPresence]:
    """Everybody at the door or inside whose line may still come back, by coming. One statement."""
    since = at - timedelta(seconds=load_video().resume_within_seconds)
    return list(
        VideoPresence.objects.filter(room=room, left_at__isnull=True, seen_at__gte=since)
        .select_related("statement")
        .order_by("asked_at", "pk")
    )


def state_for(me: VideoPresence, room: VideoRoom, at: datetime) -> dict[str, Any]:
    """What one person's page shows of the room: inside, names as wished; at the door, nobody's.

    The facilitator's page has also who waits, who was taken out, and what patients said at the door.
    """
    rule = load_video()
    host = me.staff_id is not None
    inside = me.admitted_at is not None
    everybody = staying(room, at)
    people = [p for p in everybody if p.admitted_at is not None] if inside else []
    found: dict[str, Any] = {
        "kind": room.kind,
        "most": room.most,
        "locked": room.locked_at is not None,
        "closed": room.closed_at is not None,
        "me": {"id": me.pk, "epoch": me.epoch, "inside": inside, "host": host},
        "people": [_shown(p, at, rule.gone_after_seconds, room.second_id) for p in people],
    }
    if host:
        found["waiting"] = [_at_the_door(p) for p in everybody if p.admitted_at is None]
        found["said"] = [_at_the_door(p) for p in people if hasattr(p, "statement")]
        found["removed"] = [
            {"id": p.pk, "name": p.shown}
            for p in VideoPresence.objects.filter(
                room=room, removed_at__isnull=False, let_back_at__isnull=True
            ).order_by("pk")
        ]
    return found


def _shown(p: VideoPresence, at: datetime, gone_after: int, second_id: int | None) -> dict[str, Any]:
    away = p.away or at - p.seen_at > timedelta(seconds=gone_after)
    return {
        "id": p.pk,
        "epoch": p.epoch,
        "name": p.shown,
        "host": p.staff_id is not None,
        "leads": p.staff_id is not None and p.staff_id != second_id,
        "hand": p.hand_at is not None,
        "muted": p.muted,
        "cameraOff": p.camera_off,
        "sharing": p.sharing,
        "away": away,
    }


def _at_the_door(p: VideoPresence) -> dict[str, Any]:
    said: JoinStatement | None = getattr(p, "statement", None)
    found: dict[str, Any] = {"id": p.pk, "name": p.shown, "family": p.family_id is not None}
    if said is not None:
        found["statement"] = {"place": said.place, "listening": _listening(said), "phone": said.phone}
    return found


def _listening(said: JoinStatement) -> str:
    words = LISTENING_WORDS[Listening(said.listening)]
    return f"{words}: {said.listeners}" if said.listeners else words


def may_be_second(by: Actor, occurrence: Occurrence, at: datetime) -> list[Staff]:
    """Colleagues at the site who could help to lead."""
    today = occurrence.local_date
    taken = [occurrence.facilitator_id, occurrence.cofacilitator_id]
    return list(timetable.staff_here(by, today).exclude(pk__in=[one for one in taken if one is not None]))


@dataclass(frozen=True)
class Answered:
    """What somebody said at the door, in words, and when."""

    at: datetime
    place: str
    listening: str
    phone: str


@dataclass(frozen=True)
class Proposed:
    """One patient of the session, and what presence in the room says; `proposal` None: was not in.

    `said`: what this person answered at the door, each time.
    """

    patient: Patient
    proposal: Proposal | None
    recorded: bool
    said: tuple[Answered, ...] = ()


def proposals(occurrence: Occurrence, at: datetime) -> list[Proposed]:
    """Everybody with a seat, by name. Three statements."""
    said: dict[int, list[Answered]] = {}
    for one in JoinStatement.objects.filter(presence__room__occurrence=occurrence).order_by("at", "pk"):
        said.setdefault(one.patient_id, []).append(Answered(one.at, one.place, _listening(one), one.phone))
    stays: dict[int, list[tuple[datetime, datetime | None]]] = {}
    rule = load_video()
    for p in VideoPresence.objects.filter(
        room__occurrence=occurrence, patient__isnull=False, admitted_at__isnull=False
    ).order_by("admitted_at"):
        went = p.left_at
        if went is None and not resumable(p, at):
            went = p.seen_at
        if p.patient_id is not None and p.admitted_at is not None:
            stays.setdefault(p.patient_id, []).append((p.admitted_at, went))
    seats = (
        Seat.objects.filter(occurrence=occurrence, released_at__isnull=True)
        .select_related("patient", "attendance")
        .order_by("patient__given_name", "patient__family_name", "pk")
    )
    return [
        Proposed(
            patient=seat.patient,
            proposal=propose(
                stays.get(seat.patient_id, []),
                starts=occurrence.starts,
                ends=occurrence.ends,
                at=at,
                rule=rule,
            ),
            recorded=hasattr(seat, "attendance"),
            said=tuple(said.get(seat.patient_id, ())),
        )
        for seat in seats
    ]
