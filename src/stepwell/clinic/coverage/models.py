from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Patient, Site, Staff


def money(**options: Any) -> Any:
    """An amount in US dollars, to the cent."""
    return models.DecimalField(max_digits=10, decimal_places=2, **options)  # passed on as they are


class PayerKind(models.TextChoices):
    COMMERCIAL = "commercial", "Commercial"
    MEDICAID = "medicaid", "Medicaid"
    MEDICARE = "medicare", "Medicare"
    OTHER = "other", "Other"


class Payer(models.Model):
    Kind = PayerKind

    name = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    payer_code = models.CharField(max_length=20, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [one_of("kind", PayerKind, "payer_kind_known")]


class Policy(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="policies")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="+")
    member_id = models.CharField(max_length=40)
    group_number = models.CharField(max_length=40, default="", blank=True)
    plan_name = models.CharField(max_length=120, default="", blank=True)
    subscriber = models.CharField(max_length=160, default="", blank=True)
    relation = models.CharField(max_length=20, default="self")
    priority = models.SmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            filled("member_id", "policy_has_a_member_id"),
            ordered("starts_on", "ends_on", "policy_ends_after_start", equal=True),
            models.UniqueConstraint(
                fields=["patient", "payer", "member_id", "starts_on"], name="policy_recorded_once"
            ),
        ]


class Benefits(models.Model):
    """Benefits for the IOP as somebody heard or read them; the newest row holds."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="benefits")
    verified_at = models.DateTimeField()
    verified_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, default="phone", help_text="phone, portal or card")
    reference = models.CharField(max_length=80, default="", blank=True)
    in_network = models.BooleanField(null=True)
    deductible = money(null=True)
    deductible_met = money(null=True)
    out_of_pocket_max = money(null=True)
    out_of_pocket_met = money(null=True)
    family_deductible = money(null=True)
    family_deductible_met = money(null=True)
    family_out_of_pocket_max = money(null=True)
    family_out_of_pocket_met = money(null=True)
    next_year_on = models.DateField(null=True, help_text="The day on which the next benefit year begins.")
    coordination = models.CharField(
        max_length=10,
        default="",
        blank=True,
        help_text="As second plan: standard or carve_out; empty: not told.",
    )
    copay_per_day = money(null=True)
    coinsurance = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, help_text="Patient's share, 0 to 1."
    )
    covered = models.BooleanField(null=True)
    copay_skips_deductible = models.BooleanField(default=False)
    balance_billed = models.BooleanField(default=False)
    day_limit = models.SmallIntegerField(null=True, help_text="Days left.")
    authorization_required = models.BooleanField(null=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            within("coinsurance", 0, 1, "benefits_coinsurance_is_a_share"),
            models.CheckConstraint(
                condition=Q(coordination__in=["", "standard", "carve_out"]),
                name="benefits_coordination_known",
            ),
            models.CheckConstraint(
                condition=Q(family_deductible_met__isnull=True)
                | Q(family_deductible__isnull=True)
                | Q(family_deductible_met__lte=F("family_deductible")),
                name="benefits_met_not_above_family_deductible",
            ),
            models.CheckConstraint(
                condition=Q(family_out_of_pocket_met__isnull=True)
                | Q(family_out_of_pocket_max__isnull=True)
                | Q(family_out_of_pocket_met__lte=F("family_out_of_pocket_max")),
                name="benefits_met_not_above_family_out_of_pocket",
            ),
            models.CheckConstraint(
                condition=(Q(family_deductible__isnull=True) | Q(family_deductible__gte=0))
                & (Q(family_deductible_met__isnull=True) | Q(family_deductible_met__gte=0))
                & (Q(family_out_of_pocket_max__isnull=True) | Q(family_out_of_pocket_max__gte=0))
                & (Q(family_out_of_pocket_met__isnull=True) | Q(family_out_of_pocket_met__gte=0)),
                name="benefits_family_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(deductible__isnull=True) | Q(deductible__gte=0),
                name="benefits_deductible_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(deductible_met__isnull=True)
                | Q(deductible__isnull=True)
                | Q(deductible_met__lte=F("deductible")),
                name="benefits_met_not_above_deductible",
            ),
            models.CheckConstraint(
                condition=Q(deductible_met__isnull=True) | Q(deductible_met__gte=0),
                name="benefits_deductible_met_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(out_of_pocket_max__isnull=True) | Q(out_of_pocket_max__gte=0),
                name="benefits_out_of_pocket_max_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(out_of_pocket_met__isnull=True) | Q(out_of_pocket_met__gte=0),
                name="benefits_out_of_pocket_met_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(out_of_pocket_met__isnull=True)
                | Q(out_of_pocket_max__isnull=True)
                | Q(out_of_pocket_met__lte=F("out_of_pocket_max")),
                name="benefits_met_not_above_out_of_pocket_max",
            ),
        ]


class ServiceRate(models.Model):
    """The site's charge, and a payer's allowed amount, for one service code, from a day on."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="rates")
    payer = models.ForeignKey(
        Payer, models.PROTECT, null=True, related_name="rates", help_text="Empty: the site's own charge."
    )
    code = models.CharField(max_length=10)
    amount = money()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="rate_not_negative"),
            ordered("starts_on", "ends_on", "rate_ends_after_start", equal=True),
            models.UniqueConstraint(
                fields=["site", "payer", "code", "starts_on"], nulls_distinct=False, name="rate_once_a_day"
            ),
        ]


