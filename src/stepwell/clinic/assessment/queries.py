"""Reading assessments, starting from who asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Window

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import (
    Alert,
    Diagnosis,
    DimensionalRating,
    IntakeInterview,
    Screening,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared


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


def screenings_of(by: Actor, patient: Patient) -> Any:
    """Every filling of every instrument, newest first, those entered in error too."""
    return (
        Screening.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient)
        .select_related("recorded_by")
        .order_by("-taken_at", "-pk")
    )


def screening(by: Actor, patient: Patient, number: int) -> Screening:
    """One filling. Raises `Screening.DoesNotExist` for another patient's."""
    found: Screening = screenings_of(by, patient).select_related("patient").get(pk=number)
    return found


def histories(screenings: Iterable[Screening]) -> list[InstrumentHistory]:
    """The fillings by instrument, in the order of the titles. No query of its own."""
    held: dict[str, list[Screening]] = defaultdict(list)
    for one in sorted(screenings, key=lambda s: (s.taken_at, s.pk)):
        if one.entered_in_error_at is None:
            held[one.instrument].append(one)
    known = set(rules.instruments())
    found = [
        InstrumentHistory(rules.load_instrument(slug), tuple(rows))
        for slug, rows in held.items()
        if slug in known
    ]
    return sorted(found, key=lambda h: h.instrument.title)


def due(
    screenings: Iterable[Screening], *, zone: str, admitted_at: datetime | None, today: date
) -> tuple[rules.Due, ...]:
    """What the schedule asks for today or soon, soonest first. No query of its own."""
    where = ZoneInfo(zone)
    filled: dict[str, date] = {}
    for one in screenings:
        if one.complete and one.entered_in_error_at is None:
            day = one.taken_at.astimezone(where).date()
            filled[one.instrument] = max(day, filled.get(one.instrument, day))
    admitted = admitted_at.astimezone(where).date() if admitted_at else None
    return rules.due_instruments(filled=filled, admitted=admitted, today=today)


def score_of(row: Screening) -> rules.Score:
    """The score as it was computed then, from the row."""
    instrument = rules.load_instrument(row.instrument)
    labels = {s.code: s.label for s in instrument.subscales}
    return rules.Score(
        instrument=row.instrument,
        version=row.version,
        complete=row.complete,
        total=None if row.total is None else int(row.total),
        subscales=tuple(
            rules.SubscaleScore(code, labels.get(code, code), points)
            for code, points in row.subscales.items()
        ),
        band=next((b for b in instrument.bands if b.label == row.band), None),
        flags=tuple(rules.Flag(f["code"], f["text"], f.get("group")) for f in row.flags),
        alerts=(),
        missing=tuple(row.missing),
    )


def open_alerts(by: Actor) -> Any:
    """Alerts nobody has acknowledged at the sites where `by` may, urgent and oldest first, with the patient."""
    return waiting(by).select_related("patient").order_by("-severity", "raised_at")


def open_alerts_about(by: Actor, patient_ids: Collection[int]) -> dict[int, list[Alert]]:
    """Patient id -> alerts nobody has acknowledged, urgent and oldest first. One statement, none for nobody."""
    found: dict[int, list[Alert]] = defaultdict(list)
    if patient_ids and by.may(Permission.ALERT_ACKNOWLEDGE):
        for row in waiting(by).filter(patient__in=patient_ids).order_by("-severity", "raised_at"):
            found[row.patient_id].append(row)
    return found


def ask_open_alerts(by: Actor, most: int) -> Callable[[], list[Any]]:
    """The first of `open_alerts`, each with `of_all`: how many there are. Sent ahead (`clinic.ahead`); one statement."""
    asked: Callable[[], list[Any]] = _FIRST_ALERTS.ahead(by, most)
    return asked


_FIRST_ALERTS = Prepared(lambda by, most: open_alerts(by).annotate(of_all=Window(Count("pk")))[:most])


def waiting(by: Actor) -> Any:
    """The same alerts, unordered, for the count in the rail."""
    return Alert.objects.filter(
        acknowledgement__isnull=True, patient__site_id__in=by.sites_with(Permission.ALERT_ACKNOWLEDGE)
    )


def alerts_of(by: Actor, patient: Patient) -> Any:
    """All alerts about a patient with what was done, newest first."""
    return (
        Alert.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient)
        .select_related("acknowledgement__by")
        .order_by("-raised_at", "-pk")
    )


def alert(by: Actor, patient: Patient, number: int) -> Alert:
    """One alert. Raises `Alert.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.ALERT_ACKNOWLEDGE)
    return Alert.objects.select_related("patient").get(pk=number, patient=patient, patient__in=seen)


def interview_of(by: Actor, patient: Patient) -> IntakeInterview | None:
    """The interview that holds: the newest."""
    found: IntakeInterview | None = (
        IntakeInterview.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient)
        .select_related("by")
        .order_by("-at", "-pk")
        .first()
    )
    return found


def newest_interview(patient: Patient) -> IntakeInterview | None:
    """For the step's own actions, which have asked leave already."""
    return IntakeInterview.objects.filter(patient=patient).order_by("-at", "-pk").first()


def diagnoses_of(by: Actor, patient: Patient) -> Any:
    """Diagnoses that stand, the primary one first."""
    return (
        Diagnosis.objects.filter(
            patient__in=patients_for(by, _read(by)), patient=patient, ended_at__isnull=True
        )
        .select_related("recorded_by")
        .order_by("-primary", "code")
    )


def diagnosis(by: Actor, patient: Patient, number: int) -> Diagnosis:
    """One standing diagnosis. Raises `Diagnosis.DoesNotExist` for another patient's."""
    found: Diagnosis = diagnoses_of(by, patient).select_related("patient").get(pk=number)
    return found


def ratings_of(by: Actor, patient: Patient) -> Any:
    """Dimensional ratings, newest first; the first one holds."""
    return (
        DimensionalRating.objects.filter(
            patient__in=patients_for(by, Permission.PLACEMENT_READ), patient=patient
        )
        .select_related("by")
        .order_by("-at", "-pk")
    )


def ratings_as_rules(row: DimensionalRating) -> rules.Ratings:
    """The row as the rules read it."""
    rated = {
        n: (getattr(row, f"d{n}"), row.reasons[f"d{n}"])
        for n in range(1, 7)
        if getattr(row, f"d{n}") is not None
    }
    return rules.rate(rated, rules.Edition(row.edition))


def _read(by: Actor) -> Permission:
    """A patient reads their own answers; staff need the permission."""
    return Permission.ASSESSMENT_READ if by.is_staff else Permission.OWN_RECORD
