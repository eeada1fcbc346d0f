"""The sliding fee: what was told, what was seen, what a person decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, within
from stepwell.clinic.coverage.models import FeeDetermination, money
from stepwell.clinic.people.models import Patient, Staff


class FeeApplication(models.Model):
    """Somebody asks for the sliding fee: household and income as told. Never changed; a new one is made."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="fee_applications")
    household = models.SmallIntegerField()
    region = models.CharField(max_length=12, default="contiguous")
    applied_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [within("household", 1, 99, "fee_application_household_sensible")]


class IncomeTold(models.Model):
    """One source of income of the household, as told."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="incomes")
    source = models.CharField(max_length=20, help_text="A key of the incomes in data/assistance.json.")
    amount = money()
    period = models.CharField(max_length=10, help_text="A key of the periods in data/assistance.json.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="income_not_negative"),
            filled("source", "income_has_a_source"),
            filled("period", "income_has_a_period"),
        ]


class ProofSeen(models.Model):
    """What somebody of the staff looked at. No copy is kept."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=30, help_text="A key of the proofs in data/assistance.json.")
    what = models.CharField(max_length=300, help_text="What was seen, such as two pay stubs of February.")
    seen_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("kind", "proof_has_a_kind"),
            filled("what", "proof_says_what_was_seen"),
        ]


class FeeDecision(models.Model):
    """A person decided on an application. On the person's own word first, with documents once more. Never changed."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="decisions")
    determination = models.OneToOneField(FeeDetermination, models.PROTECT, related_name="decision")
    proposed_class = models.CharField(max_length=10, default="", blank=True, help_text="Empty: no discount.")
    decided_class = models.CharField(max_length=10, default="", blank=True)
    provisional = models.BooleanField(help_text="Only the person's own word was there.")
    words = models.JSONField(help_text="The rule's reasons, in sentences.")
    because = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_class=F("proposed_class")) | ~Q(because__regex=r"^\s*$"),
                name="fee_decision_differs_with_a_reason",
            ),
            models.UniqueConstraint(fields=["application", "provisional"], name="fee_decided_once_each_way"),
        ]
