from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, within
from stepwell.clinic.people.models import Patient, Staff


class Screening(models.Model):
    """One filled instrument: the answers as given and the score as computed then."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="screenings")
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=20, default="en")
    answers = models.JSONField()
    complete = models.BooleanField()
    total = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    subscales = models.JSONField(default=dict)
    band = models.CharField(max_length=60, default="", blank=True)
    flags = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    taken_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: the patient filled it in."
    )
    entered_in_error_at = models.DateTimeField(null=True)
    entered_in_error_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(complete=True) | Q(total__isnull=True), name="screening_incomplete_has_no_total"
            ),
            models.CheckConstraint(
                condition=Q(entered_in_error_at__isnull=True) | ~Q(entered_in_error_because=""),
                name="screening_error_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "instrument", "-taken_at"], name="screenings_newest_first")
        ]


class AlertSeverity(models.TextChoices):
    URGENT = "urgent", "urgent"
    SOON = "soon", "soon"


class Alert(models.Model):
    """Something about a patient that somebody must look at now."""

    Severity = AlertSeverity

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    sentence = models.CharField(max_length=300)
    subject = models.CharField(max_length=80, help_text="The row it came from, such as 'Screening 12'.")
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("severity", AlertSeverity, "alert_severity_known"),
            filled("sentence", "alert_says_what"),
        ]
        indexes = [models.Index(fields=["patient", "-raised_at"], name="alerts_of_a_patient")]


class AlertAcknowledgement(models.Model):
    alert = models.OneToOneField(Alert, models.PROTECT, related_name="acknowledgement")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    done = models.TextField(help_text="What was done.")

    class Meta:
        constraints = [filled("done", "acknowledgement_says_what_was_done")]


class IntakeInterview(models.Model):
    """The biopsychosocial interview; each save is a new row, the newest holds."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="interviews")
    sections = models.JSONField(help_text="Section key -> text, keys of assessment.rules.")
    substances = models.JSONField(default=list)
    gates = models.JSONField(
        default=dict, help_text="Hard-gate facts: key -> true, false or null for unknown."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")


class Diagnosis(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="diagnoses")
    code = models.CharField(max_length=10, help_text="ICD-10-CM.")
    text = models.CharField(max_length=200)
    primary = models.BooleanField(default=False)
    onset = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$"),
                name="diagnosis_code_has_icd_shape",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(primary=True, ended_at__isnull=True),
                name="one_primary_diagnosis",
            ),
        ]


class DimensionalRating(models.Model):
    """Six ratings 0-4 with a reason each, in one edition. A later row supersedes; none is changed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="ratings")
    edition = models.CharField(max_length=10, default="third")
    d1 = models.SmallIntegerField(null=True)
    d2 = models.SmallIntegerField(null=True)
    d3 = models.SmallIntegerField(null=True)
    d4 = models.SmallIntegerField(null=True)
    d5 = models.SmallIntegerField(null=True)
    d6 = models.SmallIntegerField(null=True)
    reasons = models.JSONField(help_text="'d1' -> reason in the rater's words.")
    gates = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [within(f"d{n}", 0, 4, f"rating_d{n}_from_0_to_4") for n in range(1, 7)]
        indexes = [models.Index(fields=["patient", "-at"], name="ratings_newest_first")]
