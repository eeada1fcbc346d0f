"""Whose week can still be saved, until when, and by which seats; and the seats that are held for somebody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries.making_up import FreeSeat, Known, known_of, least_of_day
from stepwell.clinic.hours.queries.statements import whose_hours
from stepwell.clinic.hours.queries.weeks import Hours, _Read, _read
from stepwell.clinic.hours.rules import (
    CountableDays,
    MakeUp,
    Opening,
    can_come,
    countable_days,
    days_in_week,
    make_ups,
)
from stepwell.clinic.timetable.models import MakeUpOffer


@dataclass(frozen=True, slots=True)
class Choice:
    """A ranked seat with the session it is in."""

    make_up: MakeUp
    seat: FreeSeat


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """An open offer: the session, until when the seat is held, and who offered it ("" at once, by Stepwell)."""

    pk: int
    patient_id: int
    occurrence_id: int
    title: str
    starts: datetime
    ends: datetime
    mode: str
    room: str
    leads: str
    held_until: datetime
    offered_at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class ToSave:
    """One person's week: what is not safe, until when it can be saved, and how.

    `until` is the earliest of the last moments for hours (or for as many of them as can be had), a kind of treatment
    and countable days; None when nothing can be saved, or nothing needs it. `days` is None when nobody counts days.
    """

    hours: Hours
    days: CountableDays | None
    choices: tuple[Choice, ...]
    offers: tuple[HeldSeat, ...]
    until: datetime | None

    @property
    def lacks(self) -> bool:
        """Whether hours, a kind of treatment or a day that counts is missing."""
        week, days = self.hours.week, self.days
        return bool(week.missing or any(d.short for d in week.doses) or (days is not None and days.short))


def hours_to_save(
    *,
    by: Actor,
    at: datetime,
    site_id: int | None = None,
    patient_ids: Collection[int] | None = None,
    week_start: date | None = None,
) -> tuple[ToSave, ...]:
    """Everybody in treatment whose week lacks something, who is to be acted on first at the head.

    By the last moment; those whom nothing can save come last. 13 statements at most for any number of people.
    """
    found = [
        one
        for one in to_save(by=by, at=at, site_id=site_id, patient_ids=patient_ids, week_start=week_start)
        if one.lacks
    ]
    found.sort(
        key=lambda one: (
            one.until is None,
            one.until or at,
            -one.hours.week.missing,
            one.hours.patient.given_name,
            one.hours.patient.pk,
        )
    )
    return tuple(found)


def to_save(
    *,
    by: Actor,
    at: datetime,
    site_id: int | None = None,
    patient_ids: Collection[int] | None = None,
    week_start: date | None = None,
) -> tuple[ToSave, ...]:
    """The week that holds `at` (or begins on `week_start`), of those named or of everybody in treatment, with what could save it."""
    read = [one for one in _read(by, at, patient_ids, site_id, week_start) if one.orders]
    least = least_of_day([one.person.pk for one in read], at.astimezone(read[0].zone).date()) if read else {}
    stands = [_standing(one, at, least.get(one.person.pk, 0)) for one in read]
    # What could save a week is read only for those whose week lacks something.
    lacking = [one for one, stand in zip(read, stands, strict=True) if stand.lacks]
    known = known_of(lacking, at)
    offers: dict[int, list[HeldSeat]] = {}
    for offer in _open([one.person.pk for one in read], at):
        offers.setdefault(offer.patient_id, []).append(offer)
    found = []
    for one, stand in zip(read, stands, strict=True):
        held = tuple(offers.get(one.person.pk, ()))
        if stand.lacks:
            stand = _saving(one, known[one.person.pk], held, at, least.get(one.person.pk, 0))
        found.append(replace(stand, offers=held))
    return tuple(found)


def open_offers(by: Actor, patient: Any, at: datetime) -> tuple[HeldSeat, ...]:
    """The seats held for a patient whom `by` may see, by their time. One statement."""
    return tuple(
        HeldSeat(*row)
        for row in _offers(at, patient__in=whose_hours(by).filter(pk=patient.pk)).values_list(*_OFFERED)
    )


def offer_for(by: Actor, offer_id: int) -> MakeUpOffer:
    """One offer, open or not; `MakeUpOffer.DoesNotExist` for a stranger's."""
    found: MakeUpOffer = (
        MakeUpOffer.objects.filter(patient__in=whose_hours(by))
        .select_related("patient__site", "occurrence")
        .get(pk=offer_id)
    )
    return found


_OFFERED = (
    "pk",
    "patient_id",
    "occurrence_id",
    *(f"occurrence__{name}" for name in ("title", "starts", "ends", "mode", "room__name")),
    "occurrence__facilitator__name",
    "held_until",
    "offered_at",
    "by__short_name",
)


def _offers(at: datetime, **whose: Any) -> Any:
    return MakeUpOffer.objects.filter(
        answered_at__isnull=True,
        held_until__gt=at,
        occurrence__cancelled_at__isnull=True,
        occurrence__starts__gt=at,
        **whose,
    ).order_by("occurrence__starts", "pk")


def _open(ids: Collection[int], at: datetime) -> list[HeldSeat]:
    return [HeldSeat(*row) for row in _offers(at, patient__in=list(ids)).values_list(*_OFFERED)]


def _standing(one: _Read, at: datetime, least: int) -> ToSave:
    """The week as it stands, before anybody looks for seats."""
    hours = Hours(patient=one.person, week=one.week(at), today=one.today(at), sessions=one.sessions)
    return ToSave(hours=hours, days=_days(one, least, at, None), choices=(), offers=(), until=None)


def _saving(one: _Read, known: Known, offers: tuple[HeldSeat, ...], at: datetime, least: int) -> ToSave:
    """The ledger once more, with those seats as chances at which the person can come."""
    seats = {seat.pk: seat for seat in known.seats}
    openings = can_come((seat.opening for seat in known.seats), known.windows, one.zone)
    # A seat that is held for her is a chance too, though nobody need offer it again.
    held = tuple(Opening(id=o.occurrence_id, starts=o.starts, ends=o.ends) for o in offers)
    week = one.week(at, (*openings, *held))
    days = _days(one, least, at, (*openings, *held))
    offered = {o.occurrence_id for o in offers}
    found = make_ups(
        week,
        days,
        one.sessions,
        (o for o in openings if o.id not in offered),
        at,
        one.zone,
        windows=known.windows,
        topics_had=known.topics_had,
    )
    moments = [week.last_moment or week.partly_until, *(dose.last_moment for dose in week.doses)]
    moments.append(days.last_moment if days is not None else None)
    said = [moment for moment in moments if moment is not None]
    return ToSave(
        hours=Hours(
            patient=one.person, week=week, today=one.today(at), sessions=one.sessions, openings=openings
        ),
        days=days,
        choices=tuple(Choice(make_up, seats[int(make_up.opening.id)]) for make_up in found),
        offers=offers,
        until=min(said) if said else None,
    )


def _days(one: _Read, least: int, at: datetime, openings: tuple[Opening, ...] | None) -> CountableDays | None:
    wanted = days_in_week(one.orders, one.start)
    if not least or not wanted:
        return None
    return countable_days(
        one.sessions, one.start, one.zone, at, least=least, wanted=wanted, openings=openings
    )