class FeeDetermination(models.Model):
    """Sliding fee by household and income, with the guideline's edition kept."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="fee_determinations")
    household = models.SmallIntegerField()
    annual_income = money()
    region = models.CharField(max_length=12, default="contiguous")
    edition = models.CharField(max_length=10)
    percent_of_guideline = models.DecimalField(max_digits=12, decimal_places=4)
    discount = models.DecimalField(max_digits=5, decimal_places=4, help_text="0 to 1.")
    nominal = money(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            within("household", 1, 99, "fee_household_sensible"),
            within("discount", 0, 1, "fee_discount_is_a_share"),
            models.CheckConstraint(condition=Q(annual_income__gte=0), name="fee_income_not_negative"),
            ordered("valid_from", "valid_until", "fee_valid_for_some_days"),
        ]


class Estimate(models.Model):
    """The price of a planned episode as it was told to the person, with what it was computed from.

    `patient_pays` and `payer_pays` are empty while the plan has not told what decides them; nothing is guessed.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="estimates")
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+")
    second_policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+")
    weeks = models.SmallIntegerField()
    days_per_week = models.SmallIntegerField()
    starts_on = models.DateField()
    inputs = models.JSONField(help_text="Benefits, rates and sliding fee as they stood.")
    lines = models.JSONField(help_text="By week: first day, units, and each part of the charge.")
    words = models.JSONField(help_text="Reasons, assumptions and what is unknown, in sentences.")
    total = money(null=True, help_text="The program's charge for all units.")
    patient_pays = money(null=True)
    payer_pays = money(null=True)
    second_pays = money(default=0)
    eap_pays = money(default=0)
    discount = money(default=0, help_text="By the sliding fee.")
    grants_pay = money(default=0)
    written_off = money(default=0)
    possible_balance = money(default=0)
    at_most = money(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            within("weeks", 1, 104, "estimate_weeks_sensible"),
            within("days_per_week", 1, 7, "estimate_days_sensible"),
            models.CheckConstraint(
                condition=Q(patient_pays__isnull=True, payer_pays__isnull=True)
                | Q(
                    total=F("patient_pays")
                    + F("payer_pays")
                    + F("second_pays")
                    + F("eap_pays")
                    + F("grants_pay")
                    + F("discount")
                    + F("written_off")
                    + F("possible_balance")
                ),
                name="estimate_parts_sum_to_the_whole",
            ),
        ]
