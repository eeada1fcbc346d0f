from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.consent.models import Disclosure
from stepwell.clinic.constraints import filled
from stepwell.clinic.people.models import Staff
from stepwell.clinic.placement.models import Episode, Placement


class HandOverPacket(models.Model):
    """What went along at a change of the level of care, as it was made. Never changed.

    Printed and exported from `content`, so that the same packet is the same paper and the same bundle for ever.
    """

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="packets")
    placement = models.ForeignKey(
        Placement, models.PROTECT, related_name="packets", help_text="The move that was the newest then."
    )
    recipient = models.CharField(
        max_length=200, default="", blank=True, help_text="Empty: the care team of this program."
    )
    content = models.JSONField(help_text="As transition.rules.Content.")
    content_hash = models.CharField(max_length=64)
    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, null=True, related_name="+", help_text="Empty inside the program."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: one press, one packet."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient="", disclosure__isnull=True)
                | ~Q(recipient="") & Q(disclosure__isnull=False),
                name="packet_that_leaves_is_accounted_for",
            ),
            filled("content_hash", "packet_has_its_hash"),
        ]
