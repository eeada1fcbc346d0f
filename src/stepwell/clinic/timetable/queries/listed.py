"""A version of a week as a list: when, what, who leads, where, and the names of all who sit in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Value
from django.db.models.functions import Coalesce

from stepwell.clinic.people.models import Patient
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.models import PlannedSeat, PlannedSession, WeekVersion


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session of a version as a list shows it, with nothing but words and numbers of other rows."""

    people: frozenset[int]
    names: str
    pk: int
    occurrence_id: int | None
    group_id: int | None
    treatment: str
    title: str
    starts: datetime
    ends: datetime
    local_date: date
    facilitator_id: int | None
    cofacilitator_id: int | None
    room_id: int | None
    mode: str
    locked: bool
    leads: str
    coleads: str
    room: str


def listed_of(version: WeekVersion) -> list[ListedSession]:
    """`planned_of` as a list shows it. Two statements."""
    return ask_listed(version)()


def ask_listed(version: WeekVersion) -> Callable[[], list[ListedSession]]:
    """Sends the statements of `listed_of` (`clinic.ahead`)."""
    sessions = _LISTED.ahead(version_id=version.pk)
    people = _SEATED.ahead(version_id=version.pk)

    def listed() -> list[ListedSession]:
        names = {pk: f"{preferred or given} {family[:1]}." for pk, given, preferred, family in people()}
        return [
            ListedSession(frozenset(seated), ", ".join(names[pk] for pk in seated if pk in names), *row)
            for *row, seated in sessions()
        ]

    return listed


_LISTED = Prepared(
    lambda *, version_id: (
        PlannedSession.objects.filter(version_id=version_id)
        .order_by("starts", "title", "pk")
        .values_list(
            "pk",
            "occurrence_id",
            "group_id",
            "treatment",
            "title",
            "starts",
            "ends",
            "local_date",
            "facilitator_id",
            "cofacilitator_id",
            "room_id",
            "mode",
            "locked",
            Coalesce("facilitator__short_name", Value("")),
            Coalesce("cofacilitator__short_name", Value("")),
            Coalesce("room__name", Value("")),
            ArraySubquery(
                PlannedSeat.objects.filter(session=OuterRef("pk")).order_by("pk").values("patient_id")
            ),
        )
    )
)
_SEATED = Prepared(
    lambda *, version_id: Patient.objects.filter(
        pk__in=PlannedSeat.objects.filter(session__version_id=version_id).values("patient")
    ).values_list("pk", "given_name", "preferred_name", "family_name")
)
