from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.coverage.models import FeeDetermination, money
from stepwell.clinic.people.models import Patient, Site, Staff


class FeeApplication(models.Model):
    """Somebody asks for the sliding fee: household and income as told. Never changed; a new one is made."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="fee_applications")
    household = models.SmallIntegerField()
    region = models.CharField(max_length=12, default="contiguous")
    applied_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [within("household", 1, 99, "fee_application_household_sensible")]


class IncomeTold(models.Model):
    """One source of income of the household, as told."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="incomes")
    source = models.CharField(max_length=20, help_text="A key of the incomes in data/assistance.json.")
    amount = money()
    period = models.CharField(max_length=10, help_text="A key of the periods in data/assistance.json.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="income_not_negative"),
            filled("source", "income_has_a_source"),
            filled("period", "income_has_a_period"),
        ]


class ProofSeen(models.Model):
    """What somebody of the staff looked at. No copy is kept."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=30, help_text="A key of the proofs in data/assistance.json.")
    what = models.CharField(max_length=300, help_text="What was seen, such as two pay stubs of February.")
    seen_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("kind", "proof_has_a_kind"),
            filled("what", "proof_says_what_was_seen"),
        ]


class FeeDecision(models.Model):
    """A person decided on an application. On the person's own word first, with documents once more. Never changed."""

    application = models.ForeignKey(FeeApplication, models.PROTECT, related_name="decisions")
    determination = models.OneToOneField(FeeDetermination, models.PROTECT, related_name="decision")
    proposed_class = models.CharField(max_length=10, default="", blank=True, help_text="Empty: no discount.")
    decided_class = models.CharField(max_length=10, default="", blank=True)
    provisional = models.BooleanField(help_text="Only the person's own word was there.")
    words = models.JSONField(help_text="The rule's reasons, in sentences.")
    because = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_class=F("proposed_class")) | ~Q(because__regex=r"^\s*$"),
                name="fee_decision_differs_with_a_reason",
            ),
            models.UniqueConstraint(fields=["application", "provisional"], name="fee_decided_once_each_way"),
        ]


class Fund(models.Model):
    """Money of a site for people who cannot pay: a grant or a scholarship. The two sums change with each entry."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="funds")
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200, help_text="Who gives the money.")
    restrictions = models.TextField(help_text="For whom and for what, in words.")
    available = money(default=0)
    awarded = money(default=0, help_text="Awarded and not yet spent.")
    opens_on = models.DateField()
    closes_on = models.DateField(null=True, help_text="The last day on which somebody may apply.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("name", "fund_has_a_name"),
            filled("source", "fund_has_a_source"),
            filled("restrictions", "fund_says_its_restrictions"),
            models.CheckConstraint(condition=Q(available__gte=0), name="fund_never_below_zero"),
            models.CheckConstraint(condition=Q(awarded__gte=0), name="fund_awarded_never_below_zero"),
            ordered("opens_on", "closes_on", "fund_closes_after_it_opens", equal=True),
            models.UniqueConstraint(fields=["site", "name"], name="fund_named_once"),
        ]


class FundRequest(models.Model):
    """Somebody asks for help from a fund. Never changed."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="requests")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="fund_requests")
    amount = money(help_text="What insurance, assistance program and sliding fee are expected to leave.")
    because = models.TextField(help_text="Why it is needed, in their words.")
    asked_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fund_request_asks_for_something"),
            filled("because", "fund_request_says_why"),
        ]


class FundOutcome(models.TextChoices):
    AWARDED = "awarded", "awarded"
    DECLINED = "declined", "declined"


class FundDecision(models.Model):
    """A person decided, with a reason. Never changed."""

    Outcome = FundOutcome

    request = models.OneToOneField(FundRequest, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=8, choices=FundOutcome.choices)
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("outcome", FundOutcome, "fund_outcome_known"),
            filled("because", "fund_decision_has_a_reason"),
        ]


class Award(models.Model):
    """What a fund promised to one person; `left` changes with each entry."""

    decision = models.OneToOneField(FundDecision, models.PROTECT, related_name="award")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="awards")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="awards")
    amount = money()
    left = money()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="award_is_something"),
            models.CheckConstraint(
                condition=Q(left__gte=0, left__lte=F("amount")), name="award_left_between_nothing_and_all"
            ),
        ]


class FundEntryKind(models.TextChoices):
    DEPOSIT = "deposit", "deposit"
    AWARD = "award", "award"
    SPENT = "spent", "spent"
    RELEASED = "released", "released"


class FundEntry(models.Model):
    """One line of a fund's ledger. Never changed and never taken away."""

    Kind = FundEntryKind

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="entries")
    award = models.ForeignKey(Award, models.PROTECT, null=True, related_name="entries")
    kind = models.CharField(max_length=8, choices=FundEntryKind.choices)
    amount = money()
    available = money(help_text="What the fund had free after this line.")
    note = models.CharField(max_length=300)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", FundEntryKind, "fund_entry_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fund_entry_moves_something"),
            models.CheckConstraint(
                condition=Q(available__gte=0), name="fund_entry_leaves_nothing_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(kind="deposit", award__isnull=True)
                | (~Q(kind="deposit") & Q(award__isnull=False)),
                name="fund_entry_names_its_award",
            ),
            filled("note", "fund_entry_says_what_for"),
        ]


class EapReferral(models.Model):
    """An employer's assistance program authorized visits. Never changed: more visits are a new row."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="eap_referrals")
    program = models.CharField(max_length=160, help_text="The assistance program.")
    employer = models.CharField(max_length=160)
    formal = models.BooleanField(help_text="The employer sent the person; otherwise they came on their own.")
    reference = models.CharField(max_length=80, default="", blank=True)
    visits = models.SmallIntegerField(help_text="Visits authorized.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("program", "eap_has_a_program"),
            filled("employer", "eap_has_an_employer"),
            within("visits", 1, 99, "eap_visits_sensible"),
            ordered("starts_on", "ends_on", "eap_ends_after_it_starts", equal=True),
        ]


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


class FinancingPartner(models.Model):
    """A lender that people ask about, as information only: no application is made and no link is followed here."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="financing_partners")
    name = models.CharField(max_length=120)
    words_en = models.CharField(max_length=300, help_text="What it offers and what it costs, in plain words.")
    words_es = models.CharField(max_length=300)
    contact = models.CharField(max_length=120, help_text="Phone or address, shown as text.")
    source = models.CharField(max_length=200, help_text="Where these facts are from.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="The last day on which it is shown.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("name", "financing_partner_has_a_name"),
            filled("words_en", "financing_partner_says_what_in_english"),
            filled("words_es", "financing_partner_says_what_in_spanish"),
            ordered("starts_on", "ends_on", "financing_partner_ends_after_it_starts", equal=True),
        ]
