"""Reading the session room and its notes, starting from who asks. Each function is a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Now

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people import rules as people_rules
from stepwell.clinic.people.models import Credential, Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.sessions.models import Addendum, Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.sessions.queries.joining import guest_names
from stepwell.clinic.sessions.queries.last import last_parts
from stepwell.clinic.sessions.rules import NoteDraft, SignDecision, load_note_rule, may_sign, rule_of
from stepwell.clinic.sessions.rules.sealing import draft_of
from stepwell.clinic.timetable.models import Occurrence, Seat

_HELD = Q(seats__released_at__isnull=True)


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A session whose note is to be written, as a list shows it; `people`: how many have a seat."""

    pk: int
    title: str
    starts: datetime
    ends: datetime
    people: int


def roster(by: Actor, occurrence_ids: Collection[int]) -> Any:
    """Who is expected in these sessions, with patient and attendance, by name. One statement."""
    return (
        Seat.objects.filter(
            occurrence_id__in=occurrence_ids,
            released_at__isnull=True,
            patient__in=patients_for(by, Permission.TIMETABLE_READ),
        )
        .select_related("patient__site", "attendance")
        .order_by("patient__given_name", "patient__family_name", "pk")
    )


def roster_of(by: Actor, occurrence: Occurrence) -> list[Seat]:
    """The roster of one session. One statement."""
    return _ROSTER.rows(by, occurrence_id=occurrence.pk)


_ROSTER = Prepared(lambda by, *, occurrence_id: roster(by, [occurrence_id]))


Roster = Callable[[Actor, int], Callable[[], list[Seat]]]
"""Asks for the roster of the session with this number, and gives what waits for it. One statement."""


def ask_roster(by: Actor, occurrence_id: int) -> Callable[[], list[Seat]]:
    """As `roster_of`."""
    return _ROSTER.ahead(by, occurrence_id=occurrence_id)


def ask_named(by: Actor, occurrence_id: int) -> Callable[[], list[Seat]]:
    """The roster with nothing but whose seat it is: enough to read what a page sent."""
    return _NAMED.ahead(by, occurrence_id=occurrence_id)


_NAMED = Prepared(
    lambda by, *, occurrence_id: (
        roster(by, [occurrence_id])
        .select_related(None)
        .select_related("patient")
        .only("occurrence_id", "patient__code")
    )
)


def ask_timed(by: Actor, occurrence_id: int) -> Callable[[], list[Seat]]:
    """The roster with whose seat it is and what is recorded of it, as much as signing reads."""
    return _TIMED.ahead(by, occurrence_id=occurrence_id)


_TIMED = Prepared(
    lambda by, *, occurrence_id: (
        roster(by, [occurrence_id])
        .select_related(None)
        .select_related("patient", "attendance")
        .only(
            "occurrence_id",
            "patient__code",
            "patient__given_name",
            "patient__family_name",
            "patient__preferred_name",
            "attendance__seat_id",
            "attendance__outcome",
            "attendance__arrived_at",
            "attendance__left_at",
            "attendance__stepped_out",
            "attendance__mode",
        )
    )
)


def may_read_note(by: Actor, occurrence: Occurrence) -> bool:
    """By role, or because it is the own session."""
    own = by.staff_id is not None and by.staff_id in (occurrence.facilitator_id, occurrence.cofacilitator_id)
    return by.may(Permission.NOTE_READ, occurrence.site_id) or (
        own and by.may(Permission.NOTE_WRITE, occurrence.site_id)
    )


def note_of(by: Actor, occurrence: Occurrence) -> Note | None:
    """The note of a session with who wrote and saved it. One statement."""
    return ask_note(occurrence.pk)(by, occurrence)


def ask_note(occurrence_id: int) -> Callable[[Actor, Occurrence], Note | None]:
    """Sends the statement of `note_of`; what is given back shows the note to who may read it."""
    asked = _NOTE.ahead(occurrence_id=occurrence_id)

    def answer(by: Actor, occurrence: Occurrence) -> Note | None:
        found: list[Note] = asked() if may_read_note(by, occurrence) else []
        return found[0] if found else None

    return answer


_NOTE = Prepared(
    lambda *, occurrence_id: Note.objects.filter(occurrence_id=occurrence_id).select_related(
        "author", "cosigner", "saved_by"
    )
)


def parts_of(by: Actor, note: Note | None) -> dict[int, NotePart]:
    """Patient id -> own part, of the patients whom `by` may see. One statement."""
    if note is None or note.pk is None:
        return {}
    return {row.patient_id: row for row in _PARTS.rows(by, note_id=note.pk)}


