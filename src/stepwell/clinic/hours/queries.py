"""The ledger of weeks and days, read in a fixed number of statements whatever the number of patients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.hours.rules import (
    BillableDay,
    HoursOrder,
    Opening,
    Session,
    Week,
    billable_day,
    ledger,
    load_limits,
    week_bounds,
    week_start_of,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable.models import Enrollment, Mode, Seat
from stepwell.clinic.timetable.queries import openings as free_seats

_OF_A_PATIENT = (
    "code",
    "given_name",
    "family_name",
    "preferred_name",
    "site__zone",
    "site__week_starts_on",
)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One patient's week and today. `patient` carries `.level` (of care) and `.track` (a name), "" when none."""

    patient: Any
    week: Week
    today: BillableDay
    sessions: tuple[Session, ...]


@dataclass(frozen=True, kw_only=True)
class Days:
    """Minutes a local day: attended, and booked for what is still to come."""

    attended: Mapping[date, int] = field(default_factory=dict)
    booked: Mapping[date, int] = field(default_factory=dict)

    def used_days(self, minimum: int = 1) -> int:
        """Days with at least so many minutes attended."""
        return sum(minutes >= minimum for minutes in self.attended.values())

    def booked_days(self, minimum: int = 1) -> int:
        """Days not used yet that reach the minimum if everything booked takes place."""
        return sum(
            self.attended.get(day, 0) < minimum <= self.attended.get(day, 0) + minutes
            for day, minutes in self.booked.items()
        )

    @property
    def used_minutes(self) -> int:
        """All minutes attended."""
        return sum(self.attended.values())

    @property
    def booked_minutes(self) -> int:
        """All minutes still to come."""
        return sum(self.booked.values())


def weeks_of(
    *,
    by: Actor,
    at: datetime,
    patient_ids: Collection[int] | None = None,
    site_id: int | None = None,
    week_start: date | None = None,
) -> dict[int, Week]:
    """Patient id -> ledger of the week that holds `at` (or begins on `week_start`). Two statements."""
    found = hours_of(by=by, at=at, patient_ids=patient_ids, site_id=site_id, week_start=week_start)
    return {patient_id: hours.week for patient_id, hours in found.items()}


def hours_of(
    *,
    by: Actor,
    at: datetime,
    patient_ids: Collection[int] | None = None,
    site_id: int | None = None,
    week_start: date | None = None,
    openings: Iterable[Opening] | None = None,
) -> dict[int, Hours]:
    """Like `weeks_of`, with the patient, today and the sessions. Two statements.

    Without `patient_ids`: everybody in an open episode at `site_id`, or at the sites of `by`. Patients whom
    `by` may not see are left out; of the others only names and code are loaded. With `openings` (see
    `openings_of`) the last moment to save a week is exact.
    """
    patients = with_orders(_whose_hours(by)).select_related("site")
    if patient_ids is not None:
        patients = patients.filter(pk__in=patient_ids)
    else:
        patients = patients.filter(Exists(_open_episodes()))
        if site_id is not None:
            patients = patients.filter(site_id=site_id)
    rows = list(patients.annotate(level=_level(), track=_track()).only(*_OF_A_PATIENT))
    if not rows:
        return {}
    starts = {
        p.pk: week_start or week_start_of(at.astimezone(ZoneInfo(p.site.zone)).date(), p.site.week_starts_on)
        for p in rows
    }
    bounds = {p.pk: week_bounds(starts[p.pk], ZoneInfo(p.site.zone)) for p in rows}
    seats = _sessions(
        Q(patient__in=[p.pk for p in rows]),
        at,
        min(first for first, _ in bounds.values()),
        max(end for _, end in bounds.values()),
    )
    free = None if openings is None else tuple(openings)
    found = {}
    for patient in rows:
        zone = ZoneInfo(patient.site.zone)
        mine = seats.get(patient.pk, ())
        found[patient.pk] = Hours(
            patient=patient,
            week=_ledger(patient, mine, starts[patient.pk], at, free),
            today=billable_day(
                mine, at.astimezone(zone).date(), zone, load_limits().billable_day_minimum, at
            ),
            sessions=mine,
        )
    return found


def week_of(
    *,
    by: Actor,
    at: datetime,
    patient: Any,
    week_start: date | None = None,
    openings: Iterable[Opening] | None = None,
) -> Week:
    """One patient's week. One statement when `patient` comes from `with_orders` and has its site, else up to three.

    Raises `Patient.DoesNotExist` when `by` may not see this patient's hours.
    """
    if not hasattr(patient, "orders_of"):
        patient = with_orders(_whose_hours(by)).select_related("site").get(pk=patient.pk)
    zone = ZoneInfo(patient.site.zone)
    start = week_start or week_start_of(at.astimezone(zone).date(), patient.site.week_starts_on)
    first, end = week_bounds(start, zone)
    seats = _sessions(Q(patient=patient.pk), at, first, end)
    return _ledger(
        patient, seats.get(patient.pk, ()), start, at, None if openings is None else tuple(openings)
    )


def with_orders(patients: Any) -> Any:
    """The queryset of patients with `.orders_of`, what `week_of` needs of the plan's orders, in the same statement."""
    orders = TreatmentOrder.objects.filter(episode__patient=OuterRef("pk")).order_by("starts_on", "pk")
    return patients.annotate(
        orders_of=ArraySubquery(
            orders.values(
                json=JSONObject(
                    minutes="minutes_per_week", starts="starts_on", doses="doses", closed="episode__closed_at"
                )
            )
        )
    )


