"""Private calendar addresses, and what a calendar program reads there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.crypto import constant_time_compare

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.timetable.models import CalendarFeed, Occurrence, Seat


def feed_of(by: Actor, patient: Patient) -> CalendarFeed | None:
    """The address in use of a patient: for herself, and for staff who book her seats. One statement."""
    seen = patients_for(by, Permission.SEAT_BOOK if by.is_staff else Permission.OWN_RECORD)
    return CalendarFeed.objects.filter(patient=patient, patient__in=seen, ended_at__isnull=True).first()


def own_feed(by: Actor) -> CalendarFeed | None:
    """The address in use of who asks, as staff. One statement."""
    return CalendarFeed.objects.filter(staff_id=by.staff_id or 0, ended_at__isnull=True).first()


def feed_at(number: int, secret: str) -> CalendarFeed:
    """The feed of an address; `CalendarFeed.DoesNotExist` for a wrong, unknown or ended one alike.

    Found by its number; the secret is compared in a time that does not tell how much of it is right.
    """
    feed = (
        CalendarFeed.objects.select_related("patient__site", "staff__site")
        .filter(pk=number, ended_at__isnull=True)
        .first()
    )
    if not constant_time_compare(feed.secret if feed else "", secret) or feed is None:
        raise CalendarFeed.DoesNotExist("No calendar has this address.")
    return feed


def sessions_in_feed(feed: CalendarFeed, first: datetime, last: datetime) -> Any:
    """What the feed tells: sessions that start in [first, last), with site and room, cancelled ones too. One statement.

    A patient's are those with a seat held, or with one held until the session was cancelled.
    """
    found = Occurrence.objects.filter(starts__gte=first, starts__lt=last)
    if feed.patient_id is not None:
        held = Q(released_at__isnull=True) | Q(released_at=F("occurrence__cancelled_at"))
        seats = Seat.objects.filter(held, patient_id=feed.patient_id).values("occurrence_id")
        found = found.filter(pk__in=seats)
    else:
        found = found.filter(Q(facilitator_id=feed.staff_id) | Q(cofacilitator_id=feed.staff_id))
    return found.select_related("site", "room").order_by("starts", "pk")
