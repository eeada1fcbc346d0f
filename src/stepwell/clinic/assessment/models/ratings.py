from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import within
from stepwell.clinic.people.models import Patient, Staff


class DimensionalRating(models.Model):
    """Ratings of the dimensions with a reason each, in one edition. A later row supersedes; none is changed.

    Third edition: `d1` to `d6`, 0 to 4. Fourth: `parts`, the least safe level of each; numbers are never carried over.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="ratings")
    edition = models.CharField(max_length=10, default="third")
    d1 = models.SmallIntegerField(null=True)
    d2 = models.SmallIntegerField(null=True)
    d3 = models.SmallIntegerField(null=True)
    d4 = models.SmallIntegerField(null=True)
    d5 = models.SmallIntegerField(null=True)
    d6 = models.SmallIntegerField(null=True)
    reasons = models.JSONField(help_text="'d1' -> reason in the rater's words; fourth edition: 'd6' alone.")
    parts = models.JSONField(
        default=dict, blank=True, help_text="Fourth edition: part -> {'least': level, 'because': reason}."
    )
    evidence = models.JSONField(
        default=dict, blank=True, help_text="'d1' -> [{'key', 'label', 'said', 'leaning'}] as cited then."
    )
    gates = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            *[within(f"d{n}", 0, 4, f"rating_d{n}_from_0_to_4") for n in range(1, 7)],
            models.CheckConstraint(
                condition=Q(edition="third", parts={})
                | Q(edition="fourth", **{f"d{n}__isnull": True for n in range(1, 7)}),
                name="rating_of_one_edition",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="ratings_newest_first")]
