from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.models import Staff
from stepwell.clinic.timetable.models.groups import Program


class ProgramListing(models.Model):
    """What the public reads of a program. Hours, tracks, days and therapies are not here: they are the timetable's.

    `populations` are codes of timetable/data/populations.json, `languages` of people/data/languages.json.
    """

    program = models.OneToOneField(Program, models.PROTECT, related_name="listing")
    published = models.BooleanField(default=False)
    words_en = models.TextField(default="", blank=True)
    words_es = models.TextField(default="", blank=True)
    family_en = models.TextField(default="", blank=True, help_text="How the family takes part.")
    family_es = models.TextField(default="", blank=True)
    populations = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    insurers = models.ManyToManyField(Payer, related_name="+", blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published=False) | ~Q(words_en__regex=r"^\s*$"),
                name="published_program_says_what_it_is",
            ),
        ]
