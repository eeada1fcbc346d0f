"""Every write of the hours: make-up seats offered, held for a time, taken, declined, withdrawn, run out.

An open offer holds its seat: whoever gives seats counts it as taken (`timetable.actions.offered`), under the lock on the
session that every function here takes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.hours import policies
from stepwell.clinic.hours.queries import to_save
from stepwell.clinic.hours.rules import held_until, load_offers, week_start_of
from stepwell.clinic.people.models import Patient, Reservation
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock, day_and_clock
from stepwell.clinic.timetable.actions.offered import _answer
from stepwell.clinic.timetable.actions.seats import _take_seat, _taken
from stepwell.clinic.timetable.models import MakeUpOffer, Occurrence, OfferAnswer, Seat

_ALL_TAKEN = "No seat is left in this session. Choose another one; nothing was offered."


@transaction.atomic
def offer_make_up(*, by: Actor, at: datetime, patient: Patient, occurrence: Occurrence) -> MakeUpOffer:
    """Holds a seat for the patient for the time of data/make_ups.json. Raises `Refused` when there is none to hold."""
    policies.may_offer(by, occurrence.site_id)
    policies.may_offer(by, patient.site_id)
    return _offer(by, at, patient, _locked(occurrence.pk))


@transaction.atomic
def offer_at_once(*, by: Actor, at: datetime, patient: Patient, instead_of: Seat) -> Sequence[MakeUpOffer]:
    """The best seats instead of one that the patient just gave back, held for a short time; none when nothing fits.

    Seats of the same week that are known to suit her. Accepting one gives the others free again.
    """
    policies.may_answer(by, patient)
    rule = load_offers()
    offers: list[MakeUpOffer] = []
    week = week_start_of(instead_of.occurrence.local_date, patient.site.week_starts_on)
    for found in to_save(by=by, at=at, patient_ids=[patient.pk], week_start=week):
        suitable = [
            c for c in found.choices if not c.make_up.asks_first and c.seat.pk != instead_of.occurrence_id
        ]
        # In the order of ids: two who give back a seat at once then wait instead of deadlocking.
        for choice in sorted(suitable[: rule.at_once_most], key=lambda c: c.seat.pk):
            try:
                with transaction.atomic():
                    offers.append(_offer(by, at, patient, _locked(choice.seat.pk), instead_of=instead_of))
            except Refused:  # somebody was quicker: the others still stand
                continue
    return offers


@transaction.atomic
def accept_offer(*, by: Actor, at: datetime, offer: MakeUpOffer) -> Seat:
    """The patient takes the seat: booked, the offer answered. Raises `Refused` with what became of it otherwise."""
    policies.may_answer(by, offer.patient)
    # Two taps on two offers, one instead of the other: one after the other, or each would wait for the other's row.
    Patient.objects.select_for_update(no_key=True).get(pk=offer.patient_id)
    occurrence = _locked(offer.occurrence_id)
    zone = ZoneInfo(occurrence.site.zone)
    locked = MakeUpOffer.objects.select_for_update().get(pk=offer.pk)
    _still_open(locked, occurrence, at)
    if occurrence.starts <= at:
        raise Refused("This session has begun. Call the program if you still want to come.")
    if not Episode.objects.filter(patient_id=locked.patient_id, closed_at__isnull=True).exists():
        raise Refused("Your time in the program has ended. Call the program; nothing was booked.")
    if Reservation.objects.filter(
        patient_id=locked.patient_id,
        released_at__isnull=True,
        during__startswith__lt=occurrence.ends,
        during__endswith__gt=occurrence.starts,
    ).exists():
        when = day_and_clock(occurrence.starts, zone)
        raise Refused(f"You already have something booked on {when}. Nothing was changed.")
    seat = _take_seat(by, at, offer.patient, occurrence)
    _write_answer(locked, at, OfferAnswer.ACCEPTED)
    others = MakeUpOffer.objects.filter(patient_id=locked.patient_id, instead_of_id=locked.instead_of_id)
    if locked.instead_of_id is not None:
        _answer(others, at, OfferAnswer.WITHDRAWN, because="Another seat was taken instead.")
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="hours.accept_offer",
        subject=f"MakeUpOffer {locked.pk}",
        patient_id=locked.patient_id,
        detail={"occurrence": occurrence.pk, "seat": seat.pk},
    )
    return seat


@transaction.atomic
def decline_offer(*, by: Actor, at: datetime, offer: MakeUpOffer) -> MakeUpOffer:
    """The patient does not want this seat; it is free again at once."""
    policies.may_answer(by, offer.patient)
    occurrence = _locked(offer.occurrence_id)
    locked = MakeUpOffer.objects.select_for_update().get(pk=offer.pk)
    _still_open(locked, occurrence, at)
    _write_answer(locked, at, OfferAnswer.DECLINED)
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="hours.decline_offer",
        subject=f"MakeUpOffer {locked.pk}",
        patient_id=locked.patient_id,
        detail={"occurrence": occurrence.pk},
    )
    return locked


@transaction.atomic
def withdraw_offer(*, by: Actor, at: datetime, offer: MakeUpOffer, because: str = "") -> MakeUpOffer:
    """The team takes the offer back; the seat is free for somebody else. Raises `Refused` once it is answered."""
    policies.may_offer(by, offer.patient.site_id)
    occurrence = _locked(offer.occurrence_id)
    locked = MakeUpOffer.objects.select_for_update().get(pk=offer.pk)
    if locked.answered_at is not None:
        word = OfferAnswer(locked.answer).label
        raise Refused(f"This offer is not open any more: {word}. Nothing was changed.")
    _write_answer(
        locked, at, OfferAnswer.WITHDRAWN, because=because.strip()[:200] or "Withdrawn by the team."
    )
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="hours.withdraw_offer",
        subject=f"MakeUpOffer {locked.pk}",
        patient_id=locked.patient_id,
        detail={"occurrence": occurrence.pk},
    )
    return locked


@transaction.atomic
def close_lapsed_offers(*, by: Actor, at: datetime) -> int:
    """Writes down of every offer past its time that it was not answered; returns how many.

    It holds nothing since then: this is for the record, and may come late.
    """
    policies.may_close_lapsed(by)
    lapsed = list(
        MakeUpOffer.objects.select_for_update(skip_locked=True)
        .filter(answered_at__isnull=True, held_until__lte=at)
        .order_by("pk")
        .values_list("pk", "patient_id")
    )
    MakeUpOffer.objects.filter(pk__in=[pk for pk, _ in lapsed]).update(
        answered_at=at, answer=OfferAnswer.LAPSED
    )
    trail.record_each(
        by=by,
        at=at,
        action="hours.close_lapsed_offers",
        of=[(patient, f"MakeUpOffer {pk}", {}) for pk, patient in lapsed],
    )
    return len(lapsed)


def _offer(
    by: Actor, at: datetime, patient: Patient, occurrence: Occurrence, *, instead_of: Seat | None = None
) -> MakeUpOffer:
    zone = ZoneInfo(occurrence.site.zone)
    when = day_and_clock(occurrence.starts, zone)
    if occurrence.cancelled_at is not None:
        raise Refused(f"{occurrence.title} on {when} is cancelled. Choose another session.")
    if occurrence.starts <= at:
        raise Refused(f"{occurrence.title} has begun. Choose a session to come; nothing was offered.")
    if occurrence.kind != Occurrence.Kind.GROUP:
        raise Refused("Only seats in groups are offered. Schedule a session of its own instead.")
    if patient.site_id != occurrence.site_id:
        raise Refused("This session is at another site; nothing was offered.")
    if not Episode.objects.filter(patient=patient, closed_at__isnull=True).exists():
        raise Refused(f"{patient.board_name} is not admitted here. Admit first, then offer groups.")
    seated = _taken([occurrence.pk])[occurrence.pk]
    if patient.pk in seated.values():
        raise Refused(f"{patient.board_name} already has a seat in this session.")
    if Reservation.objects.filter(
        patient=patient,
        released_at__isnull=True,
        during__startswith__lt=occurrence.ends,
        during__endswith__gt=occurrence.starts,
    ).exists():
        raise Refused(f"{patient.board_name} is expected elsewhere on {when}. Choose another session.")
    # Of offers that ran out, the row stays and its seat is free: it must not stand in the way of a new one.
    _answer(MakeUpOffer.objects.filter(occurrence=occurrence, held_until__lte=at), at, OfferAnswer.LAPSED)
    taken = _taken([occurrence.pk], at, patient.pk)[occurrence.pk]
    free = [n for n in range(1, occurrence.capacity + 1) if n not in taken]
    if not free:
        raise Refused(_ALL_TAKEN)
    until = held_until(at, occurrence.starts, load_offers(), at_once=instead_of is not None)
    try:
        with transaction.atomic():
            offer = MakeUpOffer.objects.create(
                patient=patient,
                occurrence=occurrence,
                number=free[0],
                capacity=occurrence.capacity,
                instead_of=instead_of,
                offered_at=at,
                by_id=by.staff_id,
                held_until=until,
            )
    except IntegrityError as twice:
        already = MakeUpOffer.objects.filter(occurrence=occurrence, patient=patient, answered_at__isnull=True)
        if already.exists():
            raise Refused(f"{patient.board_name} was already offered this session.") from twice
        raise Refused(_ALL_TAKEN) from twice
    announce(f"occurrence:{occurrence.pk}", f"site:{occurrence.site_id}")
    trail.record(
        by=by,
        at=at,
        action="hours.offer_make_up",
        subject=f"MakeUpOffer {offer.pk}",
        patient_id=patient.pk,
        detail={"occurrence": occurrence.pk, "held_until": until.isoformat()},
    )
    return offer


def _locked(occurrence_id: int) -> Occurrence:
    found: Occurrence = (
        Occurrence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .get(pk=occurrence_id)
    )
    return found


def _still_open(offer: MakeUpOffer, occurrence: Occurrence, at: datetime) -> None:
    """Raises `Refused` with what became of the offer, in words for the patient."""
    zone = ZoneInfo(occurrence.site.zone)
    when = day_and_clock(occurrence.starts, zone)
    if occurrence.cancelled_at is not None:
        raise Refused(f"{occurrence.title} on {when} does not take place. Your team will find another time.")
    if offer.answer == OfferAnswer.ACCEPTED:
        raise Refused(f"You have this place already: {occurrence.title} on {when}.")
    if offer.answer == OfferAnswer.DECLINED:
        raise Refused("You said no to this place. Call the program if you changed your mind.")
    if offer.answer == OfferAnswer.WITHDRAWN:
        raise Refused("This place is not offered any more. Your team will find another time.")
    if offer.answer == OfferAnswer.LAPSED or offer.held_until <= at:
        until = clock(offer.held_until, zone)
        raise Refused(f"This place was held until {until}. Ask your team whether it is still free.")


def _write_answer(offer: MakeUpOffer, at: datetime, answer: Any, *, because: str = "") -> None:
    offer.answered_at, offer.answer, offer.because = at, answer, because
    offer.save(update_fields=["answered_at", "answer", "because"])
