"""Single sessions: scheduled once, cancelled, handed over to somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient, Room, Site, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.belonging import _patients_at, _room_at, _works_at
from stepwell.clinic.timetable.actions.holding import _hold, _let_go, _rows
from stepwell.clinic.timetable.actions.offered import _answer
from stepwell.clinic.timetable.models import MakeUpOffer, Mode, Occurrence, OfferAnswer, Seat


@transaction.atomic
def schedule_session(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    kind: str,
    treatment: str,
    starts: datetime,
    ends: datetime,
    facilitator: Staff,
    patients: Sequence[Patient],
    title: str = "",
    room: Room | None = None,
    mode: str = Mode.ON_SITE,
    topic: str = "",
) -> Occurrence:
    """One session that is not a group's: individual, family, crisis, medical, … with its patients' seats.

    Raises `Refused` naming what clashes; nothing is saved then.
    """
    policies.may_schedule(by, site.pk, facilitator.pk)
    _works_at(site.pk, facilitator)
    _room_at(site.pk, room)
    _patients_at(site.pk, patients)
    if not patients:
        raise Refused("Choose whom the session is for; nothing was saved.")
    if kind not in Occurrence.Kind.values:
        raise Refused("Choose what kind of session it is; nothing was saved.")
    if ends <= starts:
        raise Refused("The session ends before it begins. Change one of the times; nothing was saved.")
    if mode != Mode.VIDEO and room is None:
        raise Refused("A session on site needs a room. Choose one, or hold it by video.")
    ids = list(dict.fromkeys(patient.pk for patient in patients))
    occurrence = Occurrence.objects.create(
        site=site,
        local_date=starts.astimezone(ZoneInfo(site.zone)).date(),
        kind=kind,
        treatment=treatment,
        title=title.strip() or f"{Occurrence.Kind(kind).label} session",
        topic=topic,
        starts=starts,
        ends=ends,
        facilitator=facilitator,
        room=room,
        mode=mode,
        capacity=len(ids),
    )
    _hold(_rows(occurrence, at, rooms=[room.pk if room else None], staff=[facilitator.pk], patients=ids))
    Seat.objects.bulk_create(
        Seat(
            occurrence=occurrence,
            patient_id=patient_id,
            number=number,
            capacity=occurrence.capacity,
            mode=Mode.VIDEO if mode == Mode.VIDEO else Mode.ON_SITE,
            at=at,
            by_id=by.staff_id,
        )
        for number, patient_id in enumerate(ids, start=1)
    )
    announce(f"site:{site.pk}")
    trail.record_each(
        by=by,
        at=at,
        action="timetable.schedule_session",
        of=[(patient_id, f"Occurrence {occurrence.pk}", {"kind": kind}) for patient_id in ids],
    )
    return occurrence


@transaction.atomic
def cancel_occurrence(*, by: Actor, at: datetime, occurrence: Occurrence, because: str) -> Occurrence:
    """The session does not take place: seats, room and staff are free again. Raises `Refused` once people came."""
    locked = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence.pk)
    policies.may_schedule(by, locked.site_id, locked.facilitator_id)
    because = because.strip()
    if not because:
        raise Refused("Say why the session is cancelled; those who were expected will be told.")
    if locked.cancelled_at is not None:
        raise Refused("This session is already cancelled.")
    seats = list(Seat.objects.filter(occurrence=locked, released_at__isnull=True).order_by("pk"))
    if Seat.objects.filter(
        Q(attendance__outcome="present") | Q(occurrence__note__signed_at__isnull=False), occurrence=locked
    ).exists():
        raise Refused(
            "People came to this session, so it took place. Record who left instead of cancelling it."
        )
    locked.cancelled_at, locked.cancelled_because = at, because
    locked.save(update_fields=["cancelled_at", "cancelled_because"])
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(
        released_at=at, released_because="The session was cancelled."
    )
    _let_go([locked.pk], at)
    offers = MakeUpOffer.objects.filter(occurrence=locked)
    _answer(offers, at, OfferAnswer.WITHDRAWN, because="The session was cancelled.")
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record_each(
        by=by,
        at=at,
        action="timetable.cancel_occurrence",
        of=[(seat.patient_id, f"Occurrence {locked.pk}", {}) for seat in seats]
        or [(None, f"Occurrence {locked.pk}", {})],
    )
    return locked


@transaction.atomic
def hand_over(*, by: Actor, at: datetime, occurrence: Occurrence, to: Staff) -> Occurrence:
    """Somebody else leads this one session. Raises `Refused` when they are elsewhere or its note is signed."""
    locked = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence.pk)
    policies.may_hand_over(by, locked.site_id, locked.facilitator_id)
    if to.pk in (locked.facilitator_id, locked.cofacilitator_id):
        raise Refused(f"{to.name} already leads this session.")
    _works_at(locked.site_id, to)
    if locked.cancelled_at is not None:
        raise Refused("This session is cancelled; there is nothing to hand over.")
    if Occurrence.objects.filter(pk=locked.pk, note__signed_at__isnull=False).exists():
        raise Refused("The note of this session is signed; who led it stays as it was.")
    if locked.facilitator_id is not None:
        _let_go([locked.pk], at, only=Q(staff_id=locked.facilitator_id))
    _hold(_rows(locked, at, staff=[to.pk]))
    before, locked.facilitator = locked.facilitator_id, to
    locked.save(update_fields=["facilitator"])
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.hand_over",
        subject=f"Occurrence {locked.pk}",
        detail={"from": before, "to": to.pk},
    )
    return locked
