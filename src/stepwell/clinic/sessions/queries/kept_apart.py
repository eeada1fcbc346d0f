"""Reading notes kept apart: by their author and nobody else, whatever the role.

No other module reads these tables: they are in no list, search, print, export or hand-off.
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.sessions.models import KeptApartNote, KeptApartRevision


def notes_kept_apart(by: Actor, patient: Patient) -> list[KeptApartNote]:
    """The author's own notes about a patient, newest first, each with the newest `text` and `revised_at`. One statement."""
    newest = KeptApartRevision.objects.filter(note=OuterRef("pk")).order_by("-number")
    rows = (
        _own(by)
        .filter(patient=patient)
        .annotate(text=Subquery(newest.values("text")[:1]), revised_at=Subquery(newest.values("at")[:1]))
    )
    return list(rows.select_related("occurrence").order_by("-begun_at", "-pk"))


def note_kept_apart(by: Actor, patient: Patient, number: int) -> KeptApartNote:
    """One of the author's own with its revisions. `KeptApartNote.DoesNotExist` for anybody else's and a missing one."""
    found: KeptApartNote = (
        _own(by)
        .filter(patient=patient)
        .select_related("occurrence", "patient")
        .prefetch_related("revisions")
        .get(pk=number)
    )
    return found


def _own(by: Actor) -> Any:
    if by.staff_id is None or not by.is_staff:
        return KeptApartNote.objects.none()
    seen = patients_for(by, Permission.NOTE_KEEP_APART)
    return KeptApartNote.objects.filter(author_id=by.staff_id, patient__in=seen)
