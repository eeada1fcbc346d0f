"""Nothing is booked across sites: whoever leads, the room and the patients belong to the session's site."""

from __future__ import annotations

from collections.abc import Iterable

from stepwell.clinic.people.models import Patient, Room, Staff, StaffRole
from stepwell.clinic.refusal import Refused


def _works_at(site_id: int, *staff: Staff | None) -> None:
    """The site is their own, or they hold a role there. Raises `Refused` for the first who does neither."""
    for one in staff:
        if one is None or one.site_id == site_id:
            continue
        if not StaffRole.objects.filter(staff=one, site_id=site_id, ends_on__isnull=True).exists():
            raise Refused(
                f"{one.name} does not work at this site. Choose somebody who does; nothing was saved."
            )


def _room_at(site_id: int, room: Room | None) -> None:
    if room is not None and room.site_id != site_id:
        raise Refused(f"{room.name} is at another site. Choose a room of this one; nothing was saved.")


def _patients_at(site_id: int, patients: Iterable[Patient]) -> None:
    if any(patient.site_id != site_id for patient in patients):
        raise Refused("One of the people belongs to another site. Choose again; nothing was saved.")
