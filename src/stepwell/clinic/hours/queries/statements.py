"""The statements behind the hours: few, the same few whatever the rows, most with their text kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.hours.rules import (
    Session,
)
from stepwell.clinic.people.models import Patient, Reservation, ReservedFor
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable.models import Enrollment, MakeUpOffer, Mode, Occurrence, Seat

MOST_ABSENCES = 60


"""More sessions than anybody has in the weeks at which the rule looks."""


def _in_treatment(by: Actor, site_id: int | None) -> Any:
    """Everybody in an open episode at the site, or at the sites of `by`, whose hours `by` may see."""
    patients = whose_hours(by).filter(Exists(_open_episodes()))
    return patients if site_id is None else patients.filter(site_id=site_id)


def named_people(patients: Any, *more: str, since: datetime, at: datetime) -> Any:
    """Who they are, and for how long they were absent from sessions since then (None: never)."""
    absent = (
        absences_of()
        .filter(patient=OuterRef("pk"), occurrence__starts__gte=since, occurrence__starts__lt=at)
        .order_by()
        .values("patient")
        .annotate(absent=Sum(_LENGTH))
        .values("absent")
    )
    return patients.annotate(absent=Subquery(absent, output_field=DurationField())).values_list(
        "pk",
        "code",
        "given_name",
        "family_name",
        "preferred_name",
        "site_id",
        "site__zone",
        "site__week_starts_on",
        "absent",
        *more,
    )


_LENGTH = ExpressionWrapper(F("occurrence__ends") - F("occurrence__starts"), output_field=DurationField())


def absences_of() -> Any:
    return Attendance.objects.exclude(outcome="present")


def _orders(patients: Any) -> Any:
    """Orders of many, a row each: for hundreds that is less work than an array for each patient."""
    return (
        TreatmentOrder.objects.filter(episode__patient__in=patients)
        .order_by("starts_on", "pk")
        .values_list("episode__patient_id", "minutes_per_week", "starts_on", "doses", "episode__closed_at")
    )


def session_rows(patients: Any, *, at: datetime, begins: datetime, ends: datetime) -> Any:
    """One row for each session with those of `patients` who have a seat, in no order: pairs of patient id and
    minutes, None until they are known.

    Sessions are shared by many: a row for each seat would carry the same instants a dozen times.
    """
    came = "seats__attendance__"
    known = Case(
        # Somebody still in the room is booked, not delivered.
        When(**{f"{came}outcome": "present", f"{came}left_at": None}, ends__gt=at, then=None),
        default=F(f"{came}minutes"),
        output_field=BigIntegerField(null=True),
    )
    pair = Func(
        F("seats__patient_id"),
        known,
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(BigIntegerField(null=True)),
    )
    return (
        # From the session on: the database then groups by its key alone.
        Occurrence.objects.filter(
            seats__patient__in=patients,
            seats__released_at__isnull=True,
            cancelled_at__isnull=True,
            starts__gte=begins,
            starts__lt=ends,
        )
        .order_by()
        .values_list("pk", "treatment", "starts", "ends", "facilitator_id", "room_id", "mode")
        .annotate(people=ArrayAgg(pair))
    )


def _free(sites: tuple[int, ...], *, first: datetime, end: datetime, at: datetime) -> Any:
    """Sessions of groups with a seat neither taken nor held, in the order of `making_up.FreeSeat`."""
    taken = _count(Seat.objects.filter(released_at__isnull=True))
    held = _count(MakeUpOffer.objects.filter(answered_at__isnull=True, held_until__gt=at))
    return (
        Occurrence.objects.filter(
            site_id__in=sites,
            kind=Occurrence.Kind.GROUP,
            cancelled_at__isnull=True,
            starts__gte=first,
            starts__lt=end,
            group__closed_series=False,
        )
        .annotate(left=F("capacity") - taken - held)
        .filter(left__gt=0)
        .order_by("starts", "pk")
        .values_list(
            "pk",
            "site_id",
            "group_id",
            "title",
            "starts",
            "ends",
            "treatment",
            "mode",
            "topic",
            "group__curriculum",
            "group__needs",
            "group__each_week",
            Coalesce("facilitator__short_name", Value("")),
            Coalesce("room__name", Value("")),
            "left",
        )
    )


def _count(rows: Any) -> Coalesce:
    """How many of the rows are of the occurrence asked about."""
    of_it = rows.filter(occurrence=OuterRef("pk")).order_by().values("occurrence").annotate(n=Count("pk"))
    return Coalesce(Subquery(of_it.values("n"), output_field=IntegerField()), 0)


def _elsewhere(*, first: datetime, end: datetime) -> Any:
    """Appointments of anybody that are no sessions: few, and each stands in the index of its subject."""
    return (
        Reservation.objects.filter(
            patient__isnull=False,
            released_at__isnull=True,
            during__startswith__lt=end,
            during__endswith__gt=first,
            subject__in=[kind for kind in ReservedFor if kind is not ReservedFor.OCCURRENCE],
        )
        .order_by()
        .values_list("patient_id", "during")
    )


IN_TREATMENT = Prepared(
    lambda by, site_id, *, since, at: named_people(_in_treatment(by, site_id), since=since, at=at)
)


ORDERS_IN_TREATMENT = Prepared(lambda by, site_id: _orders(_in_treatment(by, site_id)))


SESSIONS_IN_TREATMENT = Prepared(
    lambda by, site_id, **values: session_rows(_in_treatment(by, site_id), **values)
)


FREE = Prepared(_free)


ELSEWHERE = Prepared(_elsewhere)


_BY_TIME = itemgetter(2, 0)


def orders_by_patient(rows: Iterable[Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for patient, minutes, starts, doses, closed in rows:
        found[patient].append({"minutes": minutes, "starts": starts, "doses": doses, "closed": closed})
    return found


def sessions_by_patient(rows: Iterable[Any]) -> dict[int, list[Session]]:
    """Patient id -> sessions by time. Those with the same minutes in one session share one `Session`."""
    found: dict[int, list[Session]] = defaultdict(list)
    for pk, kind, starts, ends, leads, room, mode, people in sorted(rows, key=_BY_TIME):
        trouble: tuple[str, ...] = () if leads is not None else ("no facilitator",)
        if room is None and mode != Mode.VIDEO:
            trouble += ("no room",)
        alike: dict[int | None, Session] = {}
        for patient, minutes in people:
            session = alike.get(minutes)
            if session is None:
                session = alike[minutes] = Session(
                    id=pk, kind=kind, starts=starts, ends=ends, minutes_attended=minutes, trouble=trouble
                )
            found[patient].append(session)
    return found


def attended_minutes(
    outcome: str | None, minutes: int | None, left: datetime | None, ends: datetime, at: datetime
) -> int | None:
    """Minutes once they are known: somebody still in the room is booked, not delivered."""
    if outcome is None or (outcome == "present" and left is None and at < ends):
        return None
    return minutes


def whose_hours(by: Actor) -> Any:
    return Patient.objects.all() if by.is_system else patients_for(by, Permission.HOURS_READ)


def _open_episodes() -> Any:
    return Episode.objects.filter(patient=OuterRef("pk"), closed_at__isnull=True)


def level_now() -> Subquery:
    now = Placement.objects.filter(episode__patient=OuterRef("pk"), episode__closed_at__isnull=True)
    return Subquery(now.order_by("-number").values("level")[:1])


def track_now() -> Subquery:
    now = Enrollment.objects.filter(patient=OuterRef("pk"), ends_on__isnull=True).exclude(group__tracks=None)
    return Subquery(now.order_by("starts_on", "pk").annotate(t=F("group__tracks__name")).values("t")[:1])


def as_day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text[:10])


def as_instant(text: str | datetime) -> datetime:
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)
