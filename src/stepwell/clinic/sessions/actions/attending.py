"""Who came, when, for how many minutes; who did not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock, day_and_clock
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import Attendance, Note
from stepwell.clinic.sessions.rules import load_attendance_rule, minutes_attended
from stepwell.clinic.sessions.rules.attendance import Away, away_in_order, away_problem
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.timetable.models import Mode, Occurrence, Seat


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is recorded of one person. `outcome` is present, excused or unexcused; absences carry a reason."""

    patient_id: int
    outcome: str
    arrived: datetime | None = None
    left: datetime | None = None
    stepped_out: Away = ()
    mode: str = ""
    reason: str = ""


@transaction.atomic
def check_in(*, by: Actor, at: datetime, seat: Seat) -> Attendance:
    """At the desk: the person is here, from now on. A second check-in changes nothing and gets a sentence."""
    occurrence = _locked(seat.occurrence_id)
    policies.may_check_in(by, occurrence.site_id)
    _open(occurrence, at)
    zone = ZoneInfo(occurrence.site.zone)
    held = Seat.objects.select_related("patient", "attendance").get(pk=seat.pk)
    name = held.patient.board_name
    if held.released_at is not None:
        raise Refused(f"{name} has no seat in this session any more. Book one first.")
    if hasattr(held, "attendance"):
        was = held.attendance
        if was.arrived_at is None:
            raise Refused(f"{name} is recorded as absent. Change that in the session itself.")
        raise Refused(f"{name} is already checked in, at {clock(was.arrived_at, zone)}.")
    if at >= occurrence.ends:
        raise Refused(f"{occurrence.title} is over. Who leads it records who came.")
    row = Attendance.objects.create(
        seat=held,
        occurrence=occurrence,
        patient_id=held.patient_id,
        outcome=Attendance.Outcome.PRESENT,
        arrived_at=at,
        minutes=minutes_attended((occurrence.starts, occurrence.ends), at, None),
        mode=held.mode,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="sessions.check_in",
        subject=f"Occurrence {occurrence.pk}",
        patient_id=held.patient_id,
    )
    return row


@transaction.atomic
def all_here(*, by: Actor, at: datetime, occurrence: Occurrence) -> int:
    """Everybody of whom nothing is recorded is here since the start; returns how many that were."""
    locked = _locked(occurrence.pk)
    policies.may_record_attendance(by, locked.site_id)
    _open(locked, at)
    _unsigned(locked)
    seats = list(
        Seat.objects.filter(occurrence=locked, released_at__isnull=True, attendance__isnull=True).order_by(
            "pk"
        )
    )
    if not seats:
        raise Refused("Attendance of everybody is recorded already.")
    arrived = min(at, locked.starts) if at < locked.starts else locked.starts
    minutes = minutes_attended((locked.starts, locked.ends), arrived, None)
    Attendance.objects.bulk_create(
        Attendance(
            seat=seat,
            occurrence=locked,
            patient_id=seat.patient_id,
            outcome=Attendance.Outcome.PRESENT,
            arrived_at=arrived,
            minutes=minutes,
            mode=seat.mode,
            recorded_at=at,
            recorded_by_id=by.staff_id,
        )
        for seat in seats
    )
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record_each(
        by=by,
        at=at,
        action="sessions.all_here",
        of=[(seat.patient_id, f"Occurrence {locked.pk}", {"minutes": minutes}) for seat in seats],
    )
    return len(seats)


@transaction.atomic
def record_attendance(
    *, by: Actor, at: datetime, occurrence: Occurrence, entries: Sequence[Entry]
) -> list[Attendance]:
    """Came, late, left, stepped out, absent: what is recorded replaces what was, until the note is signed.

    Raises `Refused` naming the person whose times or reason do not fit; nothing is saved then.
    """
    locked = _locked(occurrence.pk)
    policies.may_record_attendance(by, locked.site_id)
    _open(locked, at)
    _unsigned(locked)
    seats = {seat.patient_id: seat for seat in _SEATS.rows(occurrence_id=locked.pk)}
    there = {row.patient_id: row for row in _RECORDED.rows(occurrence_id=locked.pk)}
    rows = [_row(entry, seats, there, locked, at, by) for entry in entries]
    changed = [row for row in rows if row.pk is not None]
    Attendance.objects.bulk_create([row for row in rows if row.pk is None])
    if changed:
        Attendance.objects.bulk_update(changed, _COLUMNS)
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record_each(
        by=by,
        at=at,
        action="sessions.attendance",
        of=[
            (row.patient_id, f"Occurrence {locked.pk}", {"outcome": row.outcome, "minutes": row.minutes})
            for row in rows
        ],
    )
    return rows


@transaction.atomic
def take_back_attendance(*, by: Actor, at: datetime, occurrence: Occurrence, patient_id: int) -> None:
    """What was recorded of one person is unsaid: nothing is known again. Not once the note is signed."""
    locked = _locked(occurrence.pk)
    policies.may_record_attendance(by, locked.site_id)
    _open(locked, at)
    _unsigned(locked)
    row = next((one for one in _RECORDED.rows(occurrence_id=locked.pk) if one.patient_id == patient_id), None)
    if row is None:
        raise Refused("Nothing is recorded of this person yet.")
    # What was recorded stays in the trail.
    detail = {"outcome": row.outcome, "minutes": row.minutes}
    row.delete()
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="sessions.take_back_attendance",
        subject=f"Occurrence {locked.pk}",
        patient_id=patient_id,
        detail=detail,
    )


