from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import Patient, Site, Staff


class RandomDraw(models.Model):
    """One drawing of random test days: with the seed anybody can check afterwards that the days were not picked."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="random_draws")
    seed = models.CharField(max_length=128, help_text="Hexadecimal, at least 16 bytes.")
    first_on = models.DateField()
    last_on = models.DateField()
    tests = models.SmallIntegerField(help_text="For each person.")
    least_gap = models.SmallIntegerField(help_text="Days from one test to the next, at least.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("seed", "random_draw_keeps_its_seed"),
            ordered("first_on", "last_on", "random_draw_ends_after_start", equal=True),
        ]


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
    draw = models.ForeignKey(RandomDraw, models.PROTECT, null=True, related_name="orders")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("reason", TestOrderReason, "test_reason_known"),
            models.CheckConstraint(
                condition=Q(draw__isnull=True) | Q(reason="random"), name="drawn_test_is_random"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-due_on"], name="tests_of_a_patient")]


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
    analytes = models.JSONField(help_text="Class -> negative, positive, pending or invalid.")
    reading = models.JSONField(
        help_text="Outcome, sentence and findings, as drug_tests.rules read them then, with what was measured and prescribed."
    )
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
