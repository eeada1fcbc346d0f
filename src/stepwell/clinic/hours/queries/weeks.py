"""The ledger of weeks and days: of one patient, of those on a list, of everybody at a site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
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
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce, JSONObject

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
    load_risk,
    minutes_of,
    week_bounds,
    week_start_of,
)
from stepwell.clinic.people.models import Patient, Reservation, ReservedFor
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable.models import Enrollment, MakeUpOffer, Mode, Occurrence, Seat


@dataclass(frozen=True, slots=True)
class Person:
    """Whose hours they are: number, code and names, and nothing else of the record."""

    pk: int
    code: str
    given_name: str
    family_name: str
    preferred_name: str

    @property
    def board_name(self) -> str:
        """'Ana R.', as `Patient.board_name` says it."""
        return f"{self.preferred_name or self.given_name} {self.family_name[:1]}."


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One patient's week and today. `openings`: free seats of the week, only when the week lacks something."""

    patient: Person
    week: Week
    today: BillableDay
    sessions: tuple[Session, ...]
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where somebody is in treatment: level of care and the name of the track, "" when none."""

    level: str = ""
    track: str = ""


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
    """Patient id -> ledger of the week that holds `at` (or begins on `week_start`). Two statements for
    `patient_ids`, three for everybody.

    For the well: nobody looks for free seats, so until when a week can be saved is not told (see `hours_of`).
    Without `patient_ids`: everybody in an open episode at `site_id`, or at the sites of `by`. Patients whom
    `by` may not see are left out.
    """
    read = _read(by, at, patient_ids, site_id, week_start)
    return {one.person.pk: one.week(at) for one in read}


def hours_of(
    *,
    by: Actor,
    at: datetime,
    patient_ids: Collection[int] | None = None,
    site_id: int | None = None,
    week_start: date | None = None,
) -> dict[int, Hours]:
    """Like `weeks_of`, with names, today, the sessions, and the free seats that could save a week.

    Statements as of `weeks_of`, and two more when some week lacks something.
    """
    read = _read(by, at, patient_ids, site_id, week_start)
    found = {one.person.pk: one.week(at, ()) for one in read}
    lacking = [one for one in read if found[one.person.pk].missing and at < one.bounds[1]]
    openings: dict[int, tuple[Opening, ...]] = {}
    if lacking:
        openings = openings_for(
            {one.person.pk: one.site_id for one in lacking},
            max(at, min(one.bounds[0] for one in lacking)),
            max(one.bounds[1] for one in lacking),
            at=at,
        )
    for one in lacking:
        if free := openings[one.person.pk]:
            found[one.person.pk] = one.week(at, free)
    return {
        one.person.pk: Hours(
            patient=one.person,
            week=found[one.person.pk],
            today=one.today(at),
            sessions=one.sessions,
            openings=openings.get(one.person.pk, ()),
        )
        for one in read
    }


def week_of(*, by: Actor, at: datetime, patient: Any, week_start: date | None = None) -> Week:
    """One patient's week, as of `weeks_of`. One statement when `patient` comes from `with_orders` and has its site,
    else up to three.

    Raises `Patient.DoesNotExist` when `by` may not see this patient's hours.
    """
    if not hasattr(patient, "orders_of"):
        patient = with_orders(_whose_hours(by)).select_related("site").get(pk=patient.pk)
    zone = ZoneInfo(patient.site.zone)
    start = week_start or week_start_of(at.astimezone(zone).date(), patient.site.week_starts_on)
    first, end = week_bounds(start, zone)
    rows = list(_sessions(Q(patient=patient.pk), at=at, begins=first, ends=end))
    mine = _sessions_by_patient(rows).get(patient.pk, [])
    missed = absent_minutes(patient.absences_of, at)
    return ledger(orders_from(patient.orders_of, zone), mine, start, zone, at, missed=missed)


def openings_for(
    sites: Mapping[int, int], first: datetime, end: datetime, *, at: datetime
) -> dict[int, tuple[Opening, ...]]:
    """Patient id -> group sessions with a seat left that start in [first, end) at the patient's site (`sites`).

    A seat that is held at `at` for somebody who was offered it is not left; groups whose series is closed have none.

    Those during an intake or another appointment of the patient outside the timetable are left out; the ledger
    looks at the patient's sessions itself. Tells nothing of anybody else. None or two statements.
    """
    if not sites or first >= end:
        return dict.fromkeys(sites, ())
    free: dict[int, list[Opening]] = {}
    for site, pk, starts, ends, treatment in _FREE.rows(
        tuple(sorted(set(sites.values()))), first=first, end=end, at=at
    ):
        free.setdefault(site, []).append(Opening(id=pk, starts=starts, ends=ends, kind=treatment))
    at_site = {site: tuple(found) for site, found in free.items()}
    found = {patient: at_site.get(site, ()) for patient, site in sites.items()}
    elsewhere: dict[int, list[Any]] = defaultdict(list)
    for patient, during in _ELSEWHERE.rows(first=first, end=end):
        if patient in found:
            elsewhere[patient].append(during)
    for patient, taken in elsewhere.items():
        found[patient] = tuple(
            o for o in found[patient] if not any(o.starts < t.upper and t.lower < o.ends for t in taken)
        )
    return found


def places_of(by: Actor, patient_ids: Collection[int]) -> dict[int, Place]:
    """Patient id -> level of care and track, of those whose hours `by` may see. One statement."""
    rows = _whose_hours(by).filter(pk__in=list(patient_ids)).annotate(level=_level(), track=_track())
    return {
        pk: Place(level or "", track or "") for pk, level, track in rows.values_list("pk", "level", "track")
    }


def with_orders(patients: Any) -> Any:
    """The queryset of patients with what `week_of` needs, in the same statement: `.orders_of`, the plan's orders, and
    `.absences_of`, the sessions missed last."""
    orders = TreatmentOrder.objects.filter(episode__patient=OuterRef("pk")).order_by("starts_on", "pk")
    return patients.annotate(
        orders_of=ArraySubquery(
            orders.values(
                json=JSONObject(
                    minutes="minutes_per_week",
                    starts="starts_on",
                    doses="doses",
                    days="days_least",
                    closed="episode__closed_at",
                )
            )
        ),
        absences_of=ArraySubquery(
            _absences()
            .filter(patient=OuterRef("pk"))
            .order_by("-occurrence__starts")
            .values(json=JSONObject(starts="occurrence__starts", ends="occurrence__ends"))[:_MOST_ABSENCES]
        ),
    )


_MOST_ABSENCES = 60
"""More sessions than anybody has in the weeks at which the rule looks."""


def absent_minutes(rows: Iterable[Mapping[str, Any]], at: datetime) -> int:
    """Minutes of the sessions missed in the weeks before `at` at which the rule looks; `rows` are `.absences_of`."""
    since = at - timedelta(weeks=load_risk().weeks)
    spans = ((_instant(row["starts"]), _instant(row["ends"])) for row in rows)
    return sum(minutes_of(span) for span in spans if since <= span[0] < at)


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
        found.append(
            HoursOrder(
                minutes_per_week=row["minutes"], starts_on=starts, ends_on=until, days=row.get("days", 0)
            )
        )
        found += [
            HoursOrder(minutes_per_week=int(minutes), starts_on=starts, ends_on=until, kind=kind)
            for kind, minutes in (row["doses"] or {}).items()
        ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the ledger needs of one patient."""

    person: Person
    site_id: int
    orders: tuple[HoursOrder, ...]
    sessions: tuple[Session, ...]
    start: date
    zone: ZoneInfo
    bounds: tuple[datetime, datetime]
    missed: int

    def week(self, at: datetime, openings: tuple[Opening, ...] | None = None) -> Week:
        return ledger(
            self.orders,
            self.sessions,
            self.start,
            self.zone,
            at,
            openings=openings,
            missed=self.missed,
        )

    def today(self, at: datetime) -> BillableDay:
        minimum = load_limits().billable_day_minimum
        return billable_day(self.sessions, at.astimezone(self.zone).date(), self.zone, minimum, at)


