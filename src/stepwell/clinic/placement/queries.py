"""Reading levels of care and episodes, starting from who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement import rules
from stepwell.clinic.placement.models import Episode, Placement, PlacementKind, Recommendation


@dataclass(frozen=True)
class EpisodeThen:
    """An episode with the last level of care and how it ended, in words (empty: it goes on)."""

    row: Episode
    level: str
    ended_with: str


def with_current(patients: Any) -> Any:
    """Patients with their open episode, in the same query: `episode_id`, `level`, `admitted_at`, `planned_weeks`.

    All four are None for a patient without an open episode. `level` is the clinical level in force.
    """
    episode = Episode.objects.filter(patient=OuterRef("pk"), closed_at__isnull=True)
    placed = Placement.objects.filter(episode__patient=OuterRef("pk"), episode__closed_at__isnull=True)
    return patients.annotate(
        episode_id=Subquery(episode.values("pk")[:1]),
        level=Subquery(placed.order_by("-number").values("level")[:1]),
        admitted_at=Subquery(episode.values("admitted_at")[:1]),
        planned_weeks=Subquery(episode.values("planned_weeks")[:1]),
    )


def level_words(code: str | None) -> str:
    """'2.1 Intensive outpatient'; empty without a level."""
    return f"{code} {rules.level_name(rules.level_from(code))}" if code else ""


def episodes_for(by: Actor) -> QuerySet[Episode]:
    """Episodes of the patients whom `by` may see."""
    permission = Permission.PLACEMENT_READ if by.is_staff else Permission.OWN_RECORD
    return Episode.objects.filter(patient__in=patients_for(by, permission))


def open_episode(by: Actor, patient: Patient) -> Episode | None:
    """The open episode of the patient, or None."""
    return (
        episodes_for(by)
        .filter(patient=patient, closed_at__isnull=True)
        .select_related("patient__site", "site")
        .first()
    )


def episodes_of(by: Actor, patient: Patient) -> QuerySet[Episode]:
    """Every episode of the patient, the newest first, with the site."""
    return episodes_for(by).filter(patient=patient).select_related("site").order_by("-admitted_at")


def episodes_of_each(by: Actor, patients: Sequence[Patient]) -> list[EpisodeThen]:
    """Every episode of several people whom `by` may see, newest first, with how it went. One query."""
    if not patients:
        return []
    moves = Placement.objects.filter(episode=OuterRef("pk"))
    rows: Any = (
        episodes_for(by)
        .filter(patient__in=patients)
        .annotate(
            last_level=Subquery(moves.exclude(level="").order_by("-number").values("level")[:1]),
            ended_with=Subquery(moves.filter(kind="discharge").values("discharge_reason")[:1]),
        )
        .select_related("patient", "site")
        .order_by("-admitted_at", "-pk")
    )
    ended = {reason.slug: reason.label for reason in rules.discharge_reasons()}
    return [EpisodeThen(row, level_words(row.last_level), ended.get(row.ended_with, "")) for row in rows]


def placements_of(by: Actor, patient: Patient) -> QuerySet[Placement]:
    """Every move of every episode: episodes newest first, moves in their order, with who decided."""
    return (
        Placement.objects.filter(episode__in=episodes_for(by), episode__patient=patient)
        .select_related("episode", "by")
        .order_by("-episode__admitted_at", "number")
    )


def placement_on(episode: Episode, at: Any) -> Placement | None:
    """What was true at an instant: the move in force then. For billing and authorization, which ask later."""
    return Placement.objects.filter(episode=episode, starts_at__lte=at).order_by("-number").first()


def latest_placement(episode: Episode) -> Placement:
    """The move in force."""
    return Placement.objects.filter(episode=episode).order_by("-number")[0]


def recommendations_of(by: Actor, patient: Patient) -> QuerySet[Recommendation]:
    """Recommendations with their ratings, newest first; the first one is the one to decide on."""
    seen = patients_for(by, Permission.PLACEMENT_READ)
    return (
        Recommendation.objects.filter(patient=patient, patient__in=seen)
        .select_related("rating", "by")
        .order_by("-at", "-pk")
    )


def recommendation(by: Actor, patient: Patient, number: int) -> Recommendation:
    """One recommendation. Raises `Recommendation.DoesNotExist` for another patient's."""
    return recommendations_of(by, patient).get(pk=number)


def newest_recommendation_since(episode: Episode) -> Recommendation | None:
    """The recommendation made after the last move, if any: a step is measured against it."""
    last = latest_placement(episode)
    return (
        Recommendation.objects.filter(patient_id=episode.patient_id, at__gt=last.at)
        .order_by("-at", "-pk")
        .first()
    )


def decision_of(row: Recommendation) -> rules.Decision:
    """The whole decision, as it was shown."""
    return rules.from_record(row.decision)


def admitted_between(by: Actor, first: Any, last: Any) -> QuerySet[Placement]:
    """Admissions in a span of instants, for the census."""
    return Placement.objects.filter(
        episode__in=episodes_for(by),
        kind=PlacementKind.ADMIT,
        starts_at__gte=first,
        starts_at__lt=last,
    )


def admitted_days(by: Actor) -> dict[int, date]:
    """Patient's id -> the day at the site on which the open episode began, of everybody in treatment whom `by` may see."""
    rows = (
        episodes_for(by).filter(closed_at__isnull=True).values_list("patient_id", "admitted_at", "site__zone")
    )
    return {patient: at.astimezone(ZoneInfo(zone)).date() for patient, at, zone in rows}
