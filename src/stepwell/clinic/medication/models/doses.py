from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import never_two_at_once, one_of
from stepwell.clinic.medication.models.orders import MedicationOrder
from stepwell.clinic.medication.rules import injection_sites
from stepwell.clinic.people.models import Staff


class DoseOutcome(models.TextChoices):
    GIVEN = "given", "given"
    REFUSED = "refused", "refused"
    HELD = "held", "held"


class Dose(models.Model):
    """An administration: given, refused or held."""

    Outcome = DoseOutcome

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="doses")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    amount = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    note = models.CharField(max_length=300, default="", blank=True)
    on = models.DateField(help_text="The day at the site.")
    place = models.SmallIntegerField(default=1, help_text="First, second … dose given on that day.")
    observed = models.BooleanField(default=False, help_text="Seen to be taken.")
    lot = models.CharField(max_length=60, default="", blank=True)
    injection_site = models.CharField(max_length=30, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: a double click gives one dose."
    )

    class Meta:
        constraints = [
            # Two nurses at once: the second one's row is refused whatever both of them saw.
            models.UniqueConstraint(
                fields=["order", "on", "place"], condition=Q(outcome="given"), name="dose_given_once"
            ),
            models.CheckConstraint(condition=Q(place__gte=1), name="dose_place_from_one"),
            one_of("outcome", DoseOutcome, "dose_outcome_known"),
            models.CheckConstraint(
                # A comparison with NULL is unknown, and a check that is unknown passes.
                condition=~Q(outcome="given") | Q(amount__isnull=False, amount__gt=0),
                name="given_dose_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(outcome="given") | ~Q(note=""), name="dose_not_given_says_why"
            ),
        ]

    @property
    def site_words(self) -> str:
        """'Left gluteal'; nothing when not injected. The order must be loaded."""
        return dict(injection_sites(self.order.route)).get(self.injection_site, "")

    @property
    def amount_words(self) -> str:
        """'250 mg' when given, else nothing. The order must be loaded."""
        return "" if self.amount is None else f"{self.amount.normalize():f} {self.order.unit}"


class TakeHome(models.Model):
    """Doses given to be taken at home, one for each day of `during`."""

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="take_homes")
    doses = models.SmallIntegerField()
    during = DateRangeField(help_text="First day at home, and the day after the last one.")
    lot = models.CharField(max_length=60, default="", blank=True)
    treatment_day = models.SmallIntegerField(help_text="Day of treatment by which the number was allowed.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True, help_text="Of the form sent.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(doses__gte=1), name="take_home_is_a_dose"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="take_home_has_days"),
            never_two_at_once("order", "take_home_days_once", when=Q(doses__gte=1)),
        ]

    @property
    def first_day(self) -> date:
        """The first day at home."""
        found: date = self.during.lower
        return found

    @property
    def last_day(self) -> date:
        """The last day at home."""
        found: date = self.during.upper - timedelta(days=1)
        return found
