"""The golden thread: what each objective of a plan has led to, through all versions that it goes on in.

Signed notes that name it, homework given for it, scores of the questionnaire that measures it, and what reviews found.
A role sees of each what its tabs would show. A fixed number of statements, whatever the plan and the chart hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.assessment.queries import score_of
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import Objective, ObjectiveVerdict
from stepwell.clinic.plan.queries import line_of, target_of
from stepwell.clinic.recovery.models import Homework
from stepwell.clinic.sessions.queries import parts_on_objectives

MOST = 100
"""Notes and homework of an objective that its page shows; older ones are counted."""


@dataclass(frozen=True)
class Strand:
    """One objective in a line: how many notes and how much homework there are, and what its measure says."""

    notes: int = 0
    last_note: datetime | None = None
    homework: int = 0
    homework_open: int = 0
    progress: rules.Progress | None = None


@dataclass(frozen=True)
class Thread:
    """Everything on one objective, newest first. `scores`: (instant, score), oldest first."""

    strand: Strand
    notes: tuple[Any, ...]
    homework: tuple[Any, ...]
    verdicts: tuple[Any, ...]
    scores: tuple[tuple[datetime, int], ...]


def strands_of(
    by: Actor, patient: Patient, objectives: Iterable[Objective], *, since: datetime | None = None
) -> dict[int, Strand]:
    """Line of each objective (`plan.queries.line_of`) -> its strand; with `since`, notes and homework from then on.

    At most three statements. Scores count from the first on file: they say where the person began.
    """
    rows = list(objectives)
    lines = {line_of(row) for row in rows}
    notes = {found["line"]: found for found in _counted_notes(by, patient, lines, since)}
    homework = {found["line"]: found for found in _counted_homework(by, patient, lines, since)}
    scores = _scores(by, patient, {row.instrument for row in rows if row.instrument})
    found = {}
    for row in rows:
        line = line_of(row)
        note, work = notes.get(line, {}), homework.get(line, {})
        found[line] = Strand(
            notes=note.get("count", 0),
            last_note=note.get("last"),
            homework=work.get("count", 0),
            homework_open=work.get("open", 0),
            progress=_progress(patient, row, scores),
        )
    return found


def thread_of(by: Actor, patient: Patient, objective: Objective) -> Thread:
    """All that hangs on an objective of the patient, in any version. At most seven statements."""
    line = line_of(objective)
    return Thread(
        strand=strands_of(by, patient, [objective]).get(line, Strand()),
        notes=tuple(
            parts_on_objectives(by, patient, {line}).order_by("-note__occurrence__starts", "-pk")[:MOST]
        ),
        homework=tuple(
            _homework(by, patient, {line})
            .select_related("family_member", "by", "answer", "review")
            .order_by("-at", "-pk")[:MOST]
        ),
        verdicts=tuple(
            ObjectiveVerdict.objects.filter(
                Q(objective=line) | Q(objective__first=line),
                objective__goal__problem__plan__episode__patient__in=patients_for(by, P.PLAN_READ),
                objective__goal__problem__plan__episode__patient=patient,
            )
            .select_related("review__by")
            .order_by("-review__at", "-pk")[:MOST]
        ),
        scores=tuple(_of(objective, _scores(by, patient, {objective.instrument} - {""}))),
    )


def objective_for(by: Actor, patient: Patient, number: int) -> Objective:
    """An objective of a signed version. Raises `Objective.DoesNotExist` for another patient's and for a draft's."""
    found: Objective = Objective.objects.select_related(
        "goal__problem__plan", "goal__problem__diagnosis"
    ).get(
        pk=number,
        goal__problem__plan__signed_at__isnull=False,
        goal__problem__plan__episode__patient=patient,
        goal__problem__plan__episode__patient__in=patients_for(by, P.PLAN_READ),
    )
    return found


def _homework(by: Actor, patient: Patient, lines: set[int]) -> Any:
    return (
        Homework.objects.filter(
            patient=patient, patient__in=patients_for(by, P.RECOVERY_READ), objective__isnull=False
        )
        .annotate(line=Coalesce("objective__first_id", "objective_id"))
        .filter(line__in=lines)
    )


def _counted_notes(by: Actor, patient: Patient, lines: set[int], since: datetime | None) -> Any:
    rows = parts_on_objectives(by, patient, lines).select_related(None).order_by()
    if since is not None:
        rows = rows.filter(note__occurrence__starts__gte=since)
    return rows.values("line").annotate(count=Count("pk"), last=Max("note__occurrence__starts"))


def _counted_homework(by: Actor, patient: Patient, lines: set[int], since: datetime | None) -> Any:
    rows = _homework(by, patient, lines).order_by()
    if since is not None:
        rows = rows.filter(at__gte=since)
    open_ones = Q(answer__isnull=True, review__isnull=True)
    return rows.values("line").annotate(count=Count("pk"), open=Count("pk", filter=open_ones))


def _scores(by: Actor, patient: Patient, wanted: set[str]) -> list[Screening]:
    """Complete fillings of those instruments, oldest first."""
    if not wanted or not by.may(P.ASSESSMENT_READ if by.is_staff else P.OWN_RECORD):
        return []
    return list(
        Screening.objects.filter(
            patient=patient,
            patient__in=patients_for(by, P.ASSESSMENT_READ if by.is_staff else P.OWN_RECORD),
            instrument__in=wanted,
            complete=True,
            entered_in_error_at__isnull=True,
            corrected_by__isnull=True,
        ).order_by(F("taken_at").asc(), "pk")
    )


def _of(objective: Objective, rows: Iterable[Screening]) -> list[tuple[datetime, int]]:
    """Instant and score on the objective's own scale; a filling without that scale is left out."""
    found = []
    for row in rows:
        if row.instrument == objective.instrument:
            points = score_of(row).of(objective.scale or "total")
            if points is not None:
                found.append((row.taken_at, int(points)))
    return found


def _progress(patient: Any, objective: Objective, rows: list[Screening]) -> rules.Progress | None:
    if not objective.instrument:
        return None
    zone = ZoneInfo(patient.site.zone)
    readings = [rules.Reading(when.astimezone(zone).date(), score) for when, score in _of(objective, rows)]
    return rules.progress(readings, target_of(objective))
