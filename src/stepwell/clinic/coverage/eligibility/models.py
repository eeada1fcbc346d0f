from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, within
from stepwell.clinic.coverage.models import Benefits, Payer, Policy
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient, Site, Staff


class ControlNumber(models.Model):
    """A number of an envelope; the key is the number, so none is ever given out twice."""

    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [within("id", 1, 999_999_999, "control_number_has_nine_digits")]


class QuestionState(models.TextChoices):
    QUEUED = "queued", "on its way"
    SENT = "sent", "sent, no answer yet"
    ANSWERED = "answered", "answered"
    REJECTED = "rejected", "refused by the payer"
    FAILED = "failed", "not sent"


class EligibilityRequest(models.Model):
    """A question put to a payer electronically: who asked for whom, its numbers, and where it stands."""

    State = QuestionState

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="eligibility_requests")
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="eligibility_requests")
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, null=True, related_name="eligibility_requests")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="+")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, default="", blank=True)
    member_id = models.CharField(max_length=40)
    group_number = models.CharField(max_length=40, default="", blank=True)
    relation = models.CharField(max_length=20, default="self")
    subscriber_given = models.CharField(max_length=100, default="", blank=True)
    subscriber_family = models.CharField(max_length=100, default="", blank=True)
    subscriber_birth_date = models.DateField(null=True)
    in_network = models.BooleanField(null=True, help_text="As the site knows it; answers seldom say it.")
    service_types = ArrayField(models.CharField(max_length=2))
    on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: a double click asks once."
    )
    number = models.OneToOneField(ControlNumber, models.PROTECT, related_name="request")
    trace = models.CharField(max_length=50, unique=True)
    payload = models.TextField(default="", blank=True, help_text="As it was sent, each time the same.")
    payload_hash = models.CharField(max_length=64, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    message = models.TextField(default="", blank=True, help_text="What happened last, in a sentence.")

    class Meta:
        constraints = [
            one_of("state", QuestionState, "eligibility_state_known"),
            filled("member_id", "eligibility_asked_with_a_member_number"),
            filled("given_name", "eligibility_asked_with_a_given_name"),
            filled("family_name", "eligibility_asked_with_a_family_name"),
            models.CheckConstraint(
                condition=Q(policy__isnull=False, patient__isnull=False, inquiry__isnull=True)
                | Q(policy__isnull=True, patient__isnull=True, inquiry__isnull=False),
                name="eligibility_asked_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | ~Q(payload_hash=""), name="eligibility_sent_is_kept"
            ),
            models.CheckConstraint(
                condition=(~Q(state__in=["queued", "sent"]) | Q(ended_at__isnull=True))
                & (~Q(state__in=["answered", "rejected", "failed"]) | Q(ended_at__isnull=False)),
                name="eligibility_end_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(state__in=["queued", "sent"], policy__isnull=False),
                name="one_open_question_a_policy",
            ),
            models.UniqueConstraint(
                fields=["inquiry"],
                condition=Q(state__in=["queued", "sent"], inquiry__isnull=False),
                name="one_open_question_an_inquiry",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_try_at"], name="questions_to_send")]


class EligibilityFile(models.Model):
    """A file as it came from a clearinghouse, whole and unchanged, known by its content. Never changed."""

    content = models.BinaryField()
    content_key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, default="", blank=True)
    via = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    held = models.CharField(max_length=200, help_text="What was in it, in words.")


class AnswerState(models.TextChoices):
    MATCHED = "matched", "belongs to a question"
    WAITING = "waiting", "waits for a person"
    SET_ASIDE = "set_aside", "set aside"


class EligibilityAnswer(models.Model):
    """One person's answer within a file; without a reading: a file that could not be read, or was something else."""

    State = AnswerState

    file = models.ForeignKey(EligibilityFile, models.PROTECT, related_name="answers")
    position = models.SmallIntegerField()
    content_key = models.CharField(
        max_length=64, unique=True, help_text="Of what it says, whatever its envelope."
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(EligibilityRequest, models.PROTECT, null=True, related_name="answers")
    reading = models.JSONField(
        null=True, help_text="What was read: `answer`, and `summary` for this program."
    )
    state = models.CharField(max_length=10, choices=State.choices)
    because = models.CharField(max_length=300, default="", blank=True)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    benefits = models.OneToOneField(Benefits, models.PROTECT, null=True, related_name="answer")

    class Meta:
        constraints = [
            one_of("state", AnswerState, "answer_state_known"),
            models.UniqueConstraint(fields=["file", "position"], name="answer_once_a_place"),
            models.CheckConstraint(
                condition=(~Q(state="matched") | Q(request__isnull=False, reading__isnull=False))
                & (~Q(state__in=["waiting", "set_aside"]) | Q(request__isnull=True)),
                name="answer_matched_to_a_question",
            ),
            models.CheckConstraint(
                condition=Q(state="matched") | ~Q(because=""), name="answer_waits_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(benefits__isnull=True) | Q(state="matched"), name="answer_read_only_when_matched"
            ),
        ]


class VerificationRule(models.Model):
    """A site's rule for verifying benefits again, from a day on; without one, what ships with Stepwell holds."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="verification_rules")
    starts_on = models.DateField()
    every_days = models.SmallIntegerField(null=True)
    at_month_start = models.BooleanField(default=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "starts_on"], name="verification_rule_once_a_day"),
            within("every_days", 1, 366, "verification_rule_days_sensible"),
            models.CheckConstraint(
                condition=Q(every_days__isnull=False) | Q(at_month_start=True),
                name="verification_rule_asks_for_something",
            ),
        ]
