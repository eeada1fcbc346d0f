from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of
from stepwell.clinic.people.models import Patient, Staff


class ScreeningWay(models.TextChoices):
    STAFF = "staff", "asked by staff"
    TABLET = "tablet", "on the tablet in the lobby"
    PHONE = "phone", "on the own phone"


class Screening(models.Model):
    """One filled instrument: the answers as given and the score as computed then.

    A correction is a further row that supersedes this one; this one stays as it was.
    """

    Way = ScreeningWay

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="screenings")
    instrument = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=20, default="en")
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.STAFF)
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
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", help_text="The row this one corrects."
    )
    corrected_because = models.CharField(max_length=200, default="", blank=True)
    entered_in_error_at = models.DateTimeField(null=True)
    entered_in_error_because = models.CharField(max_length=200, default="", blank=True)
    once_key = models.CharField(
        max_length=64, unique=True, null=True, help_text="Of the form sent: a double click makes one row."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(complete=True) | Q(total__isnull=True), name="screening_incomplete_has_no_total"
            ),
            models.CheckConstraint(
                condition=Q(entered_in_error_at__isnull=True) | ~Q(entered_in_error_because=""),
                name="screening_error_says_why",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(corrected_because__regex=r"^\s*$"),
                name="screening_correction_says_why",
            ),
            one_of("way", ScreeningWay, "screening_way_known"),
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


class AlertTold(models.Model):
    """An alert that nobody answered in time went to this person too. Never changed."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="told")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    after_minutes = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "staff"], name="alert_told_once_a_person"),
            models.CheckConstraint(condition=Q(after_minutes__gt=0), name="alert_told_after_a_while"),
        ]