def _read(
    by: Actor,
    at: datetime,
    patient_ids: Collection[int] | None,
    site_id: int | None,
    week_start: date | None,
) -> list[_Read]:
    """Patients with their orders and the sessions of their site's week. Two or three statements."""
    since = at - timedelta(weeks=load_risk().weeks)
    if patient_ids is None:
        rows = _IN_TREATMENT.rows(by, site_id, since=since, at=at)
    else:
        mine = _whose_hours(by).filter(pk__in=list(patient_ids))
        rows = list(_named(with_orders(mine), "orders_of", since=since, at=at))
    if not rows:
        return []
    weeks = {}
    for zone_name, week_starts_on in {row[6:8] for row in rows}:
        zone = ZoneInfo(zone_name)
        start = week_start or week_start_of(at.astimezone(zone).date(), week_starts_on)
        weeks[zone_name, week_starts_on] = (start, zone, week_bounds(start, zone))
    begins = min(bounds[0] for _, _, bounds in weeks.values())
    ends = max(bounds[1] for _, _, bounds in weeks.values())
    if patient_ids is None:
        ordered = _orders_by_patient(_ORDERS_IN_TREATMENT.rows(by, site_id))
        sessions = _SESSIONS_IN_TREATMENT.rows(by, site_id, at=at, begins=begins, ends=ends)
    else:
        ids = [row[0] for row in rows]
        ordered = {row[0]: row[9] for row in rows}
        sessions = list(_sessions(Q(patient__in=ids), at=at, begins=begins, ends=ends))
    seats = _sessions_by_patient(sessions)
    found = []
    for pk, code, given, family, preferred, site, zone_name, week_starts_on, absent, *_ in rows:
        start, zone, bounds = weeks[zone_name, week_starts_on]
        person = Person(pk, code, given, family, preferred)
        orders = orders_from(ordered.get(pk, ()), zone)
        missed = 0 if absent is None else int(absent.total_seconds() // 60)
        found.append(_Read(person, site, orders, tuple(seats.get(pk, ())), start, zone, bounds, missed))
    return found


def _in_treatment(by: Actor, site_id: int | None) -> Any:
    """Everybody in an open episode at the site, or at the sites of `by`, whose hours `by` may see."""
    patients = _whose_hours(by).filter(Exists(_open_episodes()))
    return patients if site_id is None else patients.filter(site_id=site_id)


def _named(patients: Any, *more: str, since: datetime, at: datetime) -> Any:
    """Who they are, and for how long they were absent from sessions since then (None: never)."""
    absent = (
        _absences()
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


def _absences() -> Any:
    return Attendance.objects.exclude(outcome="present")


def _orders(patients: Any) -> Any:
    """Orders of many, a row each: for hundreds that is less work than an array for each patient."""
    return (
        TreatmentOrder.objects.filter(episode__patient__in=patients)
        .order_by("starts_on", "pk")
        .values_list("episode__patient_id", "minutes_per_week", "starts_on", "doses", "episode__closed_at")
    )


def _sessions(whose: Q, *, at: datetime, begins: datetime, ends: datetime) -> Any:
    """One row for each session with those who have a seat: pairs of patient id and minutes, None until they are known.

    Sessions are shared by many: a row for each seat would carry the same instants a dozen times.
    """
    known = Case(
        # Somebody still in the room is booked, not delivered.
        When(attendance__outcome="present", attendance__left_at=None, occurrence__ends__gt=at, then=None),
        default=F("attendance__minutes"),
        output_field=BigIntegerField(null=True),
    )
    pair = Func(
        F("patient_id"),
        known,
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(BigIntegerField(null=True)),
    )
    return (
        Seat.objects.filter(
            whose,
            released_at__isnull=True,
            occurrence__cancelled_at__isnull=True,
            occurrence__starts__gte=begins,
            occurrence__starts__lt=ends,
        )
        .values_list(
            "occurrence_id",
            "occurrence__treatment",
            "occurrence__starts",
            "occurrence__ends",
            "occurrence__facilitator_id",
            "occurrence__room_id",
            "occurrence__mode",
        )
        .annotate(people=ArrayAgg(pair))
        .order_by("occurrence__starts", "occurrence_id")
    )


def _free(sites: tuple[int, ...], *, first: datetime, end: datetime, at: datetime) -> Any:
    return (
        Occurrence.objects.filter(
            site_id__in=sites,
            kind=Occurrence.Kind.GROUP,
            cancelled_at__isnull=True,
            starts__gte=first,
            starts__lt=end,
            group__closed_series=False,
            capacity__gt=_count(Seat.objects.filter(released_at__isnull=True))
            + _count(MakeUpOffer.objects.filter(answered_at__isnull=True, held_until__gt=at)),
        )
        .order_by("starts", "pk")
        .values_list("site_id", "pk", "starts", "ends", "treatment")
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


_IN_TREATMENT = Prepared(
    lambda by, site_id, *, since, at: _named(_in_treatment(by, site_id), since=since, at=at)
)
_ORDERS_IN_TREATMENT = Prepared(lambda by, site_id: _orders(_in_treatment(by, site_id)))
_SESSIONS_IN_TREATMENT = Prepared(
    lambda by, site_id, **values: _sessions(Q(patient__in=_in_treatment(by, site_id)), **values)
)
_FREE = Prepared(_free)
_ELSEWHERE = Prepared(_elsewhere)


def _orders_by_patient(rows: Iterable[Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for patient, minutes, starts, doses, closed in rows:
        found[patient].append({"minutes": minutes, "starts": starts, "doses": doses, "closed": closed})
    return found


def _sessions_by_patient(rows: Iterable[Any]) -> dict[int, list[Session]]:
    """Patient id -> sessions by time. Those with the same minutes in one session share one `Session`."""
    found: dict[int, list[Session]] = defaultdict(list)
    for pk, kind, starts, ends, leads, room, mode, people in rows:
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
