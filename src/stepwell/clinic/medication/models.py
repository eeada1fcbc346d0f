from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import Patient, Staff


class Medication(models.Model):
    """What the person takes, from whatever source: told, handed off, or ordered here."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="medications")
    name = models.CharField(max_length=160)
    rxnorm = models.CharField(max_length=12, default="", blank=True)
    dose = models.CharField(max_length=120, default="", blank=True)
    source = models.CharField(max_length=20, default="reported", help_text="reported, handoff or ordered")
    starts_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ended_because = models.CharField(max_length=200, default="", blank=True)
    part2 = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("name", "medication_has_a_name"),
            ordered("starts_on", "ended_on", "medication_ends_after_start", equal=True),
        ]


class Allergy(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="allergies")
    substance = models.CharField(max_length=160)
    reaction = models.CharField(max_length=160, default="", blank=True)
    source = models.CharField(max_length=20, default="reported")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [filled("substance", "allergy_names_its_substance")]


class MedicationOrder(models.Model):
    """A prescriber's order; stopping it is a new fact on the row, never a deletion."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="medication_orders")
    drug = models.CharField(max_length=60, help_text="Key of medication/data/drugs.json or a free name.")
    name = models.CharField(max_length=160)
    dose = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=20)
    route = models.CharField(max_length=30)
    frequency = models.CharField(max_length=60)
    instructions = models.CharField(max_length=300, default="", blank=True)
    given_here = models.BooleanField(default=False, help_text="Doses are given and recorded at the site.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    prescriber = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    warnings = models.JSONField(
        default=list, help_text="Warnings shown to and passed over by the prescriber."
    )
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    stopped_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(dose__gt=0), name="order_dose_above_zero"),
            ordered("starts_on", "ends_on", "medication_order_ends_after_start", equal=True),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stopped_because=""),
                name="order_stopped_with_a_reason",
            ),
        ]

    @property
    def dose_words(self) -> str:
        """'250 mg': the ordered dose without idle zeros."""
        return f"{self.dose.normalize():f} {self.unit}"


class DoseOutcome(models.TextChoices):
    GIVEN = "given", "given"
    REFUSED = "refused", "refused"
    HELD = "held", "held"


class Dose(models.Model):
    """An administration: given, refused or held."""

    Outcome = DoseOutcome

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="doses")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    amount = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: a double click gives one dose."
    )

    class Meta:
        constraints = [
            one_of("outcome", DoseOutcome, "dose_outcome_known"),
            models.CheckConstraint(
                # A comparison with NULL is unknown, and a check that is unknown passes.
                condition=~Q(outcome="given") | Q(amount__isnull=False, amount__gt=0),
                name="given_dose_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(outcome="given") | ~Q(note=""), name="dose_not_given_says_why"
            ),
        ]

    @property
    def amount_words(self) -> str:
        """'250 mg' when given, else nothing. The order must be loaded."""
        return "" if self.amount is None else f"{self.amount.normalize():f} {self.order.unit}"


class SideEffect(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="side_effects")
    order = models.ForeignKey(MedicationOrder, models.PROTECT, null=True, related_name="side_effects")
    effect = models.CharField(max_length=80)
    severity = models.CharField(max_length=10, help_text="mild, moderate or severe")
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: reported by the patient."
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("effect", "side_effect_is_named"),
            models.CheckConstraint(
                condition=Q(severity__in=["mild", "moderate", "severe"]), name="side_effect_severity_known"
            ),
        ]
