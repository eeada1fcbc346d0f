"""Taking seats: belonging to a group, and one seat in one session."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_and_clock
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _hold, _rows
from stepwell.clinic.timetable.actions.offered import _answer, _held
from stepwell.clinic.timetable.models import (
    Enrollment,
    KeptApart,
    MakeUpOffer,
    Mode,
    Occurrence,
    OfferAnswer,
    Seat,
    TherapyGroup,
)

_GONE = "The last seat was just taken. Choose another session; nothing was booked."
_HELD = (
    "The last seat is held for somebody who was offered it. Choose another session, or ask again later; "
    "nothing was booked."
)


@transaction.atomic
def enroll(*, by: Actor, at: datetime, patient: Patient, group: TherapyGroup, starts_on: date) -> Enrollment:
    """The patient belongs to the group from that day on, with a seat in each of its coming sessions.

    Raises `Refused`, naming the sessions, when one is full or clashes; nothing is booked then.
    """
    policies.may_book(by, group.site_id)
    policies.may_book(by, patient.site_id)
    group = _GROUP_LOCKED.one(TherapyGroup.DoesNotExist, group_id=group.pk)
    _in_treatment(patient)
    if group.ends_on is not None and starts_on > group.ends_on:
        raise Refused(f"{group.name} ends before that day. Choose another group; nothing was booked.")
    try:
        with transaction.atomic():
            enrollment = Enrollment.objects.create(
                patient=patient, group=group, starts_on=starts_on, at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:
        raise Refused(f"{patient.board_name} already belongs to {group.name}.") from twice
    coming = _COMING.rows(starts_on, group_id=group.pk, at=at)
    taken = _taken_in_group(group.pk, at, patient.pk)
    here = [o for o in coming if patient.pk not in taken[o.pk].values()]
    full = [o for o in here if len(taken[o.pk]) >= o.capacity]
    if full:
        when = ", ".join(day_and_clock(o.starts, ZoneInfo(group.site.zone)) for o in full[:3])
        more = f" and {len(full) - 3} more" if len(full) > 3 else ""
        raise Refused(
            f"{group.name} is full on {when}{more}. Begin on a later day or choose another group; "
            "nothing was booked."
        )
    _hold([row for o in here for row in _rows(o, at, patients=[patient.pk])])
    _sit(here, taken, patient, at, by)
    if {offer.occurrence_id for offer in _OPEN_OFFERS.rows(patient_id=patient.pk)} & {o.pk for o in here}:
        _answer(_own_offers(patient, here), at, OfferAnswer.ACCEPTED)
    announce(f"site:{group.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.enroll",
        subject=f"Enrollment {enrollment.pk}",
        patient_id=patient.pk,
        detail={"group": group.pk, "seats": len(here)},
    )
    return enrollment


@transaction.atomic
def book_seat(*, by: Actor, at: datetime, patient: Patient, occurrence: Occurrence) -> Seat:
    """One seat in one session. Of two who want the last one, one gets it and the other a sentence."""
    policies.may_book(by, occurrence.site_id)
    policies.may_book(by, patient.site_id)
    locked = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence.pk)
    if locked.cancelled_at is not None:
        raise Refused(f"{locked.title} is cancelled. Choose another session; nothing was booked.")
    if locked.ends <= at:
        raise Refused(f"{locked.title} is over. Choose a session to come; nothing was booked.")
    if locked.kind == Occurrence.Kind.GROUP:
        _in_treatment(patient)
    seat = _take_seat(by, at, patient, locked)
    _answer(_own_offers(patient, [locked]), at, OfferAnswer.ACCEPTED)
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.book_seat",
        subject=f"Seat {seat.pk}",
        patient_id=patient.pk,
        detail={"occurrence": locked.pk},
    )
    return seat


@transaction.atomic
def seat_walk_in(*, by: Actor, at: datetime, patient: Patient, occurrence: Occurrence) -> Seat:
    """A seat for somebody who came without one, in a session that is on or just over; `sessions` says until when.

    Raises `Refused` when the session is full, when the patient is elsewhere at that time by the book, belongs to
    another site, or is kept apart from somebody who has a seat. Nobody is told who that is.
    """
    policies.may_book(by, occurrence.site_id)
    locked = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence.pk)
    if patient.site_id != locked.site_id:
        raise Refused(f"{patient.board_name} belongs to another site. Nothing was booked.")
    if locked.cancelled_at is not None:
        raise Refused(f"{locked.title} is cancelled. Choose another session; nothing was booked.")
    if locked.kind == Occurrence.Kind.GROUP:
        _in_treatment(patient)
    if _sits_with_somebody_kept_apart(patient, locked):
        raise Refused(
            f"{patient.board_name} is kept apart from somebody who has a seat here. Offer {patient.called} another "
            "session; nothing was booked."
        )
    seat = _take_seat(by, at, patient, locked)
    _answer(_own_offers(patient, [locked]), at, OfferAnswer.ACCEPTED)
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.seat_walk_in",
        subject=f"Seat {seat.pk}",
        patient_id=patient.pk,
        detail={"occurrence": locked.pk},
    )
    return seat


def _sits_with_somebody_kept_apart(patient: Patient, occurrence: Occurrence) -> bool:
    here = Seat.objects.filter(occurrence=occurrence, released_at__isnull=True).values("patient")
    return KeptApart.objects.filter(
        Q(first=patient, second__in=here) | Q(second=patient, first__in=here), ended_at__isnull=True
    ).exists()


_GROUP_LOCKED = Prepared(
    lambda *, group_id: (
        TherapyGroup.objects.select_for_update(of=["self"], no_key=True)
        .select_related("site")
        .filter(pk=group_id)
    )
)
_COMING = Prepared(
    lambda starts_on, *, group_id, at: (
        Occurrence.objects.select_for_update(no_key=True)
        .filter(group_id=group_id, local_date__gte=starts_on, starts__gt=at, cancelled_at__isnull=True)
        .order_by("pk")
    )
)
_OPEN_OFFERS = Prepared(
    lambda *, patient_id: MakeUpOffer.objects.filter(patient_id=patient_id, answered_at__isnull=True).only(
        "occurrence_id"
    )
)


def _take_seat(by: Actor, at: datetime, patient: Patient, locked: Occurrence) -> Seat:
    """A seat in the session, whose row is locked. Seats held for others are taken ones."""
    seated = _taken([locked.pk])[locked.pk]
    if patient.pk in seated.values():
        raise Refused(f"{patient.board_name} already has a seat in this session.")
    taken = _taken([locked.pk], at, patient.pk)
    if len(taken[locked.pk]) >= locked.capacity:
        raise Refused(_GONE if len(seated) >= locked.capacity else _HELD)
    _hold(_rows(locked, at, patients=[patient.pk]))
    (seat,) = _sit([locked], taken, patient, at, by)
    return seat


def _own_offers(patient: Patient, occurrences: list[Occurrence]) -> Any:
    return MakeUpOffer.objects.filter(patient=patient, occurrence__in=[o.pk for o in occurrences])


def _taken(
    occurrence_ids: list[int], at: datetime | None = None, patient_id: int | None = None
) -> dict[int, dict[int, int]]:
    """Session -> seat number -> patient, of the seats held now; with `at` also of those held for others then."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    if at is not None:
        found.update(_held(occurrence_ids, at, but=patient_id))
    rows = Seat.objects.filter(occurrence_id__in=occurrence_ids, released_at__isnull=True)
    for occurrence, number, patient in rows.values_list("occurrence_id", "number", "patient_id"):
        found[occurrence][number] = patient
    return found


