from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import Patient, Site, Staff


class Recommendation(models.Model):
    """What the rule said, with the facts that fired, as it was shown to the clinician."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="recommendations")
    rating = models.ForeignKey(DimensionalRating, models.PROTECT, related_name="recommendations")
    level = models.CharField(max_length=10, default="", blank=True, help_text="Empty when undecidable.")
    rule = models.CharField(max_length=60, default="", blank=True)
    decision = models.JSONField(help_text="Reasons, gates, missing, what would change it.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")


class Episode(models.Model):
    """From admission to discharge. Levels of care within it are `Placement` rows."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="episodes")
    site = models.ForeignKey(Site, models.PROTECT, related_name="episodes")
    referral_source = models.CharField(max_length=40, default="self", blank=True)
    planned_weeks = models.SmallIntegerField(default=12)
    admitted_at = models.DateTimeField()
    admitted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at__isnull=True), name="one_open_episode_a_patient"
            ),
            ordered("admitted_at", "closed_at", "episode_closes_after_admission"),
        ]


class PlacementKind(models.TextChoices):
    ADMIT = "admit", "admitted"
    STEP_UP = "step_up", "stepped up"
    STEP_DOWN = "step_down", "stepped down"
    TRANSFER = "transfer", "transferred"
    DISCHARGE = "discharge", "discharged"


class Placement(models.Model):
    """A move in an episode: who placed the patient where, when and why. Never changed."""

    Kind = PlacementKind

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="placements")
    number = models.SmallIntegerField(help_text="1, 2, 3 … in the episode.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level = models.CharField(
        max_length=10,
        default="",
        blank=True,
        help_text="Clinical level from `starts_at` on; empty on discharge.",
    )
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, null=True, related_name="placements")
    indicated_level = models.CharField(max_length=10, default="", blank=True)
    because = models.TextField()
    override = models.CharField(
        max_length=30, default="", blank=True, help_text="Coded reason when clinical differs from indicated."
    )
    discharge_reason = models.CharField(max_length=30, default="", blank=True)
    receiving = models.CharField(max_length=200, default="", blank=True, help_text="Program that takes over.")
    starts_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", PlacementKind, "placement_kind_known"),
            filled("because", "placement_says_why"),
            models.UniqueConstraint(fields=["episode", "number"], name="placement_number_once_an_episode"),
            models.UniqueConstraint(
                fields=["episode"], condition=Q(kind="discharge"), name="discharged_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="discharge", level="") | (~Q(kind="discharge") & ~Q(level="")),
                name="placement_has_a_level",
            ),
            models.CheckConstraint(
                condition=~Q(kind="discharge") | ~Q(discharge_reason=""), name="discharge_has_a_reason"
            ),
        ]
