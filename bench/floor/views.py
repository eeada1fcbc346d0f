"""The views that a small Django would have for the same things."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bench.floor.models import NotePart, Patient, Seat


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


@csrf_exempt
def twelve_notes(request: HttpRequest, occurrence_id: int) -> HttpResponse:
    """Twelve notes and twelve audit rows in one transaction, row by row, as a small Django would write them."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(12):
            cursor.execute(
                "INSERT INTO bench_note (occurrence_id, patient_no, text, signed_at) VALUES (%s, %s, %s, now())",
                [occurrence_id, number, "Took part, practiced the skill with a partner."],
            )
            cursor.execute(
                "INSERT INTO bench_audit (at, who, what, whose) VALUES (now(), %s, 'sign', %s)",
                [request.user.pk, number],
            )
    return HttpResponse(status=302, headers={"Location": "/"})


@csrf_exempt
def one_row(request: HttpRequest, seat_id: int) -> HttpResponse:
    """One row and one audit row."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_note (occurrence_id, patient_no, text, signed_at) VALUES (%s, 0, '', now())",
            [seat_id],
        )
        cursor.execute(
            "INSERT INTO bench_audit (at, who, what, whose) VALUES (now(), %s, 'check_in', %s)",
            [request.user.pk, seat_id],
        )
    return HttpResponse(status=302, headers={"Location": "/"})
