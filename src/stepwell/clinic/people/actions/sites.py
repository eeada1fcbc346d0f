"""Sites: zone, week, opening hours, rooms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.clinic.people import policies
from stepwell.clinic.people.models import Room, Site, SiteHours, StaffRole
from stepwell.clinic.people.rules.places import ZipProblem, place_of_zip
from stepwell.clinic.refusal import Refused


@transaction.atomic
def open_site(
    *, by: Actor, at: datetime, name: str, zone: str, facts: Mapping[str, Any] | None = None
) -> Site:
    """A new place; `facts` are further columns of `Site`. By Stepwell itself at the first set-up, or a director.

    A director who opens it is its director from that day on (the day at the new place), with an audit entry of
    its own: without a role there nobody could set it up or give anybody else one.
    """
    policies.need(by, Permission.STAFF_MANAGE)
    _check_zone(zone)
    if not name.strip() or Site.objects.filter(name=name.strip()).exists():
        raise Refused("A site needs a name that no other site has; nothing was saved.")
    site = Site.objects.create(name=name.strip(), zone=zone, **(facts or {}))
    _record(by, at, "people.open_site", f"Site {site.pk}", {"zone": zone})
    if by.staff_id is not None:
        first = at.astimezone(ZoneInfo(zone)).date()
        StaffRole.objects.create(staff_id=by.staff_id, role=Role.DIRECTOR, site=site, starts_on=first)
        added = {"site": site.pk, "added": [Role.DIRECTOR], "ended": []}
        _record(by, at, "people.set_roles", f"Staff {by.staff_id}", added)
    return site


@transaction.atomic
def change_site(*, by: Actor, at: datetime, site: Site, facts: Mapping[str, Any]) -> Site:
    """Change name, address, phone, crisis line, zone or week. Raises `Refused` for a zone nobody knows."""
    policies.may_change_only_facts(facts)
    policies.need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    locked = Site.objects.select_for_update().get(pk=site.pk)
    if "zone" in facts:
        _check_zone(facts["zone"])
    if "name" in facts and Site.objects.filter(name=facts["name"]).exclude(pk=site.pk).exists():
        raise Refused("Another site has this name; nothing was saved.")
    changed = {k: v for k, v in facts.items() if getattr(locked, k) != v}
    if changed:
        for field, value in changed.items():
            setattr(locked, field, value)
        locked.save(update_fields=list(changed))
        _record(by, at, "people.change_site", f"Site {site.pk}", {"changed": sorted(changed)})
    return locked


@transaction.atomic
def place_site(
    *, by: Actor, at: datetime, site: Site, zip_code: str, directions_en: str = "", directions_es: str = ""
) -> Site:
    """Where the public finds the site: its ZIP code, whose middle is its place on the map, and how to get there.

    Raises `Refused` for a ZIP code that is none, or that no place belongs to. An empty one takes it off the map.
    """
    policies.need(by, Permission.LISTING_MANAGE, site_id=site.pk)
    found = place_of_zip(zip_code) if zip_code.strip() else None
    if isinstance(found, ZipProblem):
        raise Refused(_NO_PLACE[found])
    locked = Site.objects.select_for_update().get(pk=site.pk)
    facts = {
        "zip_code": found.zip_code if found else "",
        "state": found.state if found else "",
        "latitude": found.spot.latitude if found else None,
        "longitude": found.spot.longitude if found else None,
        "directions_en": directions_en.strip(),
        "directions_es": directions_es.strip(),
    }
    changed = sorted(name for name, value in facts.items() if getattr(locked, name) != value)
    for name, value in facts.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(facts))
    _record(by, at, "people.place_site", f"Site {site.pk}", {"changed": changed})
    return locked


_NO_PLACE = {
    ZipProblem.SHAPE: "A ZIP code has five digits, such as 30303. Check it; nothing was saved.",
    ZipProblem.UNKNOWN: "This ZIP code is not in the list. Check its digits; nothing was saved.",
    ZipProblem.MILITARY: "A ZIP code of the military mail has no place on a map. Use the one of the town; nothing was saved.",
    ZipProblem.NOT_PLACED: "Nobody knows where this ZIP code lies. Use one nearby; nothing was saved.",
}


@transaction.atomic
def set_opening_hours(
    *, by: Actor, at: datetime, site: Site, hours: Collection[tuple[int, time, time]]
) -> Site:
    """The whole week's opening hours as (weekday, opens, closes) in wall time; Monday is 0."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    Site.objects.select_for_update().get(pk=site.pk)
    spans = sorted(set(hours))
    for weekday, opens, closes in spans:
        if closes <= opens:
            raise Refused(
                f"On {_DAYS[weekday]} the site closes before it opens. Check the times; nothing was saved."
            )
    for (day, _, closes), (next_day, opens, _) in pairwise(spans):
        if day == next_day and opens < closes:
            raise Refused(f"Two spans on {_DAYS[day]} overlap. Check the times; nothing was saved.")
    SiteHours.objects.filter(site=site).delete()
    SiteHours.objects.bulk_create(
        SiteHours(site=site, weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in spans
    )
    _record(by, at, "people.set_opening_hours", f"Site {site.pk}", {"spans": len(spans)})
    return site


@transaction.atomic
def add_room(
    *, by: Actor, at: datetime, site: Site, name: str, capacity: int, features: Collection[str] = ()
) -> Room:
    """A room of the site. Raises `Refused` for a name that is taken."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    Site.objects.select_for_update().get(pk=site.pk)
    _check_room(site, name, capacity)
    room = Room.objects.create(site=site, name=name.strip(), capacity=capacity, features=sorted(features))
    _record(by, at, "people.add_room", f"Room {room.pk}", {"capacity": capacity})
    return room


@transaction.atomic
def change_room(*, by: Actor, at: datetime, room: Room, facts: Mapping[str, Any]) -> Room:
    """Change name, capacity or features. Sessions booked already keep the capacity they were booked with."""
    policies.may_change_only_facts(facts)
    policies.need(by, Permission.STAFF_MANAGE, site_id=room.site_id)
    locked = Room.objects.select_for_update().get(pk=room.pk)
    for field, value in facts.items():
        setattr(locked, field, value)
    _check_room(locked.site, locked.name, locked.capacity, but=locked.pk)
    locked.save(update_fields=list(facts))
    _record(by, at, "people.change_room", f"Room {room.pk}", {"changed": sorted(facts)})
    return locked


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _check_room(site: Site, name: str, capacity: int, *, but: int | None = None) -> None:
    if not name.strip():
        raise Refused("A room needs a name; nothing was saved.")
    if not 1 <= capacity <= 500:
        raise Refused("A room holds from 1 to 500 people; nothing was saved.")
    same = Room.objects.filter(site=site, name=name.strip())
    if (same.exclude(pk=but) if but is not None else same).exists():
        raise Refused("Another room of this site has this name; nothing was saved.")


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Refused(
            "This time zone is not known. Write it like America/New_York; nothing was saved."
        ) from unknown


def _record(by: Actor, at: datetime, action: str, subject: str, detail: dict[str, Any]) -> None:
    trail.record(by=by, at=at, action=action, subject=subject, detail=detail)
