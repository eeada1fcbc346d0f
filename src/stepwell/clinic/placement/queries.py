"""Reading levels of care and episodes, starting from who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment import queries as assessment
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement import rules
from stepwell.clinic.placement.models import (
    Episode,
    LevelReview,
    OutsidePlacement,
    Placement,
    PlacementKind,
    PlacementTable,
    Recommendation,
)
from stepwell.clinic.prepared import Prepared


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
    found: Placement = _LATEST.one(Placement.DoesNotExist, episode_id=episode.pk)
    return found


_LATEST = Prepared(
    lambda *, episode_id: Placement.objects.filter(episode_id=episode_id).order_by("-number")[:1]
)


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


def newest_recommendation(patient: Patient) -> Recommendation | None:
    """For the step's own actions, which have asked leave already."""
    return next(iter(_NEWEST.rows(patient_id=patient.pk)), None)


_NEWEST = Prepared(
    lambda *, patient_id: Recommendation.objects.filter(patient_id=patient_id).order_by("-at", "-pk")[:1]
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


def table_at(site_id: int, edition: rules.Edition) -> rules.Table:
    """The table that decides at a site: the newest it has taken in for the edition, or Stepwell's own."""
    row = PlacementTable.objects.filter(site_id=site_id, edition=edition.value).order_by("-at", "-pk").first()
    return rules.read_table(row.document) if row else rules.default_table(edition)


def measured(by: Actor, patient: Patient, *, at: datetime) -> tuple[rules.Measured, ...]:
    """The newest CIWA-Ar and COWS that count, by the patient's site's day. One statement."""
    asked = rules.gate_instruments()
    zone = ZoneInfo(patient.site.zone)
    found: dict[str, rules.Measured] = {}
    for code, total, taken_at in _MEASURED.rows(by, tuple(sorted(asked)), patient_id=patient.pk, at=at):
        if code not in found and taken_at >= at - timedelta(days=asked[code]):
            found[code] = rules.Measured(code, int(total), f"{taken_at.astimezone(zone):%-d %B}")
    return tuple(found[code] for code in sorted(found))


_MEASURED = Prepared(
    lambda by, instruments, *, patient_id, at: (
        assessment.screenings_of(by, patient_id)
        .filter(
            instrument__in=instruments,
            complete=True,
            total__isnull=False,
            entered_in_error_at__isnull=True,
            corrected=False,
            taken_at__lte=at,
        )
        .values_list("instrument", "total", "taken_at")
    )
)


def case_of(rating: DimensionalRating, scores: tuple[rules.Measured, ...] = ()) -> rules.Case:
    """A rating of either edition as the rule reads it. Of the fourth, a dimension is as high as its highest part."""
    if rating.edition == rules.Edition.THIRD.value:
        rated = tuple(
            rules.Rated(n, getattr(rating, f"d{n}"), rating.reasons.get(f"d{n}", ""))
            for n in range(1, 7)
            if getattr(rating, f"d{n}") is not None
        )
        return rules.Case(rules.Edition.THIRD, rated, dict(rating.gates), scores)
    return rules.case_of_parts(rating.parts, dict(rating.gates), scores)


def reviews_of(by: Actor, patient: Patient) -> QuerySet[LevelReview]:
    """Reviews of the level in every episode, newest first, with who made them."""
    return (
        LevelReview.objects.filter(episode__in=episodes_for(by), episode__patient=patient)
        .select_related("by", "episode")
        .order_by("-at", "-pk")
    )


def outside_of(by: Actor, patient: Patient) -> QuerySet[OutsidePlacement]:
    """Results of other instruments, newest first, struck ones too."""
    seen = patients_for(by, Permission.PLACEMENT_READ)
    return (
        OutsidePlacement.objects.filter(patient=patient, patient__in=seen)
        .select_related("by", "patient")
        .order_by("-on", "-pk")
    )


def to_review(by: Actor) -> Any:
    """Open episodes with the instant of the last review (or of admission) as `looked_at`, and when the next is due as
    `next_due_on`; longest unseen first."""
    last = LevelReview.objects.filter(episode=OuterRef("pk")).order_by("-number")
    placed = Placement.objects.filter(episode=OuterRef("pk")).order_by("-number")
    return (
        episodes_for(by)
        .filter(closed_at__isnull=True)
        .annotate(
            looked_at=Coalesce(Subquery(last.values("at")[:1]), "admitted_at"),
            next_due_on=Subquery(last.values("next_due_on")[:1]),
            reviews=Subquery(last.values("number")[:1]),
            level=Subquery(placed.values("level")[:1]),
        )
        .select_related("patient", "site")
        .order_by("looked_at", "pk")
    )
