"""Reading the trail: who saw this chart, what somebody did."""

from __future__ import annotations

from django.db.models import QuerySet

from stepwell.audit.models import Entry


def entries_of_patient(patient_id: int, *, before_seq: int | None = None, limit: int = 100) -> list[Entry]:
    """Newest first; `before_seq` continues an earlier page."""
    rows: QuerySet[Entry] = Entry.objects.filter(patient_id=patient_id)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    return list(rows.order_by("-seq")[:limit])


def latest_entries(*, limit: int = 100) -> list[Entry]:
    return list(Entry.objects.order_by("-seq")[:limit])
