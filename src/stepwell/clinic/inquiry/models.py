from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import Patient, Room, Site, Staff


class InquirySource(models.TextChoices):
    WEB = "web", "Public page"
    PHONE = "phone", "Phone"
    REFERRAL = "referral", "Referral"
    HANDOFF = "handoff", "Inpatient hand-off"


class Inquiry(models.Model):
    """Somebody asked for help. What happened to it since are its `InquiryEvent` rows."""

    Source = InquirySource

    code = models.CharField(max_length=8, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="inquiries")
    source = models.CharField(max_length=10, choices=Source.choices)
    referred_by = models.CharField(max_length=200, default="", blank=True)
    name = models.CharField(max_length=160)
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    may_call = models.BooleanField(default=False)
    may_voicemail = models.BooleanField(default=False)
    may_text = models.BooleanField(default=False)
    may_email = models.BooleanField(default=False)
    safe_times = models.CharField(max_length=200, default="", blank=True)
    asking_for = models.CharField(max_length=20, default="self", help_text="self, family or professional")
    about = models.TextField(default="", blank=True)
    insurance = models.CharField(max_length=200, default="", blank=True)
    free_times = models.JSONField(default=list, help_text="List of 'mon-morning' like keys of inquiry.rules.")
    red_flags = models.JSONField(default=list)
    language = models.CharField(max_length=20, default="en")
    received_at = models.DateTimeField()
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="inquiries")
    once_key = models.CharField(
        max_length=64, unique=True, null=True, help_text="Of the form sent: a double click makes one inquiry."
    )

    class Meta:
        constraints = [
            one_of("source", InquirySource, "inquiry_source_known"),
            filled("name", "inquiry_has_a_name"),
            models.CheckConstraint(
                condition=~Q(phone="") | ~Q(email="") | Q(source="handoff"), name="inquiry_can_be_answered"
            ),
        ]
        indexes = [models.Index(fields=["site", "-received_at"], name="inquiries_by_age")]


class InquiryEventKind(models.TextChoices):
    ANSWERED = "answered", "answered"
    ATTEMPTED = "attempted", "tried, not reached"
    SCREENED_OUT = "screened_out", "referred elsewhere"
    BOOKED = "booked", "intake booked"
    CLOSED = "closed", "closed"
    REOPENED = "reopened", "opened again"


class InquiryEvent(models.Model):
    Kind = InquiryEventKind

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=60, default="", blank=True)
    referred_to = models.CharField(max_length=200, default="", blank=True)
    referral_contact = models.CharField(max_length=200, default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            one_of("kind", InquiryEventKind, "inquiry_event_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="screened_out") | ~Q(referred_to=""), name="screened_out_with_a_referral"
            ),
        ]


class IntakeAppointment(models.Model):
    """A booked intake; staff and room are held by `people.Reservation` rows."""

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, null=True, related_name="intakes")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="intakes")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    mode = models.CharField(max_length=8, default="on_site", help_text="on_site or video")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    booked_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ordered("starts", "ends", "intake_ends_after_start"),
            models.UniqueConstraint(
                fields=["inquiry"],
                condition=Q(cancelled_at__isnull=True, arrived_at__isnull=True),
                name="one_live_intake_an_inquiry",
            ),
        ]


class Handoff(models.Model):
    """A hand-off file that was imported, known by the hash of its content."""

    content_key = models.CharField(max_length=64, unique=True)
    inquiry = models.OneToOneField(Inquiry, models.PROTECT, related_name="handoff")
    source = models.CharField(max_length=200, default="", blank=True)
    person = models.JSONField(help_text="The patient as the bundle has it, with the place of each fact.")
    skipped = models.JSONField(default=list, help_text="What was not taken: type, count, why.")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=160)


class HandoffItemDecision(models.TextChoices):
    PENDING = "pending", "to decide"
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"


class HandoffItem(models.Model):
    """One fact of a hand-off, with its source kept, waiting for a person to accept or reject it."""

    Decision = HandoffItemDecision

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20)
    resource_type = models.CharField(max_length=60)
    resource_id = models.CharField(max_length=120)
    place = models.CharField(max_length=200)
    display = models.TextField()
    system = models.CharField(max_length=200, default="", blank=True)
    code = models.CharField(max_length=60, default="", blank=True)
    status = models.CharField(max_length=40, default="", blank=True)
    starts = models.CharField(max_length=40, default="", blank=True)
    ends = models.CharField(max_length=40, default="", blank=True)
    detail = models.JSONField(default=dict)
    part2 = models.BooleanField(
        default=False, help_text="Identifies a substance use disorder (42 CFR Part 2)."
    )
    labels = models.JSONField(default=list)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.PENDING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            one_of("decision", HandoffItemDecision, "handoff_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="pending") | Q(decided_at__isnull=False),
                name="handoff_decision_has_its_time",
            ),
        ]