def _taken_in_group(group_id: int, at: datetime, patient_id: int) -> dict[int, dict[int, int]]:
    """As `_taken`, of every session of the group after `at`; its coming sessions are locked."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    offered = _HELD_IN_GROUP.rows(group_id=group_id, at=at, patient_id=patient_id)
    for one in [*offered, *_SEATED_IN_GROUP.rows(group_id=group_id, at=at)]:
        found[one.occurrence_id][one.number] = one.patient_id
    return found


_HELD_IN_GROUP = Prepared(
    lambda *, group_id, at, patient_id: (
        MakeUpOffer.objects.filter(
            occurrence__group_id=group_id,
            occurrence__starts__gt=at,
            answered_at__isnull=True,
            held_until__gt=at,
        )
        .exclude(patient_id=patient_id)
        .only("occurrence_id", "number", "patient_id")
    )
)
_SEATED_IN_GROUP = Prepared(
    lambda *, group_id, at: Seat.objects.filter(
        occurrence__group_id=group_id, occurrence__starts__gt=at, released_at__isnull=True
    ).only("occurrence_id", "number", "patient_id")
)


def _sit(
    occurrences: list[Occurrence],
    taken: dict[int, dict[int, int]],
    patient: Patient,
    at: datetime,
    by: Actor,
) -> list[Seat]:
    """The lowest free number in each. The table's own constraints are the second guard behind the lock."""
    seats = [
        Seat(
            occurrence=o,
            patient=patient,
            number=next(n for n in range(1, o.capacity + 1) if n not in taken[o.pk]),
            capacity=o.capacity,
            mode=Mode.VIDEO if o.mode == Mode.VIDEO else Mode.ON_SITE,
            at=at,
            by_id=by.staff_id,
        )
        for o in occurrences
    ]
    try:
        with transaction.atomic():
            return Seat.objects.bulk_create(seats)
    except IntegrityError as race:
        raise Refused(_GONE) from race


def _in_treatment(patient: Patient) -> None:
    if not _OPEN_EPISODE.rows(patient_id=patient.pk):
        raise Refused(f"{patient.board_name} is not admitted here. Admit first, then book groups.")


_OPEN_EPISODE = Prepared(
    lambda *, patient_id: Episode.objects.filter(patient_id=patient_id, closed_at__isnull=True).only("pk")
)
