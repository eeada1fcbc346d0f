"""Signing, co-signing and what may be added afterwards. Nothing signed ever changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.ahead import unanswered
from stepwell.clinic.people import rules as people_rules
from stepwell.clinic.people.models import Credential, Patient
from stepwell.clinic.prepared import Prepared, planned_once
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import Addendum, AddendumKind, Note, NotePart, NoteSignature
from stepwell.clinic.sessions.queries.joining import guest_names
from stepwell.clinic.sessions.queries.last import last_parts
from stepwell.clinic.sessions.rules import (
    content_hash,
    may_cosign,
    may_sign,
    named_in,
    other_names_of,
    rule_of,
)
from stepwell.clinic.sessions.rules.sealing import draft_of, sealed
from stepwell.clinic.timetable.models import Occurrence, Seat

# Only what signing reads: a patient's row is wide, and twelve of them are read while others wait for the lock.
_OF_A_SEAT = (
    "occurrence_id",
    "patient__given_name",
    "patient__family_name",
    "patient__preferred_name",
    "attendance__seat_id",
    "attendance__outcome",
    "attendance__arrived_at",
    "attendance__left_at",
    "attendance__stepped_out",
    "attendance__minutes",
    "attendance__mode",
    "attendance__reason",
)
_OF_A_SESSION = (
    "kind",
    "treatment",
    "title",
    "starts",
    "ends",
    "facilitator_id",
    "cofacilitator_id",
    "cancelled_at",
    "site__zone",
    "site__note_due_hours",
    "site__note_alike_percent",
    *(f"note__{field.attname}" for field in Note._meta.concrete_fields),
)

# The session before its note, as whoever saves a draft locks them. A locked row is read as it is after the wait;
# of what is only joined this would not hold, so nothing else that may change meanwhile is in this statement.
_LOCKED = Prepared(
    lambda *, note_id: (
        Occurrence.objects.select_for_update(of=["self", "note"], no_key=True)
        .select_related("site", "note")
        .only(*_OF_A_SESSION)
        .filter(note__pk=note_id)
    )
)
_SEATS_HELD = Prepared(
    lambda *, occurrence_id: (
        Seat.objects.filter(occurrence_id=occurrence_id, released_at__isnull=True)
        .select_related("patient", "attendance")
        .only(*_OF_A_SEAT)
        .order_by("pk")
    )
)
_PARTS = Prepared(lambda *, note_id: NotePart.objects.filter(note_id=note_id))
_CREDENTIALS = Prepared(
    lambda *, staff_id: Credential.objects.filter(staff_id=staff_id).order_by("issued_on", "pk")
)


@transaction.atomic
def sign_note(*, by: Actor, at: datetime, note: Note, revision: int) -> Note:
    """The author's signature under the note as it stood at `revision`: parts, minutes and attendance are final.

    One transaction of nine statements, whatever the number of people. Of two who sign at once, or a double
    click, one signs and the other is refused with a sentence. Raises `Refused` naming every missing part.
    """
    occurrence: Any = _LOCKED.one(Note.DoesNotExist, note_id=note.pk)
    locked: Any = occurrence.note
    staff_id = policies.may_write_note(by, occurrence)
    zone = ZoneInfo(occurrence.site.zone)
    if locked.signed_at is not None:
        raise Refused(f"This note was already signed, at {clock(locked.signed_at, zone)}. It is signed once.")
    if occurrence.cancelled_at is not None:
        raise Refused("This session was cancelled; there is nothing to sign.")
    if locked.revision != revision:
        raise Refused(
            "Somebody saved this note after you opened it. Read what changed and sign again; nothing was signed."
        )
    seats = _SEATS_HELD.rows(occurrence_id=occurrence.pk)
    parts = {part.patient_id: part for part in _PARTS.rows(note_id=locked.pk)}
    gone = parts.keys() - {seat.patient_id for seat in seats}
    held = _CREDENTIALS.rows(staff_id=staff_id)
    on = at.astimezone(zone).date()
    rule = rule_of(occurrence.site)
    last = last_parts(occurrence, rule.last_parts)
    draft = draft_of(occurrence, locked, seats, parts, last, guest_names(occurrence))
    decision = may_sign(draft, _as_rules(held), at, on, rule=rule)
    if not decision.allowed:
        mends = " ".join(dict.fromkeys(missing.mend for missing in decision.missing))
        raise Refused(f"This note cannot be signed yet. {mends}")
    used = _credential_for(held, draft.kind, on)
    if decision.needs_cosignature and used.supervisor_id is None:
        raise Refused(
            f"Notes under a {used.kind} credential need a co-signature, and no supervisor is on file. "
            "Ask the director to name one; the draft is saved."
        )
    if gone:
        _drop(by, at, locked, sorted(gone))
    _part_of_each(locked, seats, parts)
    locked.author_id = staff_id
    locked.signed_at, locked.late = at, decision.late
    locked.cosigner_id = used.supervisor_id if decision.needs_cosignature else None
    with unanswered():
        _freeze(locked, at)
        locked.content_hash = content_hash(sealed(occurrence, locked, seats, parts))
        _seal(locked, by, used.kind)
        announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
        trail.record_each(
            by=by,
            at=at,
            action="sessions.sign_note",
            of=[
                (seat.patient_id, f"Note {locked.pk}", {"late": locked.late, "revision": locked.revision})
                for seat in seats
            ],
        )
    signed: Note = locked
    return signed


@transaction.atomic
def cosign_note(*, by: Actor, at: datetime, note: Note) -> Note:
    """The supervisor's signature under the very text that the author signed. Raises `Refused` the second time."""
    locked = (
        Note.objects.select_for_update(of=["self"])
        .select_related("occurrence__site", "cosigner")
        .get(pk=note.pk)
    )
    staff_id = policies.may_cosign_note(by, locked)
    zone = ZoneInfo(locked.occurrence.site.zone)
    if locked.cosigned_at is not None:
        raise Refused(f"This note was already co-signed, at {clock(locked.cosigned_at, zone)}.")
    held = list(Credential.objects.filter(staff_id=staff_id).order_by("issued_on", "pk"))
    on = at.astimezone(zone).date()
    allowed, sentence = may_cosign(
        _as_rules(held), on, signed=locked.signed_at is not None, same_person=locked.author_id == staff_id
    )
    if not allowed:
        raise Refused(sentence)
    locked.cosigned_at = at
    locked.save(update_fields=["cosigned_at"])
    NoteSignature.objects.create(
        note=locked,
        role=NoteSignature.Role.COSIGNER,
        staff_id=staff_id,
        name=by.name,
        credential=by.credential,
        content_hash=locked.content_hash,
        at=at,
    )
    people = NotePart.objects.filter(note=locked).order_by("patient_id").values_list("patient_id", flat=True)
    trail.record_each(
        by=by,
        at=at,
        action="sessions.cosign_note",
        of=[(patient_id, f"Note {locked.pk}", {}) for patient_id in people],
    )
    return locked


