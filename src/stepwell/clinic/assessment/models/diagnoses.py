from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import one_of, within
from stepwell.clinic.people.models import Patient, Staff


class Diagnosis(models.Model):
    """A diagnosis that stands or stood. What happened to it since are its `DiagnosisEvent` rows."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="diagnoses")
    code = models.CharField(max_length=10, help_text="ICD-10-CM.")
    text = models.CharField(max_length=200)
    primary = models.BooleanField(default=False)
    onset = models.DateField(null=True)
    criteria = models.JSONField(
        default=list, blank=True, help_text="Keys of data/use-disorder.json that were met in twelve months."
    )
    criteria_met = models.SmallIntegerField(null=True, help_text="How many count; empty: not counted.")
    severity = models.CharField(max_length=10, default="", blank=True)
    remission = models.CharField(max_length=10, default="", blank=True)
    controlled_environment = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$"),
                name="diagnosis_code_has_icd_shape",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(primary=True, ended_at__isnull=True),
                name="one_primary_diagnosis",
            ),
            within("criteria_met", 0, 11, "diagnosis_criteria_from_0_to_11"),
            models.CheckConstraint(
                condition=Q(severity__in=["", "mild", "moderate", "severe"]), name="diagnosis_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(remission__in=["", "early", "sustained"]), name="diagnosis_remission_known"
            ),
        ]


class DiagnosisEventKind(models.TextChoices):
    RECORDED = "recorded", "recorded"
    PRIMARY = "primary", "made the primary one"
    SECONDARY = "secondary", "made secondary"
    ENDED = "ended", "ended"


class DiagnosisEvent(models.Model):
    """What happened to a diagnosis, when and by whom. Never changed."""

    Kind = DiagnosisEventKind

    diagnosis = models.ForeignKey(Diagnosis, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [one_of("kind", DiagnosisEventKind, "diagnosis_event_kind_known")]
