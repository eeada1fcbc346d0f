"""Payment plans as agreed, what was paid, reminded of and decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, within
from stepwell.clinic.coverage.models import money
from stepwell.clinic.people.models import Patient, Staff


class PaymentAgreement(models.Model):
    """A payment plan as it was agreed: equal instalments, no interest, no fee. Never changed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="payment_agreements")
    balance = money()
    monthly = money()
    months = models.SmallIntegerField()
    agreed_on = models.DateField()
    agreed_by = models.CharField(max_length=160, help_text="Who agreed: the patient, or who pays.")
    disclosed = models.BooleanField(default=False, help_text="The disclosures of Regulation Z were given.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance__gt=0), name="agreement_is_about_something"),
            models.CheckConstraint(
                condition=Q(monthly__gt=0, monthly__lte=F("balance")), name="agreement_monthly_within_balance"
            ),
            within("months", 1, 120, "agreement_months_sensible"),
            filled("agreed_by", "agreement_says_who_agreed"),
        ]


class PlanInstalment(models.Model):
    """One payment of an agreement; `paid` grows with each payment written down."""

    agreement = models.ForeignKey(PaymentAgreement, models.PROTECT, related_name="instalments")
    number = models.SmallIntegerField()
    due_on = models.DateField()
    amount = money()
    paid = money(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_is_something"),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("amount")), name="instalment_paid_at_most_in_full"
            ),
            models.UniqueConstraint(fields=["agreement", "number"], name="instalment_numbered_once"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(paid__lt=F("amount")), name="instalments_open")
        ]


class PaidHow(models.TextChoices):
    CASH = "cash", "cash"
    CHECK = "check", "check"
    CARD = "card", "card"
    TRANSFER = "transfer", "bank transfer"


class InstalmentPaid(models.Model):
    """A payment on a plan, written down by hand."""

    How = PaidHow

    instalment = models.ForeignKey(PlanInstalment, models.PROTECT, related_name="payments")
    amount = money()
    paid_on = models.DateField()
    how = models.CharField(max_length=8, choices=PaidHow.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_payment_is_something"),
            one_of("how", PaidHow, "instalment_paid_somehow"),
        ]


class ReminderKind(models.TextChoices):
    SOON = "soon", "due soon"
    LATE = "late", "past due"


class InstalmentReminder(models.Model):
    """Somebody was reminded by a person of the staff, in neutral words."""

    Kind = ReminderKind

    instalment = models.ForeignKey(PlanInstalment, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=4, choices=ReminderKind.choices)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", ReminderKind, "instalment_reminder_kind_known"),
            models.CheckConstraint(
                condition=Q(channel__in=["call", "voicemail", "text", "email", "mail"]),
                name="instalment_reminder_channel_known",
            ),
            models.UniqueConstraint(fields=["instalment", "kind"], name="instalment_reminded_once_each"),
        ]


class ReviewOutcome(models.TextChoices):
    GOES_ON = "goes_on", "goes on as it is"
    NEW_PLAN = "new_plan", "ends; a new plan is agreed"
    ENDED = "ended", "ends; the rest is settled otherwise"


class AgreementReview(models.Model):
    """A person looked at a plan with missed payments and decided. Nothing is collected by itself."""

    Outcome = ReviewOutcome

    agreement = models.ForeignKey(PaymentAgreement, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=8, choices=ReviewOutcome.choices)
    missed = models.SmallIntegerField(help_text="Payments missed when it was looked at.")
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("outcome", ReviewOutcome, "agreement_review_outcome_known"),
            within("missed", 0, 120, "agreement_review_counts_missed"),
            filled("because", "agreement_review_has_a_reason"),
        ]