@transaction.atomic
def add_addendum(
    *, by: Actor, at: datetime, note: Note, kind: str, text: str, reason: str, patient: Patient | None = None
) -> Addendum:
    """Something added to a signed note: to one person's part, or to the shared one when `patient` is None.

    An addendum may come from everybody who writes notes; a correction or “entered in error” from who signed.
    """
    locked = (
        Note.objects.select_for_update(of=["self"]).select_related("occurrence", "author").get(pk=note.pk)
    )
    staff_id = policies.may_add(by, locked, kind)
    if locked.signed_at is None:
        raise Refused("This note is not signed yet; change the draft itself.")
    if kind not in AddendumKind.values:
        raise Refused("Choose addendum, correction or entered in error.")
    if not text.strip() or not reason.strip():
        raise Refused("Write what is added and why; nothing was saved.")
    there = list(NotePart.objects.filter(note=locked).select_related("patient").order_by("patient_id"))
    people = [part.patient_id for part in there]
    if patient is not None and patient.pk not in people:
        raise Refused(f"{patient.board_name} has no part in this note.")
    _names_nobody_else(f"{text} {reason}", patient, [part.patient for part in there])
    row = Addendum.objects.create(
        note=locked,
        patient=patient,
        kind=kind,
        text=text.strip(),
        reason=reason.strip()[:200],
        by_id=staff_id,
        name=by.name,
        credential=by.credential,
        at=at,
    )
    trail.record_each(
        by=by,
        at=at,
        action="sessions.addendum",
        of=[
            (one, f"Addendum {row.pk}", {"note": locked.pk, "kind": kind})
            for one in (people if patient is None else [patient.pk])
        ],
    )
    return row


