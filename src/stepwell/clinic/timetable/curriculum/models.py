from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled
from stepwell.clinic.people.models import Site, Staff


class SiteCurriculum(models.Model):
    """A curriculum that a site added, or put in the place of one that comes with Stepwell. The newest version holds; older
    ones stay, for what was held by them."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="curricula")
    key = models.CharField(max_length=60)
    version = models.SmallIntegerField()
    title = models.CharField(max_length=120)
    content = models.TextField(help_text="The file as it is downloaded.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "key", "version"], name="curriculum_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="curriculum_versions_from_one"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="curriculum_key_plain"
            ),
            filled("title", "curriculum_has_a_title"),
            filled("content", "curriculum_has_content"),
        ]
