from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.authorization.models import Authorization
from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.coverage.models import Payer, Policy, money
from stepwell.clinic.people.models import Patient, Staff


class PayerRule(models.Model):
    """Which dated rule of coverage/data/payer-rules.json a payer follows, from a day on."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="rules")
    rule = models.CharField(max_length=40, help_text="Key of coverage/data/payer-rules.json.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payer", "rule", "starts_on"], name="payer_rule_once_a_day"),
            ordered("starts_on", "ends_on", "payer_rule_ends_after_start", equal=True),
        ]


class Charge(models.Model):
    """A signed day of attendance that can be billed. A mistake is voided by a row, never erased."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="charges")
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, related_name="+", help_text="Empty: self-pay."
    )
    authorization = models.ForeignKey(Authorization, models.PROTECT, null=True, related_name="charges")
    day = models.DateField()
    code = models.CharField(max_length=10)
    units = models.SmallIntegerField()
    minutes = models.SmallIntegerField()
    amount = money()
    allowed = money(null=True)
    patient_share = money(null=True, help_text="Empty: the plan has not told what decides it.")
    rule = models.CharField(max_length=40)
    rule_edition = models.CharField(max_length=20, default="", blank=True)
    notes = models.JSONField(help_text="Ids of the signed notes it rests on.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=160)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    voided_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "day", "code"],
                condition=Q(voided_at__isnull=True),
                name="charged_once_a_day",
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="charge_has_units"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, patient_share__gte=0), name="charge_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(voided_because=""),
                name="charge_voided_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-day"], name="charges_of_a_patient")]


class PaymentSource(models.TextChoices):
    PATIENT = "patient", "Patient"
    PAYER = "payer", "Payer"
    ADJUSTMENT = "adjustment", "Adjustment"


class Payment(models.Model):
    Source = PaymentSource

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="payments")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="payments")
    source = models.CharField(max_length=10, choices=Source.choices)
    amount = money()
    reference = models.CharField(max_length=80, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            one_of("source", PaymentSource, "payment_source_known"),
            models.CheckConstraint(condition=~Q(amount=0), name="payment_not_zero"),
        ]


class Statement(models.Model):
    """What the patient was told to owe, as it was printed. Append-only."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="statements")
    number = models.CharField(max_length=20, unique=True)
    from_day = models.DateField()
    to_day = models.DateField()
    lines = models.JSONField()
    balance = money()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            filled("number", "statement_has_a_number"),
            ordered("from_day", "to_day", "statement_period_in_order", equal=True),
        ]