def _names_nobody_else(text: str, patient: Patient | None, people: Iterable[Patient]) -> None:
    """What is added is bound to the rule of the note itself: no chart holds another patient's name."""

    def names(of: Patient) -> list[str]:
        return [f"{of.given_name} {of.family_name}", *other_names_of(of)]

    own = set() if patient is None else {name.casefold() for name in names(patient)}
    for other in people:
        if other != patient and named_in(text, [name for name in names(other) if name.casefold() not in own]):
            raise Refused(
                f"This names {other.board_name}, who was in the same session. Take the name out; nothing was saved."
            )


def _drop(by: Actor, at: datetime, note: Note, gone: Sequence[int]) -> None:
    """Whoever gave the seat up after something was drafted was not in the session, and gets nothing of it into the chart."""
    NotePart.objects.filter(note=note, patient_id__in=gone).delete()
    of: list[tuple[int | None, str, dict[str, Any]]] = [
        (patient_id, f"Note {note.pk}", {}) for patient_id in gone
    ]
    trail.record_each(by=by, at=at, action="sessions.drop_part", of=of)


def _part_of_each(note: Note, seats: Sequence[Seat], parts: dict[int, NotePart]) -> None:
    """Also who was absent has a part in the signed note: an empty one, written now."""
    absent = [
        NotePart(note=note, patient_id=seat.patient_id) for seat in seats if seat.patient_id not in parts
    ]
    if absent:
        NotePart.objects.bulk_create(absent)
        parts.update({part.patient_id: part for part in absent})


def _freeze(note: Note, at: datetime) -> None:
    """Attendance is locked and its minutes go into the parts: one statement for any number of people."""
    with planned_once() as cursor:
        cursor.execute(_FREEZE, [at, note.occurrence_id, note.occurrence_id, note.pk])


_FREEZE = """
WITH locked AS (UPDATE clinic_attendance SET locked_at = %s WHERE occurrence_id = %s)
UPDATE clinic_notepart SET minutes = coalesce(came.minutes, 0)
FROM clinic_notepart part LEFT JOIN clinic_attendance came
    ON came.patient_id = part.patient_id AND came.occurrence_id = %s
WHERE clinic_notepart.id = part.id AND part.note_id = %s
"""


def _seal(note: Note, by: Actor, credential: str) -> None:
    """The signed note and the signature under it: one statement."""
    with planned_once() as cursor:
        cursor.execute(
            _SEAL,
            [
                note.author_id, note.signed_at, note.late, note.cosigner_id, note.content_hash, note.pk,
                NoteSignature.Role.AUTHOR.value, by.name, credential,
            ],
        )  # fmt: skip


_SEAL = """
WITH signed AS (
    UPDATE clinic_note SET author_id = %s, signed_at = %s, late = %s, cosigner_id = %s, content_hash = %s
    WHERE id = %s RETURNING id, author_id, content_hash, signed_at
)
INSERT INTO clinic_notesignature (note_id, role, staff_id, name, credential, content_hash, at)
SELECT id, %s, author_id, %s, %s, content_hash, signed_at FROM signed
"""


def _as_rules(held: Iterable[Credential]) -> list[Any]:
    return [
        people_rules.Credential(
            kind=c.kind, issued_on=c.issued_on, expires_on=c.expires_on, number=c.number, state=c.state
        )
        for c in held
    ]


def _credential_for(held: Sequence[Credential], kind: people_rules.SessionKind, on: Any) -> Credential:
    """The credential under which it is signed: one that may sign alone before one that may not."""
    known = people_rules.load_credential_kinds()
    fitting = [
        c
        for c, rule in zip(held, _as_rules(held), strict=True)
        if people_rules.may_lead([rule], kind, on).valid
    ]
    return sorted(fitting, key=lambda c: (not known[c.kind].may_sign_alone, c.supervisor_id is None))[0]
