from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import Patient, Site, Staff


class SealedSeed(models.Model):
    """The seed of a draw to come: its commitment is written down before anybody says who is drawn and when."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="sealed_seeds")
    seed = models.CharField(
        max_length=128, help_text="Hexadecimal, 32 bytes; shown after the draw's last day."
    )
    commitment = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [filled("seed", "sealed_seed_is_one"), filled("commitment", "sealed_seed_is_committed")]


class RandomDraw(models.Model):
    """One drawing of random test days: with pool and seed anybody can check that nobody picked them."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="random_draws")
    sealed = models.OneToOneField(SealedSeed, models.PROTECT, related_name="draw")
    pool = models.JSONField(help_text="Who and which days, as drug_tests.rules.draws.Pool writes it.")
    pool_hash = models.CharField(max_length=64)
    panel = models.CharField(max_length=30)
    first_on = models.DateField()
    last_on = models.DateField()
    tests = models.SmallIntegerField(help_text="For each person.")
    least_gap = models.SmallIntegerField(help_text="Days from one test to the next, at least.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("pool_hash", "random_draw_keeps_its_pool"),
            ordered("first_on", "last_on", "random_draw_ends_after_start", equal=True),
        ]


class TestOrderReason(models.TextChoices):
    RANDOM = "random", "random"
    SCHEDULED = "scheduled", "scheduled"
    CLINICAL = "clinical", "clinical sign"


class TestOrder(models.Model):
    __test__ = False  # not a pytest class

    Reason = TestOrderReason

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="test_orders")
    panel = models.CharField(max_length=30, help_text="Key of drug_tests/data/panels.json.")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    due_on = models.DateField()
    draw = models.ForeignKey(RandomDraw, models.PROTECT, null=True, related_name="orders")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("reason", TestOrderReason, "test_reason_known"),
            models.CheckConstraint(
                condition=Q(draw__isnull=True) | Q(reason="random"), name="drawn_test_is_random"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-due_on"], name="tests_of_a_patient")]


class TestNotice(models.Model):
    """The person was told of the test of the day, in neutral words, or could not be."""

    __test__ = False  # not a pytest class

    order = models.ForeignKey(TestOrder, models.PROTECT, related_name="notices")
    channel = models.CharField(
        max_length=10, help_text="call, voicemail, text, email, mail, in person or own page."
    )
    reached = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [filled("channel", "test_notice_has_a_channel")]


class TestExcuse(models.Model):
    """Why a test is not held against anybody; it never makes another day be drawn."""

    __test__ = False  # not a pytest class

    order = models.OneToOneField(TestOrder, models.PROTECT, related_name="excuse")
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [filled("because", "test_excuse_has_a_reason")]


class Collection(models.Model):
    """A specimen was given, or refused: a refusal is shown as itself."""

    order = models.OneToOneField(TestOrder, models.PROTECT, related_name="collection")
    refused = models.BooleanField(default=False)
    observed = models.BooleanField(default=False)
    observed_because = models.CharField(
        max_length=30, default="", blank=True, help_text="Key of the observation policy in collection.json."
    )
    observer_wish = models.CharField(
        max_length=20, default="", blank=True, help_text="Whom the person would rather have watch, as told."
    )
    tampered = models.CharField(
        max_length=300, default="", blank=True, help_text="What was seen: a device, something poured in."
    )
    temperature_f = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    minutes_to_reading = models.SmallIntegerField(null=True)
    specimen = models.CharField(max_length=40, default="", blank=True)
    seal = models.CharField(max_length=40, default="", blank=True, help_text="Number on the seal.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refused=True) | ~Q(specimen=""), name="specimen_is_labeled"),
            models.CheckConstraint(
                condition=Q(observed=False) | (~Q(observed_because="") & ~Q(observer_wish="")),
                name="observed_by_policy_and_with_a_wish_heard",
            ),
        ]


class CustodyStep(models.Model):
    """The specimen went from one pair of hands to the next, with its seal. Never changed."""

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="custody")
    number = models.SmallIntegerField()
    kind = models.CharField(max_length=10, help_text="taken, stored, handed, sent or received")
    giver = models.CharField(max_length=160)
    taker = models.CharField(max_length=160)
    seal = models.CharField(max_length=40, default="", blank=True)
    intact = models.BooleanField(default=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "number"], name="custody_step_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["taken", "stored", "handed", "sent", "received"]),
                name="custody_kind_known",
            ),
            filled("giver", "custody_has_a_giver"),
            filled("taker", "custody_has_a_taker"),
        ]


class PanelResult(models.Model):
    """All analytes of one reading; a confirmation or correction is a later row."""

    order = models.ForeignKey(TestOrder, models.PROTECT, related_name="results")
    method = models.CharField(max_length=14, help_text="presumptive or definitive")
    analytes = models.JSONField(help_text="Class -> negative, positive, pending or invalid.")
    reading = models.JSONField(
        help_text="Outcome, sentence and findings, as drug_tests.rules read them then, with what was measured and prescribed."
    )
    validity = models.CharField(max_length=14, default="valid")
    source = models.CharField(max_length=10, default="staff", help_text="staff or laboratory")
    once_key = models.CharField(
        max_length=64, null=True, unique=True, help_text="Of the form sent: a double click keeps one result."
    )
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="corrected_by",
        help_text="The row that this one replaces.",
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    review_note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["presumptive", "definitive"]), name="result_method_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["staff", "laboratory"]), name="result_source_known"
            ),
        ]
