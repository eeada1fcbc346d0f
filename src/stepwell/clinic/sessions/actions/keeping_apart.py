"""Notes that their author keeps apart from the record; a change is a new revision."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import KeptApartKind, KeptApartNote, KeptApartRevision
from stepwell.clinic.timetable.models import Occurrence


@transaction.atomic
def keep_apart_note(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    text: str,
    occurrence: Occurrence | None = None,
) -> KeptApartNote:
    """A new note kept apart. The trail says that its author wrote one, not of whom: it stands in nobody's chart.

    Raises `Refused` for a blank text, an unknown kind and a session the patient was not in.
    """
    staff_id = policies.may_keep_apart(by, patient)
    if kind not in KeptApartKind.values:
        raise Refused("Choose which kind of note this is; nothing was saved.")
    if not text.strip():
        raise Refused("Write something; nothing was saved.")
    if occurrence is not None and not occurrence.seats.filter(patient=patient).exists():
        raise Refused("The patient had no seat in this session; nothing was saved.")
    note = KeptApartNote.objects.create(
        patient=patient, author_id=staff_id, kind=kind, occurrence=occurrence, begun_at=at
    )
    KeptApartRevision.objects.create(note=note, number=1, text=text.strip(), at=at)
    trail.record(
        by=by, at=at, action="sessions.keep_apart", subject=f"KeptApartNote {note.pk}", detail={"revision": 1}
    )
    return note


@transaction.atomic
def revise_kept_apart(
    *, by: Actor, at: datetime, note: KeptApartNote, text: str, revision: int
) -> KeptApartRevision:
    """The author writes it anew over `revision`; earlier ones stay. The same text makes no new revision.

    Raises `Refused` for a blank text and when another of the author's windows has revised it since.
    """
    policies.may_revise_kept_apart(by, note)
    KeptApartNote.objects.select_for_update().get(pk=note.pk)
    last = KeptApartRevision.objects.filter(note=note).order_by("-number")[0]
    if not text.strip():
        raise Refused("Write something; nothing was saved.")
    if last.text == text.strip():
        return last
    if last.number != revision:
        raise Refused("You changed this note in another window meanwhile. Open it there, and save again.")
    row = KeptApartRevision.objects.create(note=note, number=last.number + 1, text=text.strip(), at=at)
    trail.record(
        by=by,
        at=at,
        action="sessions.revise_kept_apart",
        subject=f"KeptApartNote {note.pk}",
        detail={"revision": row.number},
    )
    return row
