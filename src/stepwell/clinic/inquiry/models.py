from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right

from stepwell.clinic.consent.models import Consent
from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Patient, Room, Site, Staff


class AnswerTime(models.Model):
    """Within how many minutes a site answers, from a day on; the newest that has begun holds.

    `usual_minutes` are minutes in which the site is open, `urgent_minutes` go by the clock.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="answer_times")
    usual_minutes = models.SmallIntegerField()
    urgent_minutes = models.SmallIntegerField()
    starts_on = models.DateField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            within("usual_minutes", 5, 10_080, "answer_time_within_a_week"),
            within("urgent_minutes", 5, 240, "answer_time_urgent_within_four_hours"),
            models.CheckConstraint(
                condition=Q(urgent_minutes__lte=F("usual_minutes")), name="answer_time_urgent_is_sooner"
            ),
        ]


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
    phone_tail = models.GeneratedField(
        expression=Right(
            Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace"), 10
        ),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        help_text="The last ten digits, by which somebody who asked before is recognised.",
    )
    safe_times = models.CharField(max_length=200, default="", blank=True)
    heard_from = models.CharField(
        max_length=20, default="", blank=True, help_text="How they heard of us: a key of data/sources.json."
    )
    heard_detail = models.CharField(max_length=200, default="", blank=True)
    asking_for = models.CharField(max_length=20, default="self", help_text="self, family or professional")
    about = models.TextField(default="", blank=True)
    insurance = models.CharField(max_length=200, default="", blank=True)
    free_times = models.JSONField(default=list, help_text="List of 'mon-morning' like keys of inquiry.rules.")
    red_flags = models.JSONField(default=list)
    told_from_screen = models.JSONField(
        default=list,
        help_text="Answers of the self-screen that the person chose to send: 'use=most', 'range=iop-php'.",
    )
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
        indexes = [
            models.Index(fields=["site", "-received_at"], name="inquiries_by_age"),
            models.Index(fields=["phone_tail"], name="inquiries_by_phone"),
        ]


class InquiryEventKind(models.TextChoices):
    ANSWERED = "answered", "answered"
    ATTEMPTED = "attempted", "tried, not reached"
    SCREENED_OUT = "screened_out", "referred elsewhere"
    BOOKED = "booked", "intake booked"
    CLOSED = "closed", "closed"
    REOPENED = "reopened", "opened again"
    DANGER = "danger", "danger told"
    SAFETY = "safety", "danger acted on"


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
            models.CheckConstraint(
                condition=~Q(kind="safety") | ~Q(note__regex=r"^\s*$"), name="danger_acted_on_says_how"
            ),
        ]


class ReferralOutcome(models.TextChoices):
    ARRIVED = "arrived", "arrived there"
    NOT_GONE = "not_gone", "did not go"
    NOT_REACHED = "not_reached", "not reached"


class ReferralFollowUp(models.Model):
    """Did somebody who was referred on arrive there? Planned for a day; asked again as a further row."""

    Outcome = ReferralOutcome

    referral = models.ForeignKey(InquiryEvent, models.PROTECT, related_name="follow_ups")
    due_on = models.DateField()
    who = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: anybody who answers inquiries."
    )
    planned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome="")
                | Q(done_at__isnull=False, outcome__in=list(ReferralOutcome.values)),
                name="referral_follow_up_done_says_how",
            ),
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(done_at__isnull=True),
                name="one_open_follow_up_a_referral",
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


class Packet(models.Model):
    """The intake papers of one person, opened with a secret address and the date of birth, without an account.

    The address is not kept: only its digest, and the `nonce` from which the site's own key makes it again.
    """

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="packets")
    nonce = models.CharField(max_length=32, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    birth_date = models.DateField()
    language = models.CharField(max_length=2, default="en")
    papers = ArrayField(models.CharField(max_length=20), help_text="Keys of data/packet.json.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_how = models.CharField(max_length=8, default="", blank=True, help_text="text, email or shown")
    opened_at = models.DateTimeField(null=True)
    wrong_tries = models.SmallIntegerField(default=0)
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField(null=True)
    later = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, help_text="Papers to talk about first."
    )
    sent_in_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            ordered("made_at", "expires_at", "packet_expires_after_it_was_made"),
            models.CheckConstraint(condition=Q(papers__len__gt=0), name="packet_has_papers"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(sent_in_at__isnull=False),
                name="packet_accepted_after_it_was_sent_in",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(ended_at__isnull=True),
                name="packet_ends_in_one_way",
            ),
            models.UniqueConstraint(
                fields=["inquiry"],
                condition=Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="one_live_packet_an_inquiry",
            ),
        ]


class PacketSignature(models.Model):
    """One paper as it was read and signed. Never changed; the words are kept as they stood on the screen."""

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="signatures")
    paper = models.CharField(max_length=20)
    edition = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    words = models.JSONField()
    signed_name = models.CharField(max_length=160)
    typed = models.CharField(max_length=160, default="", blank=True)
    drawing = models.JSONField(default=list, help_text="Strokes: lists of [x, y] on a field of 600 by 200.")
    signed_at = models.DateTimeField()
    consent = models.OneToOneField(Consent, models.PROTECT, null=True, related_name="packet_signature")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["packet", "paper"], name="paper_signed_once_a_packet"),
            filled("signed_name", "packet_signature_has_a_name"),
            models.CheckConstraint(
                condition=~Q(typed__regex=r"^\s*$") | ~Q(drawing=[]), name="packet_signature_is_signed"
            ),
            models.CheckConstraint(condition=~Q(words={}), name="packet_signature_keeps_the_words"),
        ]
