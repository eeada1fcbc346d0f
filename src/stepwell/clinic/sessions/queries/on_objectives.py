"""Signed parts of notes that name an objective of the plan, through all versions that the objective goes on in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.sessions.models import Addendum, NotePart


def parts_on_objectives(by: Actor, patient: Patient, lines: Collection[int]) -> Any:
    """The patient's own signed parts on these lines (`plan.queries.line_of`), each with its `.line`, for who reads notes.

    A note entered in error is none.
    """
    wrong = Addendum.objects.filter(
        Q(patient=patient) | Q(patient__isnull=True),
        note=OuterRef("note"),
        kind=Addendum.Kind.IN_ERROR,
    )
    return (
        NotePart.objects.filter(
            ~Exists(wrong),
            patient=patient,
            patient__in=patients_for(by, Permission.NOTE_READ),
            note__signed_at__isnull=False,
            objective__isnull=False,
        )
        .annotate(line=Coalesce("objective__first_id", "objective_id"))
        .filter(line__in=lines)
        .select_related("note__occurrence", "note__author")
    )
