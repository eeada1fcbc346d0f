from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.drug_tests.models.tests import TestOrder
from stepwell.clinic.people.models import Patient, Staff


class RewardPlan(models.Model):
    """Rewards for tests free of the classes agreed on, by a schedule of drug_tests/data/rewards.json."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reward_plans")
    schedule = models.CharField(max_length=30)
    target = models.CharField(max_length=30, help_text="Key of the classes that count.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    seed = models.CharField(max_length=128, help_text="For slips of the bowl; shown when the plan is over.")
    commitment = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            ordered("starts_on", "ends_on", "reward_plan_ends_after_start"),
            filled("seed", "reward_plan_has_a_seed"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="one_reward_plan_at_a_time"
            ),
        ]


class RewardKind(models.TextChoices):
    EARNED = "earned", "earned"
    RESET = "reset", "starts again"
    EXCUSED = "excused", "excused"
    HANDED = "handed", "handed over"


class RewardEntry(models.Model):
    """One line of the ledger, with what was earned in the year and what waits to be handed over. Never changed."""

    Kind = RewardKind

    plan = models.ForeignKey(RewardPlan, models.PROTECT, related_name="entries")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reward_entries")
    order = models.OneToOneField(TestOrder, models.PROTECT, null=True, related_name="reward")
    number = models.IntegerField(help_text="Of the patient's ledger; it is the receipt's number too.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    year = models.SmallIntegerField()
    in_year = models.DecimalField(
        max_digits=8, decimal_places=2, help_text="Earned in the year, this line included."
    )
    cap = models.DecimalField(max_digits=8, decimal_places=2, help_text="Of the year, as it stood then.")
    waiting = models.DecimalField(max_digits=8, decimal_places=2, help_text="Earned and not handed over yet.")
    sentence = models.CharField(max_length=300)
    once_key = models.CharField(max_length=64, null=True, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", RewardKind, "reward_kind_known"),
            models.UniqueConstraint(fields=["patient", "number"], name="reward_receipt_once"),
            models.CheckConstraint(
                condition=Q(in_year__gte=0) & Q(in_year__lte=F("cap")),
                name="reward_within_the_cap_of_the_year",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & Q(waiting__gte=0), name="reward_never_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(kind="handed") ^ Q(order__isnull=False),
                name="reward_is_for_a_test_or_handed_over",
            ),
            filled("sentence", "reward_says_why"),
        ]
