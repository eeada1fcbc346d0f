"""Who else may come into the room: walk-ins that can be found, family members, and what was last seen as a risk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent.queries import permits_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.people.queries import found, patients_for
from stepwell.clinic.people.rules import read_search
from stepwell.clinic.sessions.models import Attendance, Guest, NotePart
from stepwell.clinic.sessions.rules.absences import GuestDecision, load_absences, may_be_guest, takes_guests
from stepwell.clinic.timetable.models import Occurrence, Seat


@dataclass(frozen=True)
class FamilyHere:
    """A family member of somebody on the roster: here as a guest, or what recording it would be told.

    `without_word` is the answer without, `with_word` with the patient's say-so.
    """

    member: FamilyMember
    patient: Patient
    guest: Guest | None
    without_word: GuestDecision
    with_word: GuestDecision


def walk_ins(by: Actor, occurrence: Occurrence, asked: str, today: date, *, most: int) -> list[Patient]:
    """Patients of the session's site without a seat in it who fit the search, by name. One statement.

    Only whom `by` may find and book; `already` is not among them.
    """
    if not by.may(Permission.SEAT_BOOK, occurrence.site_id):
        return []
    seated = Seat.objects.filter(occurrence=occurrence, released_at__isnull=True, patient=OuterRef("pk"))
    rows = found(by, read_search(asked, today=today)).filter(~Exists(seated), site_id=occurrence.site_id)
    return list(rows.order_by("given_name", "family_name", "pk")[:most])


def walk_in_for(by: Actor, occurrence: Occurrence, code: str) -> Patient:
    """One patient of the session's site by code. Raises `Patient.DoesNotExist` for any other."""
    row: Patient = (
        patients_for(by, Permission.PEOPLE_READ)
        .select_related("site")
        .get(code=code.upper(), site_id=occurrence.site_id)
    )
    return row


def family_here(by: Actor, at: datetime, occurrence: Occurrence, seats: Collection[Any]) -> list[FamilyHere]:
    """Family members of the roster with what may be recorded. Four statements; none where no guests come.

    For staff who record attendance only; a chart never reads it.
    """
    rule = load_absences()
    if not (
        takes_guests(occurrence.kind, occurrence.treatment, rule)
        and by.may(Permission.ATTENDANCE_RECORD, occurrence.site_id)
    ):
        return []
    of = {seat.patient_id: seat for seat in seats}
    members = list(
        FamilyMember.objects.filter(
            patient__in=patients_for(by, Permission.PEOPLE_READ), patient_id__in=of, removed_at__isnull=True
        ).order_by("patient__given_name", "patient_id", "name")
    )
    decisions = permits_family(members, category=Category(rule.guest_category), at=at)
    guests = {row.family_member_id: row for row in Guest.objects.filter(occurrence=occurrence)}
    rows = []
    for member in members:
        seat, told = of[member.patient_id], decisions[member.pk]
        came = getattr(seat, "attendance", None)

        def decide(
            agrees: bool, member: Any = member, seat: Any = seat, told: Any = told, came: Any = came
        ) -> Any:
            return may_be_guest(
                guest=member.name,
                patient=seat.patient.called,
                kind=occurrence.kind,
                treatment=occurrence.treatment,
                consented=told.permitted,
                why_not=told.reasons,
                patient_here=came is not None and came.outcome == Attendance.Outcome.PRESENT,
                patient_agrees=agrees,
                absences=rule,
            )

        rows.append(FamilyHere(member, seat.patient, guests.get(member.pk), decide(False), decide(True)))
    return rows


def member_for(by: Actor, occurrence: Occurrence, number: int) -> FamilyMember:
    """A family member of somebody on the roster. Raises `FamilyMember.DoesNotExist` for any other."""
    seated = Seat.objects.filter(occurrence=occurrence, released_at__isnull=True).values("patient")
    return FamilyMember.objects.select_related("patient").get(
        pk=number, patient__in=patients_for(by, Permission.PEOPLE_READ), patient_id__in=seated
    )


def guest_for(by: Actor, occurrence: Occurrence, number: int) -> Guest:
    """A guest of the session. Raises `Guest.DoesNotExist` for one of another session or site."""
    return Guest.objects.get(
        pk=number,
        occurrence=occurrence,
        occurrence__site_id__in=by.sites_with(Permission.ATTENDANCE_RECORD),
    )


def guest_names(occurrence: Occurrence) -> dict[int, list[str]]:
    """Patient id -> the full names of the family in the room, for the rule that keeps them out of others' charts.

    One statement for a group that takes guests, none for all other sessions: there nobody else's chart is written.
    """
    if occurrence.kind != Occurrence.Kind.GROUP:
        return {}
    if not takes_guests(occurrence.kind, occurrence.treatment, load_absences()):
        return {}
    rows = Guest.objects.filter(occurrence=occurrence).values_list("patient_id", "family_member__name")
    names: dict[int, list[str]] = {}
    for patient_id, name in rows:
        if len(name.split()) > 1:  # "Mom" is no name
            names.setdefault(patient_id, []).append(name)
    return names


def last_risks(by: Actor, occurrence: Occurrence, patient_ids: Collection[int]) -> dict[int, NotePart]:
    """Patient id -> the part of the last signed note before this session, where it marks a risk. One statement.

    Empty for who may not read notes.
    """
    if not patient_ids or not by.may(Permission.NOTE_READ, occurrence.site_id):
        return {}
    rows = (
        NotePart.objects.filter(
            patient__in=patients_for(by, Permission.NOTE_READ),
            patient_id__in=patient_ids,
            note__signed_at__isnull=False,
            note__occurrence__starts__lt=occurrence.starts,
        )
        .order_by("patient_id", "-note__occurrence__starts", "-pk")
        .distinct("patient_id")
        .select_related("note__occurrence")
    )
    return {row.patient_id: row for row in rows if row.risk not in ("", "none")}
