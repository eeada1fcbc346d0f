"""Visits that an employer's assistance program authorized."""

from __future__ import annotations

from django.db import models

from stepwell.clinic.constraints import filled, ordered, within
from stepwell.clinic.people.models import Patient, Staff


class EapReferral(models.Model):
    """An employer's assistance program authorized visits. Never changed: more visits are a new row."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="eap_referrals")
    program = models.CharField(max_length=160, help_text="The assistance program.")
    employer = models.CharField(max_length=160)
    formal = models.BooleanField(help_text="The employer sent the person; otherwise they came on their own.")
    reference = models.CharField(max_length=80, default="", blank=True)
    visits = models.SmallIntegerField(help_text="Visits authorized.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("program", "eap_has_a_program"),
            filled("employer", "eap_has_an_employer"),
            within("visits", 1, 99, "eap_visits_sensible"),
            ordered("starts_on", "ends_on", "eap_ends_after_it_starts", equal=True),
        ]
