"""Texts to write a plan from: those that come with Stepwell and those of the site."""

from __future__ import annotations

from dataclasses import dataclass

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import SiteLibrary


@dataclass(frozen=True)
class OnShelf:
    """A library that may be written from. `version`: 0 for the one that comes with Stepwell."""

    library: rules.Library
    version: int


def libraries_of(by: Actor, site_id: int) -> list[OnShelf]:
    """The site's own first, the newest version of each key, then the one that comes with Stepwell. One query."""
    found: dict[str, OnShelf] = {}
    if site_id in by.sites_with(Permission.PLAN_READ):
        for row in SiteLibrary.objects.filter(site_id=site_id).order_by("key", "-version"):
            if row.key not in found:
                found[row.key] = OnShelf(rules.read_library(row.content), row.version)
    own = sorted(found.values(), key=lambda one: one.library.title.lower())
    return own if rules.shipped_library().key in found else [*own, OnShelf(rules.shipped_library(), 0)]