_COLUMNS = [
    "outcome", "arrived_at", "left_at", "stepped_out", "minutes", "mode", "reason", "recorded_at", "recorded_by",
]  # fmt: skip


def _row(
    entry: Entry,
    seats: dict[int, Seat],
    there: dict[int, Attendance],
    occurrence: Occurrence,
    at: datetime,
    by: Actor,
) -> Attendance:
    seat = seats.get(entry.patient_id)
    if seat is None:
        raise Refused("Somebody on this list has no seat in the session any more. Load the page again.")
    row = there.get(entry.patient_id) or Attendance(
        seat=seat, occurrence=occurrence, patient_id=entry.patient_id
    )
    _fits(entry, seat.patient.board_name, occurrence, at)
    here = entry.outcome == Attendance.Outcome.PRESENT
    away = away_in_order(entry.stepped_out) if here else ()
    arrived = (entry.arrived or min(occurrence.starts, at)) if here else None
    row.outcome = entry.outcome
    row.arrived_at = arrived
    row.left_at = entry.left if here else None
    row.stepped_out = [[out.isoformat(), back.isoformat() if back else None] for out, back in away]
    row.minutes = minutes_attended(
        (occurrence.starts, occurrence.ends), arrived, row.left_at, stepped_out=away
    )
    row.mode = entry.mode if entry.mode in (Mode.ON_SITE, Mode.VIDEO) else (row.mode or seat.mode)
    row.reason = "" if here else entry.reason.strip()[:200]
    row.recorded_at, row.recorded_by_id = at, by.staff_id
    return row


def _fits(entry: Entry, name: str, occurrence: Occurrence, at: datetime) -> None:
    """Raises `Refused` for times and absences that make no sense."""
    if entry.outcome not in Attendance.Outcome.values:
        raise Refused(f"Say whether {name} came; nothing was saved.")
    if entry.outcome != Attendance.Outcome.PRESENT:
        if not entry.reason.strip():
            raise Refused(f"Say why {name} was absent, even if it is “not known”; nothing was saved.")
        missing = occurrence.starts + timedelta(minutes=load_attendance_rule().missing_after)
        if entry.outcome == Attendance.Outcome.UNEXCUSED and at < missing:
            raise Refused(
                f"It is too early to call {name} absent without excuse; wait until the session runs."
            )
        return
    arrived = entry.arrived or occurrence.starts
    earliest = occurrence.starts - timedelta(minutes=load_room().opens_before)
    if not earliest <= arrived < occurrence.ends:
        raise Refused(
            f"{name} cannot have arrived at that time; the session ran at another. Nothing was saved."
        )
    if any(moment is not None and moment > at for moment in (entry.arrived, entry.left)):
        raise Refused(f"The time for {name} lies ahead; record it once it has come. Nothing was saved.")
    latest = occurrence.ends + timedelta(minutes=load_attendance_rule().left_after_end)
    if entry.left is not None and not arrived < entry.left <= latest:
        raise Refused(f"{name} cannot have left at that time: leave it empty for the whole session.")
    if problem := away_problem(name, arrived, entry.left, away_in_order(entry.stepped_out), at):
        raise Refused(problem)


def _locked(occurrence_id: int) -> Occurrence:
    """The session, so that attendance and signing happen one after the other."""
    found: Occurrence = _SESSION_LOCKED.one(Occurrence.DoesNotExist, occurrence_id=occurrence_id)
    return found


_OF_A_NAME = ("given_name", "family_name", "preferred_name")
_SESSION_LOCKED = Prepared(
    lambda *, occurrence_id: (
        Occurrence.objects.select_for_update(of=["self"], no_key=True)
        .select_related("site")
        .filter(pk=occurrence_id)
    )
)
_SEATS = Prepared(
    lambda *, occurrence_id: (
        Seat.objects.filter(occurrence_id=occurrence_id, released_at__isnull=True)
        .select_related("patient")
        .only("occurrence", "patient", "mode", *(f"patient__{name}" for name in _OF_A_NAME))
    )
)
_RECORDED = Prepared(lambda *, occurrence_id: Attendance.objects.filter(occurrence_id=occurrence_id))
_SIGNED = Prepared(
    lambda *, occurrence_id: Note.objects.filter(occurrence_id=occurrence_id, signed_at__isnull=False).only(
        "occurrence_id"
    )
)


def _open(occurrence: Occurrence, at: datetime) -> None:
    if occurrence.cancelled_at is not None:
        raise Refused(f"{occurrence.title} was cancelled: {occurrence.cancelled_because}")
    opens = occurrence.starts - timedelta(minutes=load_room().opens_before)
    if at < opens:
        zone = ZoneInfo(occurrence.site.zone)
        raise Refused(
            f"{occurrence.title} is on {day_and_clock(occurrence.starts, zone)}. "
            f"It can be checked in to from {clock(opens, zone)} that day."
        )


def _unsigned(occurrence: Occurrence) -> None:
    # A statement of its own, after the lock: a joined row would be as old as the wait for the lock.
    if _SIGNED.rows(occurrence_id=occurrence.pk):
        raise Refused(
            "The note of this session is signed, so attendance stays as it is. Write an addendum instead."
        )
