"""Private calendar addresses: made, made anew, told more or less, ended."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.models import CalendarFeed

_SECRET_BYTES = 32


@transaction.atomic
def make_feed(
    *,
    by: Actor,
    at: datetime,
    patient: Patient | None = None,
    staff: Staff | None = None,
    named: bool = False,
) -> CalendarFeed:
    """A new address for a patient or somebody of the staff; the one before stops working at once."""
    site_id = _may(by, patient, staff)
    _end(at, patient, staff)
    feed = CalendarFeed.objects.create(
        patient=patient, staff=staff, secret=secrets.token_urlsafe(_SECRET_BYTES), named=named, at=at
    )
    trail.record(
        by=by,
        at=at,
        action="timetable.make_feed",
        subject=f"CalendarFeed {feed.pk}",
        patient_id=patient.pk if patient else None,
        detail={"named": named, "site": site_id},
    )
    return feed


@transaction.atomic
def end_feed(
    *, by: Actor, at: datetime, patient: Patient | None = None, staff: Staff | None = None
) -> CalendarFeed:
    """The address stops working: by whose it is, and a patient's by staff too, as when a phone is lost.

    Raises `Refused` when there is none.
    """
    if patient is not None:
        policies.may_say_when(by, patient)
    else:
        _may(by, patient, staff)
    feed = _end(at, patient, staff)
    if feed is None:
        raise Refused("There is no calendar address in use.")
    trail.record(
        by=by,
        at=at,
        action="timetable.end_feed",
        subject=f"CalendarFeed {feed.pk}",
        patient_id=feed.patient_id,
    )
    return feed


@transaction.atomic
def name_in_feed(
    *, by: Actor, at: datetime, named: bool, patient: Patient | None = None, staff: Staff | None = None
) -> CalendarFeed:
    """Whether the calendar tells titles and the place. The address stays. Raises `Refused` when there is none."""
    _may(by, patient, staff)
    feed = CalendarFeed.objects.select_for_update().filter(_whose(patient, staff)).first()
    if feed is None:
        raise Refused("There is no calendar address in use.")
    feed.named = named
    feed.save(update_fields=["named"])
    trail.record(
        by=by,
        at=at,
        action="timetable.name_in_feed",
        subject=f"CalendarFeed {feed.pk}",
        patient_id=feed.patient_id,
        detail={"named": named},
    )
    return feed


@transaction.atomic
def note_reading(*, by: Actor, at: datetime, feed: CalendarFeed) -> None:
    """That a calendar program has read the feed: noted, with an entry in the trail, once a day."""
    policies.may_read_feed(feed)
    day_ago = at - timedelta(days=1)
    if feed.read_at is not None and feed.read_at > day_ago:
        return
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
    trail.record(
        by=by,
        at=at,
        action="timetable.read_feed",
        kind="access",
        subject=f"CalendarFeed {feed.pk}",
        patient_id=feed.patient_id,
    )


def _may(by: Actor, patient: Patient | None, staff: Staff | None) -> int:
    if patient is not None:
        policies.may_have_own_feed(by, patient)
        return patient.site_id
    if staff is None:
        raise Refused("Choose whose calendar it is.")
    policies.may_have_feed(by, staff)
    return staff.site_id


def _whose(patient: Patient | None, staff: Staff | None) -> Q:
    if patient is None and staff is None:
        return Q(pk=None)
    return Q(patient=patient, staff=staff, ended_at__isnull=True)


def _end(at: datetime, patient: Patient | None, staff: Staff | None) -> CalendarFeed | None:
    feed = CalendarFeed.objects.select_for_update().filter(_whose(patient, staff)).first()
    if feed is not None:
        feed.ended_at = at
        feed.save(update_fields=["ended_at"])
    return feed