_PARTS = Prepared(
    lambda by, *, note_id: NotePart.objects.filter(
        note_id=note_id, patient__in=patients_for(by, Permission.TIMETABLE_READ)
    ).select_related("objective")
)


def written_of(by: Actor, note: Note) -> dict[int, NotePart]:
    """Patient id -> what is written in the own part, without the objective's words. One statement."""
    return {row.patient_id: row for row in _WRITTEN.rows(by, note_id=note.pk)}


_WRITTEN = Prepared(
    lambda by, *, note_id: NotePart.objects.filter(
        note_id=note_id, patient__in=patients_for(by, Permission.TIMETABLE_READ)
    )
)


def readiness(
    by: Actor, at: datetime, occurrence: Occurrence, note: Note | None, seats: Collection[Any]
) -> SignDecision:
    """What `by` would be told on signing now, part by part. Three statements."""
    return decided(by, at, occurrence, drafted(occurrence, note, seats, parts_of(by, note)))


def drafted(
    occurrence: Occurrence,
    note: Note | None,
    seats: Collection[Any],
    parts: Mapping[int, Any],
    shared: str = "",
) -> NoteDraft:
    """The note as the rules read it, with everybody's last parts. `shared`: offered before there is a note.

    One statement, two in a group that takes guests.
    """
    last = last_parts(occurrence, load_note_rule().last_parts)
    begun = note or Note(topic=occurrence.topic, shared=shared)
    return draft_of(occurrence, begun, seats, parts, last, guest_names(occurrence))


def decided(by: Actor, at: datetime, occurrence: Occurrence, draft: NoteDraft) -> SignDecision:
    """What `by` would be told on signing that draft now. One statement."""
    zone = ZoneInfo(occurrence.site.zone)
    held = [
        people_rules.Credential(kind=c.kind, issued_on=c.issued_on, expires_on=c.expires_on)
        for c in Credential.objects.filter(staff_id=by.staff_id or 0)
    ]
    return may_sign(draft, held, at, at.astimezone(zone).date(), rule=rule_of(occurrence.site))


def note_for(by: Actor, note_id: int) -> Note:
    """One note by its id; `Note.DoesNotExist` for one of another site and a missing one alike."""
    found: Note = (
        Note.objects.filter(occurrence__site_id__in=by.sites_with(Permission.NOTE_READ))
        .select_related("occurrence__site", "author", "cosigner")
        .get(pk=note_id)
    )
    return found


def to_write(by: Actor, at: datetime) -> Any:
    """Sessions that `by` led, that are over and whose note is not signed, oldest first. One statement."""
    return (
        _unsigned()
        .filter(_led_by(by), ends__lte=at)
        .select_related("site", "group", "note", "facilitator")
        .annotate(people=Count("seats", filter=_HELD), recorded=Count("seats__attendance", filter=_HELD))
        .filter(people__gt=0)
        .order_by("starts", "pk")
    )


def ask_to_write(by: Actor, at: datetime, most: int) -> Callable[[], list[ToWrite]]:
    """The first of `to_write` with nothing but what a list shows. Sent ahead (`clinic.ahead`); one statement."""
    asked = _FIRST_TO_WRITE.ahead(by, most, at=at)
    return lambda: [ToWrite(*row) for row in asked()]


def _first_to_write(by: Actor, most: int, *, at: datetime) -> Any:
    held = Seat.objects.filter(occurrence=OuterRef("pk"), released_at__isnull=True).order_by()
    # Looked up for each session of `by`: with a join the database reads every note there ever was.
    signed = Note.objects.filter(occurrence=OuterRef("pk"), signed_at__isnull=False)
    people = Subquery(
        held.values("occurrence").annotate(n=Count("pk")).values("n"), output_field=IntegerField()
    )
    return (
        Occurrence.objects.filter(
            _led_by(by), Exists(held), ~Exists(signed), ends__lte=at, cancelled_at__isnull=True
        )
        .order_by("starts", "pk")
        .values_list("pk", "title", "starts", "ends", people)[:most]
    )


_FIRST_TO_WRITE = Prepared(_first_to_write)


def late_of_others(by: Actor, at: datetime) -> Any:
    """For who leads the program: sessions of others whose note is late by their site's rule, oldest first. One statement."""
    if not by.may(Permission.TIMETABLE_MANAGE):
        return Occurrence.objects.none()
    return (
        _unsigned()
        .filter(site_id__in=by.sites_with(Permission.TIMETABLE_MANAGE), ends__lte=Value(at) - _DUE)
        .exclude(_led_by(by))
        .select_related("site", "facilitator", "note")
        .annotate(people=Count("seats", filter=_HELD))
        .filter(people__gt=0)
        .order_by("starts", "pk")
    )


