"""Who may be at the door now, and the codes by which they say so. Nothing here leaves the door but a room and a time.

Codes are not stored: they are made of the number of the patient (or the kiosk), the span of time and the site's
secret. What a stolen copy of the database holds opens nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.sessions.models import Kiosk
from stepwell.clinic.sessions.rules.arriving import (
    ArrivingRule,
    AtTheDoor,
    DoorSeat,
    at_the_door,
    good_until,
    load_arriving,
    read_code,
    read_place_code,
    span_of,
    written,
)
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.clinic.timetable.models import Mode, Seat


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What a patient's own phone shows: the code, until when it is good, and the session it is for."""

    code: str
    until: datetime
    title: str
    room: str
    starts: datetime
    already: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Whose code it was, and the session; `seat` None when there is none that the door can answer."""

    patient_id: int
    at_door: AtTheDoor
    room: str
    starts: datetime


def code_of(patient_id: int, at: datetime, *, spans_ago: int = 0) -> str:
    """The code on this patient's phone at `at`, or the one before it."""
    rule = load_arriving()
    return _code("person", patient_id, span_of(at, rule.lasts) - spans_ago, rule.length, rule)


def place_code_of(kiosk: Kiosk, at: datetime, *, spans_ago: int = 0) -> str:
    """The code that a kiosk shows at `at`, or the one before it."""
    rule = load_arriving()
    return _code("place", kiosk.pk, span_of(at, rule.place_lasts) - spans_ago, rule.place_length, rule)


def own_code(by: Actor, at: datetime) -> OwnCode | None:
    """For a patient: the code of today, once a session can be checked in to. One statement."""
    if by.patient_id is None:
        return None
    rows = [_Row(*row) for row in _OWN.rows(by, at=at, soon=_soon(at))]
    found = _first(rows, at)
    if found is None:
        return None
    row = next(row for row in rows if row.seat_id == found.seat.seat_id)
    until = good_until(at, load_arriving().lasts)
    return OwnCode(code_of(by.patient_id, at), until, row.title, row.where, row.starts, found.already)


def own_door(by: Actor, at: datetime) -> Found | None:
    """The session that a patient who is here now comes to. One statement."""
    return _found([_Row(*row) for row in _OWN.rows(by, at=at, soon=_soon(at))], at)


def by_code(site_id: int, at: datetime, typed: str) -> Found | None:
    """Whose code this is, of those expected at the site about now; None for a wrong one and for two of the same.

    One statement and the same work whatever was typed and whoever is found.
    """
    wanted = read_code(typed, load_arriving()).encode()
    return _the_one(
        site_id,
        at,
        lambda row: bool(
            sum(compare_digest(code_of(row.patient_id, at, spans_ago=n).encode(), wanted) for n in (0, 1))
        ),
    )


def by_birth_date(site_id: int, at: datetime, born: date | None, last_four: str) -> Found | None:
    """Who was born that day and has a phone that ends so, as `by_code`; a person without a phone is never found."""
    digits = "".join(c for c in last_four if c.isascii() and c.isdigit())
    whole = born is not None and len(digits) == 4 and len(last_four.strip()) == 4
    return _the_one(
        site_id,
        at,
        lambda row: (
            whole
            and row.birth_date == born
            and len(row.phone_digits) >= 7
            and row.phone_digits.endswith(digits)
        ),
    )


def kiosk_for(kiosk_id: int, key: str) -> Kiosk | None:
    """The open kiosk of a device that holds its key; None for a closed one, a wrong key and a missing row."""
    row = Kiosk.objects.select_related("site").filter(pk=kiosk_id, closed_at__isnull=True).first()
    return row if row is not None and compare_digest(row.key_hash, hash_of(key)) else None


def kiosks(by: Actor) -> Any:
    """The kiosks that are open at the sites where `by` checks people in, by place."""
    return (
        Kiosk.objects.filter(closed_at__isnull=True, site_id__in=by.sites_with(Permission.CHECK_IN))
        .select_related("site", "opened_by")
        .order_by("place", "pk")
    )


def kiosk_by_place_code(site_id: int, at: datetime, typed: str) -> Kiosk | None:
    """The open kiosk of the site that shows this code now, or showed it just before."""
    wanted = read_place_code(typed, load_arriving()).encode()
    open_ones = list(Kiosk.objects.filter(site_id=site_id, closed_at__isnull=True).order_by("pk"))
    fit = [
        k
        for k in open_ones
        if sum(compare_digest(place_code_of(k, at, spans_ago=n).encode(), wanted) for n in (0, 1))
    ]
    return fit[0] if fit else None


def hash_of(key: str) -> str:
    """How the key of a device is kept."""
    return sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Row:
    seat_id: int
    occurrence_id: int
    patient_id: int
    birth_date: date
    phone_digits: str
    title: str
    starts: datetime
    ends: datetime
    room: str
    outcome: str | None
    left: datetime | None

    @property
    def where(self) -> str:
        return self.room or "Ask at the desk"

    @property
    def as_rule(self) -> DoorSeat:
        return DoorSeat(
            self.seat_id,
            self.occurrence_id,
            self.patient_id,
            self.starts,
            self.ends,
            self.outcome or "",
            self.left,
        )


def _the_one(site_id: int, at: datetime, fits: Any) -> Found | None:
    whose: dict[int, list[_Row]] = defaultdict(list)
    for row in (_Row(*row) for row in _AT_THE_DOOR.rows(site_id=site_id, at=at, soon=_soon(at))):
        whose[row.patient_id].append(row)
    matching = [rows for rows in whose.values() if fits(rows[0])]
    found = [_found(rows, at) for rows in matching]
    return found[0] if len(found) == 1 else None


def _found(rows: Sequence[_Row], at: datetime) -> Found | None:
    door = _first(rows, at)
    if door is None:
        return None
    row = next(row for row in rows if row.seat_id == door.seat.seat_id)
    return Found(row.patient_id, door, row.where, row.starts)


def _first(rows: Sequence[_Row], at: datetime) -> AtTheDoor | None:
    return at_the_door((row.as_rule for row in rows), at, timedelta(minutes=load_room().opens_before))


def _soon(at: datetime) -> datetime:
    return at + timedelta(minutes=load_room().opens_before)


def _code(of: str, number: int, span: int, length: int, rule: ArrivingRule) -> str:
    digest = salted_hmac(f"stepwell.arriving.{of}", f"{number}:{span}", algorithm="sha256").digest()
    return written(digest, length, rule.letters)


def _seats() -> Any:
    """Nobody comes to the door of the house for a session by video: its room tells who was there."""
    return Seat.objects.filter(released_at__isnull=True, occurrence__cancelled_at__isnull=True).exclude(
        occurrence__mode=Mode.VIDEO
    )


def _listed(seats: Any) -> Any:
    return seats.order_by("occurrence__starts", "pk").values_list(
        "pk",
        "occurrence_id",
        "patient_id",
        "patient__birth_date",
        "patient__phone_digits",
        "occurrence__title",
        "occurrence__starts",
        "occurrence__ends",
        Coalesce("occurrence__room__name", Value("")),
        "attendance__outcome",
        "attendance__left_at",
    )


_AT_THE_DOOR = Prepared(
    lambda *, site_id, at, soon: _listed(
        _seats().filter(occurrence__site_id=site_id, occurrence__ends__gt=at, occurrence__starts__lte=soon)
    )
)
_OWN = Prepared(
    lambda by, *, at, soon: _listed(
        _seats().filter(patient_id=by.patient_id, occurrence__ends__gt=at, occurrence__starts__lte=soon)
    )
)