def openings_of(by: Actor, first: datetime, end: datetime) -> tuple[Opening, ...]:
    """Group sessions of the home site with a seat left that start in [first, end). One statement."""
    return tuple(
        Opening(id=o.pk, starts=o.starts, ends=o.ends, kind=o.treatment) for o in free_seats(by, first, end)
    )


def days_of(
    *,
    by: Actor,
    at: datetime,
    patient_ids: Collection[int],
    first: date,
    last: date,
    signed_only: bool = False,
) -> dict[int, Days]:
    """Patient id -> minutes attended and booked on the local days first to last, both included. One statement.

    What an authorization or a claim counts; `signed_only` takes attendance only once its note is signed.
    """
    rows = (
        Seat.objects.filter(
            patient__in=_whose_hours(by).filter(pk__in=patient_ids),
            released_at__isnull=True,
            occurrence__cancelled_at__isnull=True,
            occurrence__local_date__gte=first,
            occurrence__local_date__lte=last,
        )
        .order_by()
        .values_list(
            "patient_id",
            "occurrence__local_date",
            "occurrence__starts",
            "occurrence__ends",
            "attendance__outcome",
            "attendance__minutes",
            "attendance__left_at",
            "attendance__locked_at",
        )
    )
    attended: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    booked: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for patient, day, starts, ends, outcome, minutes, left, locked in rows:
        done = _attended(outcome, minutes, left, ends, at)
        if done is not None:
            if locked is not None or not signed_only:
                attended[patient][day] += done
        elif at < ends:
            booked[patient][day] += int((ends - starts).total_seconds() // 60)
    return {
        patient: Days(attended=dict(attended[patient]), booked=dict(booked[patient]))
        for patient in patient_ids
    }


def orders_from(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> tuple[HoursOrder, ...]:
    """The orders of `with_orders` as the ledger takes them: each holds until the next one or the episode's end."""
    rows = list(rows)
    found = []
    for number, row in enumerate(rows):
        starts = _day(row["starts"])
        ends = [_day(rows[number + 1]["starts"])] if number + 1 < len(rows) else []
        if row["closed"]:
            ends.append(_instant(row["closed"]).astimezone(zone).date())
        until = min(ends) if ends else None
        found.append(HoursOrder(minutes_per_week=row["minutes"], starts_on=starts, ends_on=until))
        found += [
            HoursOrder(minutes_per_week=int(minutes), starts_on=starts, ends_on=until, kind=kind)
            for kind, minutes in (row["doses"] or {}).items()
        ]
    return tuple(found)


def _ledger(
    patient: Any, sessions: tuple[Session, ...], start: date, at: datetime, free: tuple[Opening, ...] | None
) -> Week:
    zone = ZoneInfo(patient.site.zone)
    if free is not None:
        taken = {s.id for s in sessions}
        free = tuple(o for o in free if o.id not in taken)
    return ledger(orders_from(patient.orders_of, zone), sessions, start, zone, at, openings=free)


def _sessions(whose: Q, at: datetime, first: datetime, end: datetime) -> dict[int, tuple[Session, ...]]:
    rows = (
        Seat.objects.filter(
            whose,
            released_at__isnull=True,
            occurrence__cancelled_at__isnull=True,
            occurrence__starts__gte=first,
            occurrence__starts__lt=end,
        )
        .order_by("occurrence__starts")
        .values_list(
            "patient_id",
            "occurrence_id",
            "occurrence__treatment",
            "occurrence__starts",
            "occurrence__ends",
            "occurrence__facilitator_id",
            "occurrence__room_id",
            "occurrence__mode",
            "attendance__outcome",
            "attendance__minutes",
            "attendance__left_at",
        )
    )
    found: dict[int, list[Session]] = defaultdict(list)
    for patient, pk, kind, starts, ends, leads, room, mode, outcome, minutes, left in rows:
        trouble: list[str] = []
        if leads is None:
            trouble.append("no facilitator")
        if room is None and mode != Mode.VIDEO:
            trouble.append("no room")
        found[patient].append(
            Session(
                id=pk,
                kind=kind,
                starts=starts,
                ends=ends,
                minutes_attended=_attended(outcome, minutes, left, ends, at),
                trouble=tuple(trouble),
            )
        )
    return {patient: tuple(sessions) for patient, sessions in found.items()}


def _attended(
    outcome: str | None, minutes: int | None, left: datetime | None, ends: datetime, at: datetime
) -> int | None:
    """Minutes once they are known: somebody still in the room is booked, not delivered."""
    if outcome is None or (outcome == "present" and left is None and at < ends):
        return None
    return minutes


def _whose_hours(by: Actor) -> Any:
    return Patient.objects.all() if by.is_system else patients_for(by, Permission.HOURS_READ)


def _open_episodes() -> Any:
    return Episode.objects.filter(patient=OuterRef("pk"), closed_at__isnull=True)


def _level() -> Subquery:
    now = Placement.objects.filter(episode__patient=OuterRef("pk"), episode__closed_at__isnull=True)
    return Subquery(now.order_by("-number").values("level")[:1])


def _track() -> Subquery:
    now = Enrollment.objects.filter(patient=OuterRef("pk"), ends_on__isnull=True).exclude(group__tracks=None)
    return Subquery(now.order_by("starts_on", "pk").annotate(t=F("group__tracks__name")).values("t")[:1])


def _day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text[:10])


def _instant(text: str | datetime) -> datetime:
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)
