"""The last weeks of one person, as the signs for more or less care ask for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.drug_tests.models import TestOrder
from stepwell.clinic.drug_tests.rules import FindingState
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.recovery.models import CheckIn
from stepwell.clinic.sessions.models import Attendance

_DAYS = json.loads(files("stepwell.clinic.chart").joinpath("data/lately.json").read_text("utf-8"))
_WINDOW = timedelta(days=_DAYS["days_looked_back"])
_ATTENDANCE = timedelta(days=_DAYS["attendance_days"])
_MISSES_AND_TESTS = timedelta(days=_DAYS["misses_and_tests_days"])
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Lately:
    """None is unknown: nothing on file, or not for the eyes of who asks.

    `attendance`: share of the sessions of four weeks that were attended. `missed_without_contact`: sessions
    missed without excuse in 14 days, since the person was last here or checked in. `positive_or_refused`:
    tests of 14 days with an unexpected positive or no specimen. `craving_rising`: this week's mean above last
    week's.
    """

    attendance: float | None = None
    missed_without_contact: int | None = None
    days_without_use: int | None = None
    positive_or_refused: int | None = None
    craving_rising: bool | None = None


def lately_of(by: Actor, patient: Patient, *, at: datetime) -> Lately:
    """Three reads, whatever the length of the chart; without those that the role may not see."""
    seats = _attended(by, patient, at)
    check_ins = list(
        CheckIn.objects.filter(
            patient__in=patients_for(by, P.RECOVERY_READ), patient=patient, at__gt=at - _WINDOW, at__lte=at
        ).order_by("at")
    )
    tests = _tests(by, patient, at)
    contact = max(
        [when for when, outcome in seats if outcome == "present"] + [c.at for c in check_ins], default=None
    )
    missed = [
        w
        for w, o in seats
        if o == "unexcused" and w > at - _MISSES_AND_TESTS and (contact is None or w > contact)
    ]
    uses = [c.at for c in check_ins if c.used] + [when for when, what in tests if what == "positive"]
    known = any(c.used is not None for c in check_ins) or any(what != "refused" for _, what in tests)
    return Lately(
        attendance=sum(o == "present" for _, o in seats) / len(seats) if seats else None,
        missed_without_contact=len(missed) if seats else None,
        days_without_use=(at - max(uses)).days if uses else _WINDOW.days if known else None,
        positive_or_refused=sum(what != "clean" and when > at - _MISSES_AND_TESTS for when, what in tests)
        if tests
        else None,
        craving_rising=_rising(check_ins, at),
    )


def _attended(by: Actor, patient: Patient, at: datetime) -> list[tuple[datetime, str]]:
    rows = Attendance.objects.filter(
        patient__in=patients_for(by, P.HOURS_READ),
        patient=patient,
        occurrence__starts__gt=at - _ATTENDANCE,
        occurrence__starts__lte=at,
    )
    return list(rows.values_list("occurrence__starts", "outcome"))


def _tests(by: Actor, patient: Patient, at: datetime) -> list[tuple[datetime, str]]:
    """When a specimen was due to be given, and 'refused', 'positive' or 'clean'; the newest result speaks."""
    rows = (
        TestOrder.objects.filter(
            patient__in=patients_for(by, P.DRUG_TEST_READ),
            patient=patient,
            collection__at__gt=at - _WINDOW,
            collection__at__lte=at,
        )
        .order_by("pk", "results__at")
        .values_list("pk", "collection__at", "collection__refused", "results__reading")
    )
    found: dict[int, tuple[datetime, str]] = {}
    for number, when, refused, reading in rows:
        if refused:
            found[number] = (when, "refused")
        elif reading is not None:
            states = {finding["state"] for finding in reading.get("findings", ())}
            positive = FindingState.UNEXPECTED_POSITIVE.value in states
            found[number] = (when, "positive" if positive else "clean")
    return list(found.values())


def _rising(check_ins: list[CheckIn], at: datetime) -> bool | None:
    this = [c.craving for c in check_ins if c.craving is not None and c.at > at - _WEEK]
    last = [c.craving for c in check_ins if c.craving is not None and at - 2 * _WEEK < c.at <= at - _WEEK]
    return sum(this) / len(this) > sum(last) / len(last) if this and last else None
