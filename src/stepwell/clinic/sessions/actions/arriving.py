"""Here, said without the desk: at a kiosk, by the code of an own phone, or by the kiosk's code on that phone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import Attendance, Kiosk
from stepwell.clinic.sessions.queries import arriving
from stepwell.clinic.sessions.queries.arriving import Found
from stepwell.clinic.sessions.rules import minutes_attended
from stepwell.clinic.timetable.models import Mode, Occurrence, Seat

SEE_THE_DESK = "Please see the desk."
"""The one answer of the door to whatever it does not take: it never says why."""


@transaction.atomic
def open_kiosk(*, by: Actor, at: datetime, site: Site, place: str) -> tuple[Kiosk, str]:
    """A device at the door becomes a kiosk of the site. Gives the row and the key, which is kept nowhere else."""
    staff_id = policies.may_open_kiosk(by, site.pk)
    where = " ".join(place.split())[:60]
    if not where:
        raise Refused("Say where the kiosk stands, such as “Front door”.")
    key = get_random_string(43)
    row = Kiosk.objects.create(
        site=site, place=where, key_hash=arriving.hash_of(key), opened_at=at, opened_by_id=staff_id
    )
    trail.record(
        by=by, at=at, action="sessions.open_kiosk", subject=f"Kiosk {row.pk}", detail={"site": site.pk}
    )
    return row, key


@transaction.atomic
def close_kiosk(*, by: Actor, at: datetime, kiosk: Kiosk) -> Kiosk:
    """From now on the device is no kiosk any more, whatever it still holds."""
    staff_id = policies.may_open_kiosk(by, kiosk.site_id)
    row = Kiosk.objects.select_for_update().get(pk=kiosk.pk)
    if row.closed_at is not None:
        raise Refused(f"The kiosk “{row.place}” is closed already.")
    row.closed_at, row.closed_by_id = at, staff_id
    row.save(update_fields=["closed_at", "closed_by"])
    trail.record(
        by=by, at=at, action="sessions.close_kiosk", subject=f"Kiosk {row.pk}", detail={"site": row.site_id}
    )
    return row


@transaction.atomic
def arrive_at_kiosk(
    *, by: Actor, at: datetime, kiosk: Kiosk, code: str = "", born: date | None = None, last_four: str = ""
) -> Found:
    """By the code of the own phone, else by date of birth and the end of the phone number on file.

    Raises `Refused` with the same sentence for everything that is not one person who is expected now. `by` is the
    kiosk (`as_actor`); it may do nothing else.
    """
    policies.may_answer_the_door(by, kiosk)
    found = (
        arriving.by_code(kiosk.site_id, at, code)
        if code.strip()
        else arriving.by_birth_date(kiosk.site_id, at, born, last_four)
    )
    if found is None:
        raise Refused(SEE_THE_DESK)
    _enter(by, at, found, {"kiosk": kiosk.pk, "how": "code" if code.strip() else "birth_date"})
    return found


@transaction.atomic
def arrive_by_phone(*, by: Actor, at: datetime, place_code: str) -> Found:
    """The patient, on the own phone, with the code that the kiosk at the door shows: only who is there can read it."""
    site_id = policies.may_arrive(by)
    kiosk = arriving.kiosk_by_place_code(site_id, at, place_code)
    if kiosk is None:
        raise Refused("That is not the code on the screen at the door. Read it once more, or tell the desk.")
    found = arriving.own_door(by, at)
    if found is None:
        raise Refused("You have no session that has opened. Please tell the desk that you are here.")
    _enter(by, at, found, {"kiosk": kiosk.pk, "how": "place_code"})
    return found


@transaction.atomic
def check_in_by_code(*, by: Actor, at: datetime, site_id: int, code: str) -> Found:
    """The desk types the code of the patient's phone. Raises `Refused` for a code of nobody expected now."""
    policies.may_check_in(by, site_id)
    found = arriving.by_code(site_id, at, code)
    if found is None:
        raise Refused(
            "Nobody who is expected now has that code. Ask for the one on the phone at this moment."
        )
    if found.at_door.already:
        raise Refused("Whoever has that code is already checked in.")
    _enter(by, at, found, {"how": "code"})
    return found


def as_actor(kiosk: Kiosk, *, address: str = "", request_id: str = "") -> Actor:
    """Who acts at a kiosk: the device, with no role and no login."""
    return Actor(user_id=None, name=f"Kiosk {kiosk.pk}", address=address, request_id=request_id)


def _enter(by: Actor, at: datetime, found: Found, how: dict[str, Any]) -> None:
    """Writes the attendance, unless somebody was quicker: that person is here then, too."""
    if found.at_door.already:
        return
    seat = found.at_door.seat
    # The session first, as every other writer of its attendance does.
    occurrence = Occurrence.objects.select_for_update(of=["self"], no_key=True).get(pk=seat.occurrence_id)
    held = Seat.objects.select_related("attendance").get(pk=seat.seat_id)
    if held.released_at is not None or occurrence.cancelled_at is not None or at >= occurrence.ends:
        raise Refused(SEE_THE_DESK)
    if hasattr(held, "attendance"):
        if held.attendance.outcome != Attendance.Outcome.PRESENT:
            raise Refused(SEE_THE_DESK)
        return
    Attendance.objects.create(
        seat=held,
        occurrence=occurrence,
        patient_id=held.patient_id,
        outcome=Attendance.Outcome.PRESENT,
        arrived_at=at,
        minutes=minutes_attended((occurrence.starts, occurrence.ends), at, None),
        mode=Mode.ON_SITE,  # whatever the seat says: the person stands here
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="sessions.arrive",
        subject=f"Occurrence {occurrence.pk}",
        patient_id=held.patient_id,
        detail=how,
    )
