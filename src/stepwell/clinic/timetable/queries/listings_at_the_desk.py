"""What is written for the public, as those see it who write it: drafts too, of their own sites only."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Site
from stepwell.clinic.timetable.models import Program, ProgramListing, Track


def listed_sites(by: Actor) -> Any:
    """Sites whose public words `by` looks after, with their programs and listings. Three statements."""
    return (
        Site.objects.filter(pk__in=by.sites_with(Permission.LISTING_MANAGE))
        .prefetch_related(
            Prefetch("programs", Program.objects.select_related("listing").order_by("-minutes_least", "name"))
        )
        .order_by("name")
    )


def listed_site(by: Actor, site_id: int) -> Site:
    """One of them. Raises `Site.DoesNotExist`."""
    found: Site = Site.objects.filter(pk__in=by.sites_with(Permission.LISTING_MANAGE)).get(pk=site_id)
    return found


def program_to_list(by: Actor, program_id: int) -> Program:
    """A program with its listing, if it has one, and its tracks. Raises `Program.DoesNotExist`."""
    found: Program = (
        Program.objects.filter(site_id__in=by.sites_with(Permission.LISTING_MANAGE))
        .select_related("site", "listing")
        .prefetch_related(Prefetch("tracks", Track.objects.order_by("name")), "listing__insurers")
        .get(pk=program_id)
    )
    return found


def listing_of(program: Program) -> ProgramListing | None:
    """What is written of a program, None while nothing is."""
    found: ProgramListing | None = getattr(program, "listing", None)
    return found
