"""Reading one day's arrivals, starting from who asks. Each function is one statement, however long the day.

Who is shown by name is read by name; of all others only the numbers are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When
from django.db.models.expressions import Combinable

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.queries import found, patients_for
from stepwell.clinic.people.rules.search import Asked
from stepwell.clinic.prepared import Prepared, numbered
from stepwell.clinic.sessions.queries.room import roster
from stepwell.clinic.sessions.rules import load_attendance_rule
from stepwell.clinic.timetable.models import Seat

__all__ = [
    "Came",
    "Expected",
    "Who",
    "ask_arrivals",
    "ask_came",
    "ask_coming",
    "ask_expected",
    "came",
    "coming",
    "expected",
    "expected_named",
]


class Who(StrEnum):
    """Whom of the day a list shows. Late: not here so long after the beginning that somebody should call.

    Away: recorded as absent, or said by the patient. Expected and here are of sessions that are not over.
    """

    EXPECTED = "expected"
    LATE = "late"
    HERE = "here"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Expected:
    """Who is expected in a session, as the board of the day shows it; the three of the attendance are None until
    somebody came. `told`: the patient gave the seat back by the own hand, so that nobody needs to wait."""

    seat_id: int
    occurrence_id: int
    patient_id: int
    code: str
    called: str
    family_name: str
    phone: str
    may_call: bool
    outcome: str | None
    arrived_at: datetime | None
    left_at: datetime | None
    told: bool = False

    @property
    def board_name(self) -> str:
        """'Ana R.', as `Patient.board_name` says it."""
        return f"{self.called} {self.family_name[:1]}."


@dataclass(frozen=True, slots=True)
class Came:
    """Of one session: the ids of the patients expected, how many came, and of how many nothing is known yet.

    `away`: how many do not come, by the record or by their own word."""

    occurrence_id: int
    people: tuple[int, ...]
    here: int
    unknown: int
    away: int = 0


def came(by: Actor, day: date) -> dict[int, Came]:
    """Occurrence id -> numbers, of the sessions of the home site on a local day that anybody has a seat in."""
    return ask_came(by, day)()


def ask_came(by: Actor, day: date) -> Callable[[], dict[int, Came]]:
    """Sends the statement of `came` (`clinic.ahead`)."""
    asked = _CAME.ahead(by, day)
    return lambda: {row[0]: Came(row[0], tuple(row[1] or ()), *row[2:]) for row in asked()}


def _came(by: Actor, day: date) -> Any:
    held = Q(released_at__isnull=True)
    return (
        _seats(by, _HELD_OR_GIVEN_BACK)
        .filter(occurrence__site_id=by.home.site_id, occurrence__local_date=day)
        .order_by()
        .values_list("occurrence_id")
        .annotate(
            people=ArrayAgg("patient_id", filter=held),
            here=Count("pk", filter=held & Q(attendance__outcome="present")),
            unknown=Count("pk", filter=held & Q(attendance__outcome__isnull=True)),
            away=Count("pk", filter=~held | Q(attendance__outcome__in=_ABSENT)),
        )
    )


def expected(by: Actor, occurrence_ids: Collection[int]) -> list[Expected]:
    """The `roster` of many sessions without the rows of the record, by name."""
    return ask_expected(by, occurrence_ids)()


def ask_expected(by: Actor, occurrence_ids: Collection[int]) -> Callable[[], list[Expected]]:
    """Sends the statement of `expected` (`clinic.ahead`)."""
    ids = numbered(occurrence_ids)
    if ids is None:
        rows = _listed(roster(by, occurrence_ids).select_related(None))
        return lambda: [Expected(*row) for row in rows]
    asked = _EXPECTED.ahead(by, **ids)
    return lambda: [Expected(*row) for row in asked()]


def coming(by: Actor, at: datetime, day: date, *, first: int, most: int) -> list[Expected]:
    """Of whom nothing is known yet, in sessions of others of that local day that are not over, by time and name:
    `most` people after the `first`."""
    return ask_coming(by, at, day, first=first, most=most)()


def ask_coming(by: Actor, at: datetime, day: date, *, first: int, most: int) -> Callable[[], list[Expected]]:
    """Sends the statement of `coming` (`clinic.ahead`)."""
    asked = _COMING.ahead(by, day, first, most, at=at)
    return lambda: [Expected(*row) for row in asked()]


def _coming(by: Actor, day: date, first: int, most: int, *, at: datetime) -> Any:
    rows = _on(by, day).filter(
        occurrence__ends__gt=at, occurrence__cancelled_at__isnull=True, attendance__outcome__isnull=True
    )
    if by.staff_id is not None:
        rows = rows.exclude(occurrence__facilitator_id=by.staff_id).exclude(
            occurrence__cofacilitator_id=by.staff_id
        )
    return _listed(rows)[first : first + most]


def ask_arrivals(
    by: Actor, at: datetime, day: date, who: Who, *, first: int, most: int
) -> Callable[[], list[Expected]]:
    """Those of the local day whom `who` names, by time and name: `most` people after the `first`. Sends one statement."""
    values = {} if who is Who.AWAY else {"at": at}
    if who in (Who.EXPECTED, Who.LATE):
        values["begun"] = at - timedelta(minutes=load_attendance_rule().missing_after)
    asked = _ARRIVALS.ahead(by, day, str(who), first, most, **values)
    return lambda: [Expected(*row) for row in asked()]


def _arrivals(by: Actor, day: date, who: str, first: int, most: int, **values: datetime) -> Any:
    rows = _on(by, day, _HELD_OR_GIVEN_BACK if who == Who.AWAY else None)
    rows = rows.filter(occurrence__cancelled_at__isnull=True)
    if who == Who.AWAY:
        rows = rows.filter(Q(released_at__isnull=False) | Q(attendance__outcome__in=_ABSENT))
    else:
        rows = rows.filter(occurrence__ends__gt=values["at"])
    if who == Who.HERE:
        rows = rows.filter(attendance__outcome="present")
    elif who == Who.LATE:
        rows = rows.filter(attendance__outcome__isnull=True, occurrence__starts__lte=values["begun"])
    elif who == Who.EXPECTED:
        rows = rows.filter(attendance__outcome__isnull=True, occurrence__starts__gt=values["begun"])
    return _listed(rows)[first : first + most]


def expected_named(by: Actor, asked: Asked, day: date, *, most: int) -> list[Expected]:
    """Whoever fits the search and is or was expected that local day, by time and name, the first `most`."""
    whom = found(by, asked, Permission.TIMETABLE_READ)
    rows = _on(by, day).filter(patient__in=whom, occurrence__cancelled_at__isnull=True)
    return [Expected(*row) for row in _listed(rows)[:most]]


_ABSENT = ("excused", "unexcused")
_AGAIN = Seat.objects.filter(
    occurrence=OuterRef("occurrence"), patient=OuterRef("patient"), released_at__isnull=True
)
_HELD_OR_GIVEN_BACK = Q(released_at__isnull=True) | (Q(given_back=True) & ~Exists(_AGAIN))
"""Whoever said "I can't make it" and was booked again since is expected again."""


def _seats(by: Actor, which: Combinable | Q | None = None) -> Any:
    return Seat.objects.filter(
        Q(released_at__isnull=True) if which is None else which,
        patient__in=patients_for(by, Permission.TIMETABLE_READ),
    )


def _on(by: Actor, day: date, which: Combinable | Q | None = None) -> Any:
    return (
        _seats(by, which)
        .filter(occurrence__site_id=by.home.site_id, occurrence__local_date=day)
        .order_by("occurrence__starts", "patient__given_name", "patient__family_name", "pk")
    )


def _listed(seats: Any) -> Any:
    called = Case(
        When(~Q(patient__preferred_name=""), then=F("patient__preferred_name")),
        default=F("patient__given_name"),
    )
    return seats.values_list(
        "pk",
        "occurrence_id",
        "patient_id",
        "patient__code",
        called,
        "patient__family_name",
        "patient__phone",
        "patient__may_call",
        "attendance__outcome",
        "attendance__arrived_at",
        "attendance__left_at",
        "given_back",
    )


_CAME = Prepared(_came)
_COMING = Prepared(_coming)
_ARRIVALS = Prepared(_arrivals)
_EXPECTED = Prepared(lambda by, **ids: _listed(roster(by, list(ids.values())).select_related(None)))
