from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, within
from stepwell.clinic.people.models import Patient, Staff


class IntakeInterview(models.Model):
    """One version of the biopsychosocial interview: a draft that saves itself, then signed and never changed.

    A change after that is the next version, begun as a copy.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="interviews")
    number = models.SmallIntegerField(default=1, help_text="1, 2, 3 … of this patient.")
    answers = models.JSONField(
        default=dict, help_text="Field key of assessment.rules -> answer, '' for none."
    )
    sources = models.JSONField(default=dict, help_text="Field key -> where an answer taken over came from.")
    gates = models.JSONField(
        default=dict, help_text="Hard-gate facts: key -> true, false or null for unknown."
    )
    at = models.DateTimeField(help_text="When it was saved last.")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", help_text="Who saved it last.")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    changed_because = models.CharField(max_length=200, default="", blank=True)
    revision = models.IntegerField(default=0)
    saved_from = models.CharField(max_length=32, default="", blank=True, help_text="The open page.")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=160, default="", blank=True)
    signed_credential = models.CharField(max_length=60, default="", blank=True)
    seal = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "number"], name="interview_number_once_a_patient"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(signed_at__isnull=True), name="one_draft_interview"
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_by__isnull=True, seal="")
                | (Q(signed_at__isnull=False, signed_by__isnull=False) & ~Q(signed_name="") & ~Q(seal="")),
                name="interview_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(changed_because__regex=r"^\s*$"),
                name="interview_change_says_why",
            ),
        ]


class SubstanceUse(models.Model):
    """One substance in one version of the interview."""

    interview = models.ForeignKey(IntakeInterview, models.CASCADE, related_name="uses")
    position = models.SmallIntegerField()
    substance = models.CharField(max_length=20)
    named = models.CharField(max_length=60, default="", blank=True)
    route = models.CharField(max_length=20, default="", blank=True)
    amount = models.CharField(max_length=60, default="", blank=True)
    frequency = models.CharField(max_length=20, default="", blank=True)
    last_used_on = models.DateField(null=True)
    first_age = models.SmallIntegerField(null=True)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            filled("substance", "substance_use_names_the_substance"),
            within("first_age", 0, 110, "substance_use_first_age_sensible"),
            models.UniqueConstraint(fields=["interview", "position"], name="substance_use_position_once"),
        ]
        ordering = ["position"]
