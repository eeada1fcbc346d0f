from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of
from stepwell.clinic.drug_tests.models.tests import TestOrder
from stepwell.clinic.people.models import Patient, Site, Staff


class LabFile(models.Model):
    """What came from a laboratory, whole and unchanged, known by its content. Never changed."""

    content = models.BinaryField()
    content_key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the bytes as they came.")
    name = models.CharField(max_length=200, default="", blank=True)
    via = models.CharField(max_length=10, help_text="mllp or file")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [filled("via", "lab_file_came_somehow")]


class LabMessage(models.Model):
    """One message, or a part that is none: bytes [starts, ends) of its file, known by its content. Never changed."""

    file = models.ForeignKey(LabFile, models.PROTECT, related_name="messages")
    starts = models.IntegerField()
    ends = models.IntegerField()
    content_key = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the message, however its lines end."
    )
    control_id = models.CharField(max_length=200, default="", blank=True)
    kind = models.CharField(max_length=20, default="", blank=True)
    sender = models.CharField(max_length=200, default="", blank=True)
    sent_at = models.CharField(max_length=40, default="", blank=True)
    problem = models.CharField(max_length=300, default="", blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__gte=0) & Q(ends__gte=models.F("starts")),
                name="lab_message_lies_in_its_file",
            )
        ]
        indexes = [models.Index(fields=["control_id"], name="lab_message_by_control_id")]


class LabReportState(models.TextChoices):
    FILED = "filed", "in a chart"
    WAITING = "waiting", "waits for a person"
    SET_ASIDE = "set_aside", "set aside"


class LabReport(models.Model):
    """One order group of a message; without `told`, a message that could not be read."""

    State = LabReportState

    message = models.ForeignKey(LabMessage, models.PROTECT, related_name="reports")
    position = models.SmallIntegerField()
    same_thing = models.CharField(
        max_length=64,
        help_text="Laboratory, order number and service: reports with the same one replace each other.",
    )
    told = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices)
    because = models.CharField(max_length=300, default="", blank=True)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="lab_reports")
    order = models.ForeignKey(TestOrder, models.PROTECT, null=True, related_name="lab_reports")
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("state", LabReportState, "lab_report_state_known"),
            models.UniqueConstraint(fields=["message", "position"], name="lab_report_once_a_place"),
            models.CheckConstraint(
                condition=~Q(state="filed") | Q(patient__isnull=False, told__isnull=False),
                name="lab_report_filed_has_a_patient",
            ),
            models.CheckConstraint(
                condition=Q(state="filed") | Q(patient__isnull=True, order__isnull=True),
                name="lab_report_not_filed_has_none",
            ),
            models.CheckConstraint(
                condition=Q(state="filed") | ~Q(because=""), name="lab_report_waits_with_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["same_thing"], name="lab_reports_of_the_same"),
            models.Index(fields=["state", "received_at"], name="lab_reports_waiting"),
        ]
