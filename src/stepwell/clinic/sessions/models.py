from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.plan.models import Objective
from stepwell.clinic.timetable.models import Occurrence, Seat


class AttendanceOutcome(models.TextChoices):
    PRESENT = "present", "present"
    EXCUSED = "excused", "absent, excused"
    UNEXCUSED = "unexcused", "absent, not excused"


class Attendance(models.Model):
    """Minutes live here: when the person came and left, never derived from the slot.

    Locked when the session's note is signed; the database then refuses any change.
    """

    Outcome = AttendanceOutcome

    seat = models.OneToOneField(Seat, models.PROTECT, related_name="attendance")
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="attendances")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="attendances")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    stepped_out = models.JSONField(default=list, help_text="[[out, back], …] ISO instants.")
    minutes = models.SmallIntegerField(
        default=0, help_text="Overlap of presence and service; sessions.rules.minutes_attended."
    )
    mode = models.CharField(max_length=8, default="on_site")
    reason = models.CharField(max_length=200, default="", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("outcome", AttendanceOutcome, "attendance_outcome_known"),
            models.UniqueConstraint(fields=["occurrence", "patient"], name="attendance_once"),
            models.CheckConstraint(
                condition=~Q(outcome="present") | Q(arrived_at__isnull=False), name="present_means_arrived"
            ),
            models.CheckConstraint(
                condition=Q(outcome="present") | Q(arrived_at__isnull=True, minutes=0),
                name="absent_has_no_minutes",
            ),
            models.CheckConstraint(
                condition=Q(outcome="present") | ~Q(reason=""), name="absence_has_a_reason"
            ),
            ordered("arrived_at", "left_at", "left_after_arriving"),
            within("minutes", 0, 960, "attended_minutes_sensible"),
        ]
        indexes = [
            models.Index(fields=["patient", "-occurrence"], name="attendance_of_a_patient"),
            models.Index(fields=["patient"], condition=~Q(outcome="present"), name="absences_of_a_patient"),
        ]


class Note(models.Model):
    """One note for one occurrence: the shared part. Signed, it never changes (a trigger sees to it)."""

    occurrence = models.OneToOneField(Occurrence, models.PROTECT, related_name="note")
    format = models.CharField(max_length=8, default="GROUP", help_text="GROUP, DAP, SOAP, BIRP, GIRP")
    topic = models.CharField(max_length=200, default="", blank=True)
    shared = models.TextField(default="", blank=True)
    author = models.ForeignKey(Staff, models.PROTECT, related_name="notes")
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    revision = models.IntegerField(
        default=0, help_text="Grows with each save of a draft: two writers never overwrite each other unseen."
    )
    saved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    saved_from = models.CharField(
        max_length=32,
        default="",
        blank=True,
        help_text="The open page that saved last: its own saves never clash.",
    )
    signed_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, default="", blank=True)
    cosigner = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="notes_to_cosign")
    cosigned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | (~Q(content_hash="") & ~Q(shared="")),
                name="signed_note_is_not_blank",
            ),
            models.CheckConstraint(
                condition=Q(cosigned_at__isnull=True) | Q(signed_at__isnull=False, cosigner__isnull=False),
                name="cosigned_after_signing",
            ),
        ]
        indexes = [models.Index(fields=["author"], condition=Q(signed_at__isnull=True), name="notes_to_sign")]


class NotePart(models.Model):
    """One person's own part of the note: the only part, with the shared one, that this chart shows."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="parts")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="note_parts")
    participation = models.CharField(max_length=30, default="", blank=True)
    affect = models.CharField(max_length=30, default="", blank=True)
    response = models.CharField(max_length=30, default="", blank=True)
    skill = models.CharField(max_length=60, default="", blank=True)
    risk = models.CharField(max_length=30, default="", blank=True)
    objective = models.ForeignKey(Objective, models.PROTECT, null=True, related_name="note_parts")
    text = models.TextField(default="", blank=True)
    minutes = models.SmallIntegerField(default=0, help_text="As attended, frozen at signing.")
    sections = models.JSONField(default=dict, help_text="For DAP, SOAP, BIRP, GIRP: section -> text.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "patient"], name="one_part_a_person")]
        indexes = [models.Index(F("patient"), F("note").desc(), name="note_parts_of_a_patient")]


class NoteSignatureRole(models.TextChoices):
    AUTHOR = "author", "signed"
    COSIGNER = "cosigner", "co-signed"


class NoteSignature(models.Model):
    Role = NoteSignatureRole

    note = models.ForeignKey(Note, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=8, choices=Role.choices)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    credential = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("role", NoteSignatureRole, "note_signature_role_known"),
            models.UniqueConstraint(fields=["note", "role"], name="note_signed_once_in_each_role"),
        ]


class AddendumKind(models.TextChoices):
    ADDENDUM = "addendum", "Addendum"
    CORRECTION = "correction", "Correction"
    IN_ERROR = "entered_in_error", "Entered in error"


class Addendum(models.Model):
    Kind = AddendumKind

    note = models.ForeignKey(Note, models.PROTECT, related_name="addenda")
    patient = models.ForeignKey(
        Patient, models.PROTECT, null=True, related_name="+", help_text="Empty: to the shared part."
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    text = models.TextField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    credential = models.CharField(max_length=40, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("kind", AddendumKind, "addendum_kind_known"),
            filled("text", "addendum_says_something"),
            filled("reason", "addendum_says_why"),
        ]
