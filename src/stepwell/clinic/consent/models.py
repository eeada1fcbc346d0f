from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import FamilyMember, Patient, Staff


class ConsentKind(models.TextChoices):
    TPO = "tpo", "Treatment, payment and operations"
    SPECIFIC = "specific", "A specific disclosure"
    COUNSELING_NOTES = "counseling_notes", "SUD counseling notes"
    LEGAL = "legal_proceedings", "Use in proceedings"


class ConsentExpiry(models.TextChoices):
    ON = "on", "on a date"
    EVENT = "event", "upon an event"
    NONE = "none", "none"


class Consent(models.Model):
    """A written consent with the elements of 42 CFR 2.31. Signed rows never change: a new one supersedes."""

    Kind = ConsentKind

    Expiry = ConsentExpiry

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    discloser = models.CharField(max_length=200)
    information = ArrayField(models.CharField(max_length=30), help_text="Categories of consent.rules.")
    information_text = models.TextField(default="", blank=True)
    recipient_kind = models.CharField(max_length=5, default="named", help_text="named or class")
    recipient_name = models.CharField(max_length=200, default="", blank=True)
    recipient_key = models.CharField(
        max_length=60,
        default="",
        blank=True,
        help_text="Such as family:12, payer:3, class:treating_providers.",
    )
    family_member = models.ForeignKey(FamilyMember, models.PROTECT, null=True, related_name="consents")
    intermediary = models.CharField(
        max_length=200, default="", blank=True, help_text="Such as a health information exchange."
    )
    intermediary_participants = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="Named takers behind it."
    )
    intermediary_class = models.CharField(
        max_length=30, default="", blank=True, help_text="treating_providers, or empty."
    )
    list_right_stated = models.BooleanField(
        default=False, help_text="The right to a list of who was told through it (42 CFR 2.24)."
    )
    purposes = ArrayField(models.CharField(max_length=30))
    purpose_text = models.TextField(default="", blank=True)
    expiry = models.CharField(max_length=5, choices=Expiry.choices)
    expires_on = models.DateField(null=True)
    expires_event = models.CharField(max_length=200, default="", blank=True)
    event_occurred_at = models.DateTimeField(null=True)
    right_to_revoke_stated = models.BooleanField(default=False)
    redisclosure_stated = models.BooleanField(default=False)
    consequences_stated = models.BooleanField(default=False)
    signed_by = models.CharField(max_length=160, default="", blank=True)
    signature_method = models.CharField(max_length=12, default="electronic", help_text="electronic or paper")
    signed_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    superseded_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="supersedes")
    superseded_at = models.DateTimeField(null=True)
    once_key = models.CharField(
        max_length=64, null=True, unique=True, help_text="Of the form sent: one click, one consent."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", ConsentKind, "consent_kind_known"),
            one_of("expiry", ConsentExpiry, "consent_expiry_known"),
            models.CheckConstraint(condition=Q(information__len__gt=0), name="consent_says_what"),
            models.CheckConstraint(condition=Q(purposes__len__gt=0), name="consent_says_what_for"),
            models.CheckConstraint(
                condition=~Q(expiry="on") | Q(expires_on__isnull=False), name="consent_expiry_has_its_date"
            ),
            models.CheckConstraint(
                condition=~Q(expiry="event") | ~Q(expires_event=""), name="consent_expiry_has_its_event"
            ),
            models.CheckConstraint(
                condition=Q(expiry__in=["on", "event"]) | Q(kind="tpo"),
                name="consent_without_end_only_for_tpo",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(signed_by=""), name="consent_signature_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(intermediary="")
                | Q(intermediary_participants__len__gt=0)
                | Q(intermediary_class="treating_providers"),
                name="consent_says_who_is_behind_the_intermediary",
            ),
        ]


class ConsentRevocation(models.Model):
    """The patient withdrew the whole consent, or one party's part of it (`party_key`)."""

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="revocations")
    at = models.DateTimeField()
    party_key = models.CharField(max_length=60, default="", blank=True)
    how = models.CharField(max_length=20, default="in writing")
    said_by = models.CharField(max_length=160)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "party_key"], name="consent_revoked_once_for_a_party"),
            filled("said_by", "revocation_says_by_whom"),
        ]


class Disclosure(models.Model):
    """What went to whom: the accounting of 42 CFR 2.25. Append-only."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="disclosures")
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="disclosures")
    basis = models.CharField(
        max_length=40, help_text="consent, or the exception of 42 CFR Part 2 that applied"
    )
    recipient = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200)
    information = ArrayField(models.CharField(max_length=30))
    what = models.TextField()
    notice = models.CharField(max_length=40, help_text="Which notice text of 42 CFR 2.32 went with it.")
    documented = models.JSONField(
        default=dict, blank=True, help_text="What the ground wants written down: field of the ground -> text."
    )
    at = models.DateTimeField(help_text="When it was told.")
    recorded_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis="consent") | Q(consent__isnull=False),
                name="disclosure_by_consent_names_it",
            ),
            models.CheckConstraint(
                condition=Q(basis="consent") | ~Q(documented={}),
                name="disclosure_without_consent_is_documented",
            ),
            ordered("at", "recorded_at", "disclosure_recorded_after_it_was_made", equal=True),
            filled("recipient", "disclosure_says_to_whom"),
            filled("what", "disclosure_says_what"),
        ]
        indexes = [models.Index(F("patient"), F("at").desc(), name="disclosures_of_a_patient")]
