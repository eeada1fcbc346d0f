from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import one_of
from stepwell.clinic.people.models import Patient, Staff


class TestOrderReason(models.TextChoices):
    RANDOM = "random", "random"
    SCHEDULED = "scheduled", "scheduled"
    CLINICAL = "clinical", "clinical sign"


class TestOrder(models.Model):
    __test__ = False  # not a pytest class

    Reason = TestOrderReason

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="test_orders")
    panel = models.CharField(max_length=30, help_text="Key of drug_tests/data/panels.json.")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [one_of("reason", TestOrderReason, "test_reason_known")]


class Collection(models.Model):
    """A specimen was given, or refused: a refusal is shown as itself."""

    order = models.OneToOneField(TestOrder, models.PROTECT, related_name="collection")
    refused = models.BooleanField(default=False)
    observed = models.BooleanField(default=False)
    temperature_f = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    specimen = models.CharField(max_length=40, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refused=True) | ~Q(specimen=""), name="specimen_is_labeled")
        ]


class PanelResult(models.Model):
    """All analytes of one reading; a confirmation or correction is a later row."""

    order = models.ForeignKey(TestOrder, models.PROTECT, related_name="results")
    method = models.CharField(max_length=14, help_text="presumptive or definitive")
    analytes = models.JSONField(help_text="Class -> negative, positive or invalid.")
    reading = models.JSONField(help_text="Class -> expected, unexpected …, as drug_tests.rules read it then.")
    validity = models.CharField(max_length=14, default="valid")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    review_note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["presumptive", "definitive"]), name="result_method_known"
            )
        ]
