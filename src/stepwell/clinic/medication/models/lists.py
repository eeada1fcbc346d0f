from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.inquiry.models import HandoffItem
from stepwell.clinic.medication.models.orders import MedicationOrder
from stepwell.clinic.people.models import Patient, Staff


class Medication(models.Model):
    """What the person takes, from whatever source: told, handed off, or ordered here."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="medications")
    name = models.CharField(max_length=160)
    rxnorm = models.CharField(max_length=12, default="", blank=True)
    dose = models.CharField(max_length=120, default="", blank=True)
    handoff_item = models.OneToOneField(
        HandoffItem, models.PROTECT, null=True, related_name="+", help_text="The fact it came from."
    )
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
    """What the person does not tolerate."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="allergies")
    substance = models.CharField(max_length=160)
    reaction = models.CharField(max_length=160, default="", blank=True)
    severity = models.CharField(max_length=10, default="", blank=True, help_text="mild, moderate or severe.")
    source = models.CharField(max_length=20, default="reported")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("substance", "allergy_names_its_substance"),
            models.CheckConstraint(
                condition=Q(severity__in=["", "mild", "moderate", "severe"]), name="allergy_severity_known"
            ),
        ]


class NoKnownAllergies(models.Model):
    """Somebody asked, and there are none: not the same as nobody having asked."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="no_known_allergies")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")


class ReconciliationOccasion(models.TextChoices):
    ADMISSION = "admission", "Admission"
    TRANSITION = "transition", "Change of level of care"
    DISCHARGE = "discharge", "Discharge"
    VISIT = "visit", "Visit"


class Reconciliation(models.Model):
    """The list gone through line by line and signed. Never changed: the next one is a new row."""

    Occasion = ReconciliationOccasion

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reconciliations")
    occasion = models.CharField(max_length=12, choices=Occasion.choices)
    nothing_taken = models.BooleanField(default=False, help_text="Asked: the person takes nothing.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True, help_text="Of the form sent.")

    class Meta:
        constraints = [one_of("occasion", ReconciliationOccasion, "reconciliation_occasion_known")]
        indexes = [models.Index(fields=["patient", "-at"], name="reconciliations_newest_first")]


class LineDecision(models.TextChoices):
    CONTINUE = "continue", "goes on"
    CHANGE = "change", "changed"
    STOP = "stop", "stopped"
    NOT_TAKING = "not_taking", "not taken"


class ReconciliationLine(models.Model):
    """One line of the list as it was, and what became of it."""

    Decision = LineDecision

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="lines")
    medication = models.ForeignKey(Medication, models.PROTECT, null=True, related_name="lines")
    order = models.ForeignKey(MedicationOrder, models.PROTECT, null=True, related_name="lines")
    handoff_item = models.ForeignKey(HandoffItem, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=300)
    dose = models.CharField(max_length=200, default="", blank=True)
    decision = models.CharField(max_length=12, choices=Decision.choices)
    to = models.CharField(max_length=120, default="", blank=True, help_text="How it is taken from now on.")
    because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            filled("name", "reconciliation_line_has_a_name"),
            one_of("decision", LineDecision, "reconciliation_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="continue") | ~Q(because__regex=r"^\s*$"),
                name="reconciliation_line_says_why",
            ),
            models.UniqueConstraint(
                fields=["reconciliation", "medication"], name="reconciliation_looks_at_an_entry_once"
            ),
            models.UniqueConstraint(
                fields=["reconciliation", "order"], name="reconciliation_looks_at_an_order_once"
            ),
            models.UniqueConstraint(
                fields=["reconciliation", "handoff_item"], name="reconciliation_looks_at_a_fact_once"
            ),
        ]
