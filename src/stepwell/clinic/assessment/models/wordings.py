from __future__ import annotations

from django.db import models

from stepwell.clinic.constraints import filled
from stepwell.clinic.people.models import Staff


class InstrumentText(models.Model):
    """Words that were brought for an instrument. A later row of the same language holds; none is changed."""

    instrument = models.CharField(max_length=40)
    language = models.CharField(max_length=20, default="en")
    preface = models.TextField(default="", blank=True)
    questions = models.JSONField(help_text="Link id -> the question.")
    answers = models.JSONField(default=dict, help_text="Link id -> the words of its answers, in their order.")
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: by the command."
    )

    class Meta:
        constraints = [filled("instrument", "instrument_text_says_of_what")]
        indexes = [
            models.Index(
                fields=["instrument", "language", "-loaded_at"], name="instrument_texts_newest_first"
            )
        ]
