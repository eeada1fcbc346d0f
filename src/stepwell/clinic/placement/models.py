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


class PlacementTable(models.Model):
    """A rule table that a site has taken in. The newest of an edition decides there; earlier decisions stay."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="placement_tables")
    edition = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    version = models.CharField(max_length=40)
    document = models.JSONField(help_text="The table as it stood in the file.")
    at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: taken in by a command."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "edition", "name", "version"], name="placement_table_version_once"
            ),
            filled("name", "placement_table_has_a_name"),
        ]


class LevelReview(models.Model):
    """What the team found when it looked again at the level: the outcome, what it was prepared with, and by when
    to look next. Never changed."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="level_reviews")
    number = models.SmallIntegerField(help_text="1, 2, 3 … in the episode.")
    rating = models.ForeignKey(
        DimensionalRating, models.PROTECT, null=True, related_name="level_reviews", help_text="Stood on."
    )
    outcome = models.CharField(max_length=30, help_text="A code of placement.rules.review_outcomes.")
    clinical_level = models.CharField(max_length=10, help_text="The level in force then.")
    recommended_level = models.CharField(max_length=10, default="", blank=True, help_text="Empty: discharge.")
    summary = models.TextField(default="", blank=True)
    findings = models.JSONField(help_text="Suggestion, signs and conditions as they were shown.")
    next_due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: one press, one review."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "number"], name="level_review_number_once"),
            filled("outcome", "level_review_has_an_outcome"),
        ]


class OutsidePlacement(models.Model):
    """A level that another instrument gave, such as CONTINUUM or LOCUS. It stands beside ours and changes nothing."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="outside_placements")
    instrument = models.CharField(max_length=20, help_text="A code of placement.rules.outside_instruments.")
    level = models.CharField(max_length=10, help_text="In the instrument's own words.")
    matches = models.CharField(
        max_length=10, default="", blank=True, help_text="The level here that it was compared with."
    )
    on = models.DateField()
    rater = models.CharField(max_length=160, help_text="Who did it.")
    document = models.CharField(max_length=200, help_text="Where the paper or report is.")
    note = models.CharField(max_length=500, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    entered_in_error_at = models.DateTimeField(null=True)
    entered_in_error_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            filled("rater", "outside_placement_says_who"),
            filled("document", "outside_placement_names_its_document"),
            models.CheckConstraint(
                condition=Q(entered_in_error_at__isnull=True) | ~Q(entered_in_error_because=""),
                name="outside_placement_error_says_why",
            ),
            models.UniqueConstraint(
                fields=["patient", "instrument", "on", "level"],
                condition=Q(entered_in_error_at__isnull=True),
                name="outside_placement_once",
            ),
        ]
