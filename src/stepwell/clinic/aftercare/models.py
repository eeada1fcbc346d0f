from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import one_of
from stepwell.clinic.people.models import Staff
from stepwell.clinic.placement.models import Episode


class DischargeSummary(models.Model):
    episode = models.OneToOneField(Episode, models.PROTECT, related_name="discharge_summary")
    sections = models.JSONField(help_text="Section key of aftercare.rules -> text.")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64, default="", blank=True)
    signature = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | (~Q(content_hash="") & ~Q(signature="")),
                name="signed_summary_has_hash_and_name",
            )
        ]


class ContinuingCarePlan(models.Model):
    """Where the person goes on: each change is a new version."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="continuing_care_plans")
    version = models.SmallIntegerField()
    sections = models.JSONField()
    next_level = models.CharField(max_length=10, default="", blank=True)
    next_provider = models.CharField(max_length=200, default="", blank=True)
    next_appointment_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "version"], name="continuing_care_version_once")
        ]


class FollowUp(models.Model):
    """A call due 30, 60, 90, 180 or 365 days after discharge."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="follow_ups")
    day = models.SmallIntegerField()
    due_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "day"], name="follow_up_once_a_day")]
        indexes = [models.Index(fields=["due_on"], name="follow_ups_by_due_day")]


class FollowUpAttemptOutcome(models.TextChoices):
    REACHED = "reached", "reached"
    NOT_REACHED = "not_reached", "not reached"
    REFUSED = "refused", "does not want calls"
    DECEASED = "deceased", "deceased"


class FollowUpAttempt(models.Model):
    Outcome = FollowUpAttemptOutcome

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="attempts")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    answers = models.JSONField(default=dict)
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("outcome", FollowUpAttemptOutcome, "follow_up_outcome_known"),
        ]
