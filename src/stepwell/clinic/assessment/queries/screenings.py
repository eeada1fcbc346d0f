"""Filled questionnaires, newest first, by instrument, and what is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, Exists, F, Max, OuterRef, Q, Value, When, Window
from django.db.models.functions import RowNumber

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for

SHOWN = 12
"""How many fillings of an instrument a card draws."""


@dataclass(frozen=True)
class InstrumentHistory:
    """One instrument of one patient. `fillings`: oldest first, those entered in error left out."""

    instrument: rules.Instrument
    fillings: tuple[Screening, ...]

    @property
    def complete(self) -> tuple[Screening, ...]:
        """The fillings that could be scored."""
        return tuple(s for s in self.fillings if s.complete)

    @property
    def latest(self) -> Screening:
        """The newest complete filling, or the newest of all when none is complete."""
        return (self.complete or self.fillings)[-1]

    @property
    def changes(self) -> tuple[rules.Change, ...]:
        """What changed between the last two complete fillings; nothing when there is only one."""
        if len(self.complete) < 2:
            return ()
        before, after = self.complete[-2:]
        return rules.change(score_of(before), score_of(after), self.instrument)

    @property
    def newer_incomplete(self) -> Screening | None:
        """A filling begun after the newest complete one and not finished."""
        last = self.fillings[-1]
        return last if not last.complete and self.complete else None


def read_permission(by: Actor) -> Permission:
    """A patient reads their own answers; staff need the permission."""
    return Permission.ASSESSMENT_READ if by.is_staff else Permission.OWN_RECORD


def screenings_of(by: Actor, patient: Patient | int) -> Any:
    """Every filling of every instrument, newest first, those entered in error and those corrected since too.

    `corrected`: whether a newer row supersedes it.
    """
    return (
        Screening.objects.filter(patient__in=patients_for(by, read_permission(by)), patient=patient)
        .annotate(corrected=Exists(Screening.objects.filter(supersedes=OuterRef("pk"))))
        .select_related("recorded_by")
        .order_by("-taken_at", "-pk")
    )


def recent_screenings(by: Actor, patient: Patient) -> Any:
    """As `screenings_of`, but of each instrument only what a card shows: the newest and the first. One statement,
    and as many rows after a thousand fillings as after twenty.
    """
    counts = Case(
        When(Q(entered_in_error_at__isnull=True, corrected=False), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    parts = [F("instrument"), F("complete"), F("counts")]
    return (
        screenings_of(by, patient)
        .annotate(counts=counts)
        .annotate(
            newest=Window(RowNumber(), partition_by=parts, order_by=[F("taken_at").desc(), F("pk").desc()]),
            oldest=Window(RowNumber(), partition_by=parts, order_by=[F("taken_at").asc(), F("pk").asc()]),
        )
        .filter(Q(newest__lte=SHOWN) | Q(oldest=1))
    )


def screenings_with(by: Actor, patient: Patient, instrument: str) -> Any:
    """Every filling of one instrument, newest first."""
    return screenings_of(by, patient).filter(instrument=instrument)


def newest_fillings(by: Actor, patient_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """Patient id -> instrument -> when it was filled in completely last. One statement, none for nobody."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    if patient_ids:
        rows = (
            Screening.objects.filter(
                patient__in=patients_for(by, read_permission(by)),
                patient_id__in=patient_ids,
                complete=True,
                entered_in_error_at__isnull=True,
                corrected_by__isnull=True,
            )
            .values_list("patient_id", "instrument")
            .annotate(last=Max("taken_at"))
            .order_by()
        )
        for patient_id, instrument, last in rows:
            found[patient_id][instrument] = last
    return found


def screening(by: Actor, patient: Patient, number: int) -> Screening:
    """One filling. Raises `Screening.DoesNotExist` for another patient's."""
    found: Screening = screenings_of(by, patient).select_related("patient").get(pk=number)
    return found


def histories(screenings: Iterable[Screening]) -> list[InstrumentHistory]:
    """The fillings by instrument, in the order of the titles. No query of its own."""
    held: dict[str, list[Screening]] = defaultdict(list)
    for one in sorted(screenings, key=lambda s: (s.taken_at, s.pk)):
        if one.entered_in_error_at is None and not getattr(one, "corrected", False):
            held[one.instrument].append(one)
    known = set(rules.instruments())
    found = [
        InstrumentHistory(rules.load_instrument(slug), tuple(rows))
        for slug, rows in held.items()
        if slug in known
    ]
    return sorted(found, key=lambda h: h.instrument.title)


def due(
    screenings: Iterable[Screening],
    *,
    zone: str,
    admitted_at: datetime | None,
    today: date,
    review_on: date | None = None,
) -> tuple[rules.Due, ...]:
    """What the schedule asks for today or soon, soonest first. No query of its own."""
    last: dict[str, datetime] = {}
    for one in screenings:
        if one.complete and one.entered_in_error_at is None and not getattr(one, "corrected", False):
            last[one.instrument] = max(one.taken_at, last.get(one.instrument, one.taken_at))
    return due_after(last, zone=zone, admitted_at=admitted_at, today=today, review_on=review_on)


def due_after(
    last: Mapping[str, datetime],
    *,
    zone: str,
    admitted_at: datetime | None,
    today: date,
    review_on: date | None = None,
) -> tuple[rules.Due, ...]:
    """As `due`, from when each instrument was filled in completely last (`newest_fillings`)."""
    where = ZoneInfo(zone)
    return rules.due_instruments(
        filled={slug: at.astimezone(where).date() for slug, at in last.items()},
        admitted=admitted_at.astimezone(where).date() if admitted_at else None,
        today=today,
        review_on=review_on,
    )


def score_of(row: Screening) -> rules.Score:
    """The score as it was computed then, from the row. The estimate of an incomplete one is not kept."""
    instrument = rules.load_instrument(row.instrument)
    parts = {s.code: s for s in instrument.subscales}
    return rules.Score(
        instrument=row.instrument,
        version=row.version,
        complete=row.complete,
        total=None if row.total is None else _plain(row.total),
        subscales=tuple(
            rules.SubscaleScore(code, parts[code].label if code in parts else code, points)
            for code, points in row.subscales.items()
        ),
        band=next((b for b in instrument.bands if b.label == row.band), None),
        flags=tuple(rules.Flag(f["code"], f["text"], f.get("group")) for f in row.flags),
        alerts=(),
        missing=tuple(row.missing),
    )


def _plain(points: Decimal) -> int | float:
    return int(points) if points == points.to_integral_value() else float(points)
