from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.consent.models import Consent
from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import FamilyMember, Patient, Site, Staff
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


class GuestGround(models.TextChoices):
    CONSENT = "consent", "consent"
    SAY_SO = "say_so", "the patient's say-so"


class Guest(models.Model):
    """A family member who was in a session, on the strength of a consent or of the patient's word in the room."""

    Ground = GuestGround

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="guests")
    family_member = models.ForeignKey(FamilyMember, models.PROTECT, related_name="visits")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="guests")
    ground = models.CharField(max_length=8, choices=Ground.choices)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("ground", GuestGround, "guest_ground_known"),
            models.CheckConstraint(
                condition=Q(ground="consent", consent__isnull=False)
                | ~Q(ground="consent") & Q(consent__isnull=True),
                name="guest_comes_by_a_consent_or_a_word",
            ),
            models.UniqueConstraint(fields=["occurrence", "family_member"], name="guest_once_in_a_session"),
            ordered("arrived_at", "left_at", "guest_left_after_arriving"),
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
    done = models.TextField(default="", blank=True, help_text="What was done about a raised risk.")
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


class Kiosk(models.Model):
    """A device at the door on which staff have opened the check-in page of a site. Its key is only in its cookie."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="kiosks")
    place = models.CharField(max_length=60, help_text="Where it stands, such as Front door.")
    key_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("place", "kiosk_has_a_place"),
            ordered("opened_at", "closed_at", "kiosk_closed_after_opening", equal=True),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="kiosk_closed_by_somebody",
            ),
            models.UniqueConstraint(fields=["key_hash"], name="kiosk_key_once"),
        ]
        indexes = [models.Index(fields=["site"], condition=Q(closed_at__isnull=True), name="kiosks_open")]


class KeptApartKind(models.TextChoices):
    COUNSELING = "counseling", "SUD counseling note"
    PSYCHOTHERAPY = "psychotherapy", "psychotherapy note"


class KeptApartNote(models.Model):
    """A clinician's own note that is no part of the record (42 CFR 2.11, 45 CFR 164.501).

    Nothing else refers to it, and nothing but `queries/kept_apart.py` reads it: by its author only.
    """

    Kind = KeptApartKind

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("kind", KeptApartKind, "kept_apart_note_kind_known")]
        indexes = [models.Index(fields=["author", "patient"], name="kept_apart_notes_of_author")]


class KeptApartRevision(models.Model):
    """What the author wrote; a change is a new revision, and none ever changes (a trigger sees to it)."""

    note = models.ForeignKey(KeptApartNote, models.PROTECT, related_name="revisions")
    number = models.SmallIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            filled("text", "kept_apart_revision_says_something"),
            models.UniqueConstraint(fields=["note", "number"], name="kept_apart_revision_once"),
        ]
