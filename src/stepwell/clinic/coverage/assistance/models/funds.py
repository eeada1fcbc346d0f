"""A site's funds, what was asked of them and awarded, and the ledger of each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.coverage.models import money
from stepwell.clinic.people.models import Patient, Site, Staff


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
