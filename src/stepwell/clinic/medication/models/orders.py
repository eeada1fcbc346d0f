from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.medication.rules import fact_kind, override_reasons, product
from stepwell.clinic.people.models import Patient, Staff


class MedicationOrder(models.Model):
    """A prescriber's order; stopping it is a new fact on the row, never a deletion."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="medication_orders")
    drug = models.CharField(max_length=60, help_text="Key of medication/data/drugs.json or a free name.")
    name = models.CharField(max_length=160)
    rxnorm = models.CharField(
        max_length=12, default="", blank=True, help_text="Product of the carried subset."
    )
    dose = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=20)
    route = models.CharField(max_length=30)
    frequency = models.CharField(max_length=60)
    instructions = models.CharField(max_length=300, default="", blank=True)
    given_here = models.BooleanField(default=False, help_text="Doses are given and recorded at the site.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    prescriber = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    warnings = models.JSONField(
        default=list, help_text="Warnings shown to and passed over by the prescriber."
    )
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    stopped_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(dose__gt=0), name="order_dose_above_zero"),
            ordered("starts_on", "ends_on", "medication_order_ends_after_start", equal=True),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stopped_because=""),
                name="order_stopped_with_a_reason",
            ),
        ]

    @property
    def dose_words(self) -> str:
        """'250 mg': the ordered dose without idle zeros."""
        return f"{self.dose.normalize():f} {self.unit}"

    @property
    def product_words(self) -> str:
        """The product by its RxNorm label, or nothing."""
        found = product(self.rxnorm)
        return found.label if found else ""


class TitrationStep(models.Model):
    """From this day of the order on (1 is its first) one dose is so much, in the order's unit."""

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="steps")
    from_day = models.SmallIntegerField()
    dose = models.DecimalField(max_digits=9, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "from_day"], name="titration_one_step_a_day"),
            models.CheckConstraint(condition=Q(dose__gt=0), name="titration_dose_above_zero"),
            within("from_day", 1, 365, "titration_day_within_a_year"),
        ]

    @property
    def dose_words(self) -> str:
        """'4 mg'. The order must be loaded."""
        return f"{self.dose.normalize():f} {self.order.unit}"


class SafetyFact(models.Model):
    """Something that a check before a medicine asks for: a liver test, pregnancy, the last opioid, the program asked."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="safety_facts")
    kind = models.CharField(max_length=30, help_text="Code of medication/data/checks.json.")
    value = models.CharField(max_length=30, default="", blank=True)
    number = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    true_at = models.DateTimeField(
        help_text="When the test was taken, the program asked, the drug last used."
    )
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            filled("kind", "safety_fact_has_a_kind"),
            models.CheckConstraint(
                condition=~Q(value="") | Q(number__isnull=False), name="safety_fact_says_something"
            ),
        ]
        indexes = [models.Index(fields=["patient", "kind", "-true_at"], name="safety_facts_newest_first")]

    @property
    def label(self) -> str:
        """The kind in words."""
        return fact_kind(self.kind).label

    @property
    def words(self) -> str:
        """What was found, in words."""
        return fact_kind(self.kind).words(self.value, self.number)


class CheckFound(models.TextChoices):
    OK = "ok", "as it should be"
    MISSING = "missing", "not known"
    UNSAFE = "unsafe", "unsafe"


class StartCheck(models.Model):
    """What one check found as an order was signed or begun, and why it was passed over if it was."""

    Found = CheckFound

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="checks")
    code = models.CharField(max_length=30)
    phase = models.CharField(max_length=8, help_text="order or start")
    state = models.CharField(max_length=8, choices=Found.choices)
    sentence = models.CharField(max_length=300)
    reason = models.CharField(max_length=30, default="", blank=True, help_text="Code of checks.json.")
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("state", CheckFound, "start_check_state_known"),
            filled("sentence", "start_check_says_what"),
            models.CheckConstraint(
                condition=Q(state="ok") | ~Q(reason=""), name="start_check_passed_over_with_a_reason"
            ),
            models.UniqueConstraint(fields=["order", "code"], name="start_check_once_an_order"),
        ]

    @property
    def reason_words(self) -> str:
        """Why it was passed over."""
        return dict(override_reasons()).get(self.reason, self.reason)


class Supply(models.Model):
    """What was filled for an order taken at home: pieces of a strength in the order's unit."""

    order = models.ForeignKey(MedicationOrder, models.PROTECT, related_name="supplies")
    on = models.DateField()
    pieces = models.DecimalField(max_digits=7, decimal_places=2)
    strength = models.DecimalField(max_digits=9, decimal_places=3)
    refills_left = models.SmallIntegerField(default=0)
    pharmacy = models.CharField(max_length=160, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(max_length=64, unique=True, help_text="Of the form sent.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pieces__gt=0, strength__gt=0), name="supply_is_more_than_nothing"
            ),
            within("refills_left", 0, 24, "supply_refills_sensible"),
        ]
