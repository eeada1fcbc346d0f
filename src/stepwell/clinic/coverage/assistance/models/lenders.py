"""Lenders that are named as information only."""

from __future__ import annotations

from django.db import models

from stepwell.clinic.constraints import filled, ordered
from stepwell.clinic.people.models import Site, Staff


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
