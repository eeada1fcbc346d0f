"""What somebody told when asking for help, for the later steps that take it up so that nobody asks twice."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from stepwell.clinic.inquiry.models import Inquiry, Packet
from stepwell.clinic.people.models import Patient


def inquiries_of(patient: Patient) -> Any:
    """The inquiries that led to this record, newest first, each with its accepted papers as `papers_told`.

    The caller has asked whether the record may be seen. Two statements.
    """
    told = Packet.objects.filter(accepted_at__isnull=False).order_by("-accepted_at")
    return (
        Inquiry.objects.filter(patient=patient)
        .prefetch_related(Prefetch("packets", told, to_attr="papers_told"))
        .order_by("-received_at", "-pk")
    )
