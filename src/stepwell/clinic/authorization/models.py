from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import one_of, ordered
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Patient, Staff


class AuthorizationUnit(models.TextChoices):
    DAY = "day", "days"
    HOUR = "hour", "hours"


class Authorization(models.Model):
    """What was asked of a payer. What the payer answered are its `AuthorizationDecision` rows."""

    Unit = AuthorizationUnit

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="authorizations")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="authorizations")
    service_code = models.CharField(max_length=10)
    level = models.CharField(max_length=10, help_text="Level of care the payer is asked for.")
    unit = models.CharField(max_length=4, choices=Unit.choices)
    units_asked = models.SmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("unit", AuthorizationUnit, "authorization_unit_known"),
            ordered("starts_on", "ends_on", "authorization_ends_after_start", equal=True),
            models.CheckConstraint(condition=Q(units_asked__gt=0), name="authorization_asks_for_units"),
        ]


class AuthorizationDecisionOutcome(models.TextChoices):
    APPROVED = "approved", "approved"
    PARTLY = "partly", "approved in part"
    DENIED = "denied", "denied"
    PENDED = "pended", "pended"


class AuthorizationDecision(models.Model):
    Outcome = AuthorizationDecisionOutcome

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    number = models.CharField(max_length=40, default="", blank=True)
    units = models.SmallIntegerField(default=0)
    level = models.CharField(max_length=10, default="", blank=True, help_text="Authorized level of care.")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("outcome", AuthorizationDecisionOutcome, "authorization_outcome_known"),
            models.CheckConstraint(condition=Q(units__gte=0), name="authorization_units_not_negative"),
            models.CheckConstraint(
                condition=Q(outcome__in=["denied", "pended"])
                | (Q(units__gt=0) & ~Q(number="") & Q(starts_on__isnull=False) & Q(ends_on__isnull=False)),
                name="approval_has_number_units_and_dates",
            ),
        ]
