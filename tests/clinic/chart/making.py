"""Rows of many steps for one person, so that a chart has something in it."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.recovery.models import CheckIn
from stepwell.clinic.sessions.models import Attendance, Note, NotePart
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.making import NOW

_numbers = itertools.count(1)


def admit(patient: Patient, staff: Staff, *, at: datetime, level: str = "2.1", minutes: int = 540) -> Episode:
    """An open episode with its first placement and its order of hours."""
    episode = Episode.objects.create(patient=patient, site=patient.site, admitted_at=at, admitted_by=staff)
    Placement.objects.create(
        episode=episode, number=1, kind="admit", level=level, because="Fits.", starts_at=at, at=at, by=staff
    )
    TreatmentOrder.objects.create(
        episode=episode,
        minutes_per_week=minutes,
        days_least=3,
        days_most=5,
        starts_on=at.date(),
        at=at,
        by=staff,
    )
    return episode


def seat_this_week(
    patient: Patient,
    staff: Staff,
    *,
    starts: datetime,
    minutes: int,
    attended: int | None = None,
    **facts: Any,
) -> Seat:
    """A seat in an individual session by video; `attended` minutes if it is over."""
    session = Occurrence.objects.create(
        **{
            "site": patient.site,
            "local_date": starts.astimezone(ZoneInfo(patient.site.zone)).date(),
            "kind": "individual",
            "treatment": "cbt",
            "title": "Individual session",
            "starts": starts,
            "ends": starts + timedelta(minutes=minutes),
            "facilitator": staff,
            "mode": "video",
            "capacity": 1,
            **facts,
        }
    )
    seat = Seat.objects.create(
        occurrence=session, patient=patient, number=1, capacity=1, mode="video", at=NOW
    )
    if attended is not None:
        Attendance.objects.create(
            seat=seat, occurrence=session, patient=patient, outcome="present", arrived_at=starts,
            left_at=starts + timedelta(minutes=attended), minutes=attended, recorded_at=NOW,
        )  # fmt: skip
    return seat


def make_events(patient: Patient, staff: Staff, count: int) -> None:
    """So many events of four kinds in turn, an hour apart, some at the very same instant."""
    for number in range(count):
        at = NOW - timedelta(hours=1 + number - number % 2)
        kind = number % 4
        if kind == 0:
            CheckIn.objects.create(patient=patient, mood=5, at=at, once_key=f"{patient.pk}-{next(_numbers)}")
        elif kind == 1:
            Screening.objects.create(
                patient=patient, instrument="phq-9", version="1", answers={}, complete=True, total=14,
                band="Moderate", taken_at=at, recorded_at=at, recorded_by=staff,
            )  # fmt: skip
        elif kind == 2:
            Alert.objects.create(
                patient=patient, kind="self_harm", severity="urgent", sentence="A thought of self-harm was marked.",
                subject="Screening 1", raised_at=at,
            )  # fmt: skip
        else:
            seat = seat_this_week(patient, staff, starts=at - timedelta(days=40), minutes=50, attended=50)
            note = Note.objects.create(
                occurrence=seat.occurrence,
                shared="Worked on triggers.",
                author=staff,
                begun_at=at,
                saved_at=at,
            )
            NotePart.objects.create(note=note, patient=patient, minutes=50, text="Took part.")
            Note.objects.filter(pk=note.pk).update(signed_at=at, content_hash="x" * 64)


TODAY = date(2026, 3, 18)
