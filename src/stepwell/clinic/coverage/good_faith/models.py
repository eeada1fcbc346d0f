from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of
from stepwell.clinic.coverage.models import money
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient, Site, Staff


class ProviderIdentity(models.Model):
    """The program as the law wants it named on an estimate. A new row replaces the one before; none is changed."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="identities")
    legal_name = models.CharField(max_length=200)
    npi = models.CharField(max_length=10)
    tin = models.CharField(max_length=9, help_text="Nine digits.")
    state = models.CharField(max_length=2)
    address = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("legal_name", "provider_has_a_name"),
            filled("address", "provider_has_an_address"),
            models.CheckConstraint(condition=Q(npi__regex=r"^\d{10}$"), name="provider_npi_has_ten_digits"),
            models.CheckConstraint(condition=Q(tin__regex=r"^\d{9}$"), name="provider_tin_has_nine_digits"),
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"), name="provider_state_has_two_letters"
            ),
        ]


class EstimateOccasion(models.TextChoices):
    SCHEDULED = "scheduled", "visits were scheduled"
    REQUESTED = "requested", "asked what it costs"
    CHANGED = "changed", "the plan changed"


class EstimateAsked(models.Model):
    """A good-faith estimate is due to a patient or to somebody who asked for help. Never changed."""

    Occasion = EstimateOccasion

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="estimates_asked")
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, null=True, related_name="estimates_asked")
    occasion = models.CharField(max_length=10, choices=EstimateOccasion.choices)
    asked_on = models.DateField()
    service_on = models.DateField(null=True, help_text="The first visit; empty: not scheduled.")
    due_on = models.DateField()
    because = models.CharField(max_length=300, help_text="How the deadline was counted.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("occasion", EstimateOccasion, "estimate_asked_occasion_known"),
            models.CheckConstraint(
                condition=Q(patient__isnull=False, inquiry__isnull=True)
                | Q(patient__isnull=True, inquiry__isnull=False),
                name="estimate_asked_for_one_person",
            ),
            models.CheckConstraint(
                condition=Q(occasion="requested") | Q(service_on__isnull=False),
                name="estimate_asked_knows_the_first_visit",
            ),
        ]
        indexes = [models.Index(fields=["site", "due_on"], name="estimates_by_due_day")]


class GivenHow(models.TextChoices):
    PRINTED = "printed", "printed and handed over"
    MAILED = "mailed", "by mail"
    EMAILED = "emailed", "by e-mail"
    PORTAL = "portal", "in the portal"


class GoodFaithEstimate(models.Model):
    """The document as it was given, with all that the law lists. Never changed: a new one is made instead."""

    How = GivenHow

    asked = models.OneToOneField(EstimateAsked, models.PROTECT, related_name="given")
    language = models.CharField(max_length=2)
    document = models.JSONField(help_text="Every part as it stood on the sheet.")
    inputs = models.JSONField(help_text="Weeks, services, rates and sliding fee it was computed from.")
    total = money()
    first_on = models.DateField()
    last_on = models.DateField()
    how = models.CharField(max_length=10, choices=GivenHow.choices)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("how", GivenHow, "good_faith_given_somehow"),
            models.CheckConstraint(condition=Q(language__in=["en", "es"]), name="good_faith_language_known"),
            models.CheckConstraint(condition=Q(total__gte=0), name="good_faith_total_not_negative"),
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="good_faith_ends_after_start"
            ),
        ]


class EstimateNotNeeded(models.Model):
    """Nobody is waiting for it any more: insurance is used after all, or the person does not come. Never changed."""

    asked = models.OneToOneField(EstimateAsked, models.PROTECT, related_name="not_needed")
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [filled("because", "estimate_not_needed_has_a_reason")]