_DUE = ExpressionWrapper(
    Coalesce(F("site__note_due_hours"), Value(load_note_rule().due_hours)) * Value(timedelta(hours=1)),
    output_field=DurationField(),
)


def to_cosign(by: Actor) -> Any:
    """Signed notes that wait for the co-signature of `by`, oldest first. One statement."""
    return (
        Note.objects.filter(cosigner_id=by.staff_id or 0, cosigned_at__isnull=True, signed_at__isnull=False)
        .select_related("occurrence__site", "author")
        .annotate(people=Count("parts"))
        .order_by("signed_at", "pk")
    )


def ask_to_cosign(by: Actor, most: int) -> Callable[[], list[Note]]:
    """The first of `to_cosign`. Sent ahead (`clinic.ahead`); one statement."""
    asked: Callable[[], list[Note]] = _FIRST_TO_COSIGN.ahead(by, most)
    return asked


_FIRST_TO_COSIGN = Prepared(lambda by, most: to_cosign(by)[:most])


def waiting(by: Actor) -> Any:
    """Sessions whose note `by` has to sign or co-sign: the count beside 'Notes to sign'."""
    mine = _led_by(by) & Q(ends__lte=Now()) & (Q(note__isnull=True) | Q(note__signed_at__isnull=True))
    theirs = Q(
        note__cosigner_id=by.staff_id or 0, note__cosigned_at__isnull=True, note__signed_at__isnull=False
    )
    held = Exists(Seat.objects.filter(occurrence=OuterRef("pk"), released_at__isnull=True))
    # Two short lists joined: an OR over both tables would read every session and note there ever was.
    mine_or_theirs = (
        Occurrence.objects.filter(mine, held)
        .values("pk")
        .union(Occurrence.objects.filter(theirs).values("pk"))
    )
    return Occurrence.objects.filter(pk__in=mine_or_theirs, cancelled_at__isnull=True)


def notes_of(by: Actor, patient: Patient, *, before: tuple[datetime, int] | None = None) -> Any:
    """The patient's signed notes, newest first: the shared part and the own part only. Three statements.

    `before` is (start of a session, part id): notes older than that one.
    """
    rows = _parts_for(by, patient)
    if before is not None:
        starts, pk = before
        rows = rows.filter(
            Q(note__occurrence__starts__lt=starts) | Q(note__occurrence__starts=starts, pk__lt=pk)
        )
    return rows.order_by("-note__occurrence__starts", "-pk")


def note_part_for(by: Actor, patient: Patient, note_id: int) -> NotePart:
    """This patient's part of a signed note; `NotePart.DoesNotExist` for any other. Three statements."""
    found: NotePart = _parts_for(by, patient).get(note_id=note_id)
    return found


def addenda_of(by: Actor, note: Note) -> Any:
    """Everything added to a note, for who reads the note as a whole. One statement."""
    if not may_read_note(by, note.occurrence):
        return Addendum.objects.none()
    return Addendum.objects.filter(note=note).select_related("patient").order_by("at", "pk")


def _parts_for(by: Actor, patient: Patient) -> QuerySet[NotePart]:
    # An addendum to another person's part of the same note is never loaded.
    own_addenda = Prefetch(
        "note__addenda",
        Addendum.objects.filter(Q(patient__isnull=True) | Q(patient_id=patient.pk)).order_by("at", "pk"),
    )
    came = Attendance.objects.filter(
        patient=OuterRef("patient"), occurrence=OuterRef("note__occurrence")
    ).order_by()
    return (
        NotePart.objects.filter(
            patient__in=patients_for(by, Permission.NOTE_READ),
            patient_id=patient.pk,
            note__signed_at__isnull=False,
        )
        .select_related("note__occurrence__room", "note__author", "note__cosigner", "objective", "patient")
        .prefetch_related(Prefetch("note__signatures", NoteSignature.objects.order_by("at")), own_addenda)
        .annotate(
            outcome=Subquery(came.values("outcome")),
            arrived_at=Subquery(came.values("arrived_at")),
            left_at=Subquery(came.values("left_at")),
            mode=Subquery(came.values("mode")),
            absence=Subquery(came.values("reason")),
        )
    )


def _unsigned() -> QuerySet[Occurrence]:
    return Occurrence.objects.filter(
        Q(note__isnull=True) | Q(note__signed_at__isnull=True), cancelled_at__isnull=True
    )


def _led_by(by: Actor) -> Q:
    return Q(facilitator_id=by.staff_id or 0) | Q(cofacilitator_id=by.staff_id or 0)
