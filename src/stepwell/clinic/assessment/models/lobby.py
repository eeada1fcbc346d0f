from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import ordered
from stepwell.clinic.people.models import Patient, Staff


class LobbyTurn(models.Model):
    """Questionnaires handed over on a tablet: opened once with a short code, for a short while, then over.

    Neither the code nor the key of the device is kept, only their digests.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="lobby_turns")
    instruments = ArrayField(models.CharField(max_length=40))
    code_digest = models.CharField(max_length=64)
    key_digest = models.CharField(max_length=64, default="", blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ordered("made_at", "expires_at", "lobby_turn_expires_after_it_was_made"),
            models.CheckConstraint(
                condition=Q(instruments__len__gt=0), name="lobby_turn_has_a_questionnaire"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, key_digest="")
                | (Q(opened_at__isnull=False) & ~Q(key_digest="")),
                name="lobby_turn_opened_by_a_device",
            ),
            models.UniqueConstraint(
                fields=["code_digest"],
                condition=Q(opened_at__isnull=True, ended_at__isnull=True),
                name="lobby_code_of_one_turn",
            ),
        ]
