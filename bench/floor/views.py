"""The views that a small Django would have for the same things."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bench.floor.models import AuditRow, NotePart, Patient, Seat, SmallNote


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def five_queries(request: HttpRequest, code: str) -> HttpResponse:
    """Session, user, patient, this week's sessions, the latest fifty notes: five queries and a template."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    patient = Patient.objects.select_related("site").get(code=code)
    seats = list(
        Seat.objects.filter(patient=patient, occurrence__starts__gte=timezone.now() - timedelta(days=7))
        .select_related("occurrence")
        .order_by("occurrence__starts")[:30]
    )
    parts = list(
        NotePart.objects.filter(patient=patient).select_related("note__occurrence").order_by("-note_id")[:50]
    )
    return render(request, "five.html", {"patient": patient, "seats": seats, "parts": parts})


def twelve_notes(request: HttpRequest, occurrence_id: int) -> HttpResponse:
    """Twelve notes and twelve audit rows in one transaction: a save for each row, as a tutorial would write it.

    Session, user, who has a seat, and nothing that looks at what is written: no lock, no rule, no state before.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    now = timezone.now()
    with transaction.atomic():
        for patient in Patient.objects.filter(seat__occurrence_id=occurrence_id):
            SmallNote.objects.create(
                occurrence_id=occurrence_id,
                patient=patient,
                author=request.user,
                text=request.POST[f"{patient.code}-text"],
                signed_at=now,
            )
            AuditRow.objects.create(at=now, who=request.user, what="sign", whose=patient)
    return redirect("/")


def one_row(request: HttpRequest, seat_id: int) -> HttpResponse:
    """One row and one audit row."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    now = timezone.now()
    with transaction.atomic():
        seat = Seat.objects.get(pk=seat_id)
        SmallNote.objects.create(
            occurrence_id=seat.occurrence_id,
            patient_id=seat.patient_id,
            author=request.user,
            text="",
            signed_at=now,
        )
        AuditRow.objects.create(at=now, who=request.user, what="check_in", whose_id=seat.patient_id)
    return redirect("/")
