from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.constraints import filled, one_of, within
from stepwell.clinic.medication.models.orders import MedicationOrder
from stepwell.clinic.medication.rules import declined_because
from stepwell.clinic.people.models import Patient, Staff


class SideEffect(models.Model):
    """How a medicine is borne. It is followed up until somebody closes it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="side_effects")
    order = models.ForeignKey(MedicationOrder, models.PROTECT, null=True, related_name="side_effects")
    effect = models.CharField(max_length=80)
    severity = models.CharField(max_length=10, help_text="mild, moderate or severe")
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: reported by the patient."
    )
    look_again_on = models.DateField(null=True, help_text="When somebody asks again; empty once closed.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("effect", "side_effect_is_named"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, look_again_on__isnull=True)
                | Q(closed_at__isnull=True, look_again_on__isnull=False),
                name="side_effect_is_followed_until_closed",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["mild", "moderate", "severe"]), name="side_effect_severity_known"
            ),
        ]


class SideEffectFollowUp(models.Model):
    """Somebody asked again: what was found and done, and when to ask next; no day closes it."""

    side_effect = models.ForeignKey(SideEffect, models.PROTECT, related_name="follow_ups")
    said = models.CharField(max_length=300, help_text="What was found and done.")
    next_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [filled("said", "side_effect_follow_up_says_what")]


class NaloxoneCameOf(models.TextChoices):
    GIVEN = "given", "given"
    HAS_ONE = "has_one", "has one"
    DECLINED = "declined", "declined"


class NaloxoneOffer(models.Model):
    """Naloxone offered: given with its lot and a training, on hand already, or declined with the reason."""

    Outcome = NaloxoneCameOf

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="naloxone_offers")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    kits = models.SmallIntegerField(default=0)
    lot = models.CharField(max_length=60, default="", blank=True)
    expires_on = models.DateField(null=True)
    trained = models.BooleanField(default=False, help_text="Shown how it is used.")
    because = models.CharField(max_length=30, default="", blank=True, help_text="Code of watching.json.")
    note = models.CharField(max_length=300, default="", blank=True)
    ask_again_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True, help_text="Of the form sent.")

    class Meta:
        constraints = [
            one_of("outcome", NaloxoneCameOf, "naloxone_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome="given") | (Q(kits__gte=1) & ~Q(lot="")),
                name="naloxone_given_has_a_lot",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="declined") | ~Q(because=""), name="naloxone_declined_says_why"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="naloxone_newest_first")]

    @property
    def because_words(self) -> str:
        """Why it was declined."""
        return dict(declined_because()).get(self.because, self.because)


class WithdrawalWatch(models.Model):
    """Withdrawal watched with one instrument, from the first reading to its end."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="withdrawal_watches")
    instrument = models.CharField(max_length=20, help_text="ciwa-ar or cows")
    started_at = models.DateTimeField()
    next_at = models.DateTimeField(
        null=True, help_text="When the next reading is due; empty: by rule no more."
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            filled("instrument", "withdrawal_watch_names_its_scale"),
            models.UniqueConstraint(
                fields=["patient", "instrument"],
                condition=Q(ended_at__isnull=True),
                name="withdrawal_watch_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_because__regex=r"^\s*$"),
                name="withdrawal_watch_ended_with_a_reason",
            ),
        ]


class WithdrawalReading(models.Model):
    """One line of the flow sheet: the score (its answers stand in assessment), the vital signs, what followed."""

    watch = models.ForeignKey(WithdrawalWatch, models.PROTECT, related_name="readings")
    screening = models.OneToOneField(Screening, models.PROTECT, related_name="+")
    total = models.SmallIntegerField(null=True)
    pulse = models.SmallIntegerField(null=True)
    systolic = models.SmallIntegerField(null=True)
    diastolic = models.SmallIntegerField(null=True)
    temperature = models.DecimalField(max_digits=4, decimal_places=1, null=True, help_text="°F")
    respiration = models.SmallIntegerField(null=True)
    oxygen = models.SmallIntegerField(null=True, help_text="Percent.")
    action = models.CharField(max_length=10, default="", blank=True, help_text="call, hold or send_out.")
    sentences = models.JSONField(default=list, help_text="Why the action was asked for.")
    alert = models.OneToOneField(Alert, models.PROTECT, null=True, related_name="+")
    next_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True, help_text="Of the form sent.")

    class Meta:
        constraints = [
            within("pulse", 20, 250, "reading_pulse_plausible"),
            within("systolic", 40, 300, "reading_systolic_plausible"),
            within("diastolic", 20, 200, "reading_diastolic_plausible"),
            within("temperature", 85, 112, "reading_temperature_plausible"),
            within("respiration", 3, 80, "reading_respiration_plausible"),
            within("oxygen", 50, 100, "reading_oxygen_plausible"),
            models.CheckConstraint(
                condition=Q(action__in=["", "call", "hold", "send_out"]), name="reading_action_known"
            ),
            models.CheckConstraint(
                condition=Q(action="") | Q(alert__isnull=False), name="reading_action_is_told"
            ),
        ]
