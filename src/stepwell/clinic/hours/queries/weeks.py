"""The ledger of weeks and days: of one patient, of those on a list, of everybody at a site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries.making_up import openings_of
from stepwell.clinic.hours.queries.statements import (
    IN_TREATMENT,
    MOST_ABSENCES,
    ORDERS_IN_TREATMENT,
    SESSIONS_IN_TREATMENT,
    absences_of,
    as_day,
    as_instant,
    level_now,
    named_people,
    orders_by_patient,
    session_rows,
    sessions_by_patient,
    track_now,
    whose_hours,
)
from stepwell.clinic.hours.rules import (
    BillableDay,
    DayState,
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
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.prepared import Prepared, numbered


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

    Those are the seats that *Hours to save* offers too: of groups that are for her, at times when she can come.
    Statements as of `weeks_of`, and seven more at most when some week lacks something.
    """
    if patient_ids is None:
        return ask_hours(by=by, at=at, site_id=site_id, week_start=week_start)()
    return _hours(_read(by, at, patient_ids, site_id, week_start), at)


def ask_hours(
    *,
    by: Actor,
    at: datetime,
    site_id: int | None = None,
    week_start: date | None = None,
    for_short_days: bool = False,
) -> Callable[[], dict[int, Hours]]:
    """`hours_of` everybody: sends the statements (`clinic.ahead`); what is given back waits for the hours.

    `for_short_days`: the free seats are told of a day too short for the payer, too, whatever the week is like.
    """
    asked = _ask(by, at, site_id, week_start)
    return lambda: _hours(asked(), at, for_short_days=for_short_days)


def _hours(read: Sequence[_Read], at: datetime, *, for_short_days: bool = False) -> dict[int, Hours]:
    found = {one.person.pk: one.week(at, ()) for one in read}
    todays = {one.person.pk: one.today(at) for one in read}
    lacking = [
        one
        for one in read
        if at < one.bounds[1]
        and (
            found[one.person.pk].missing or (for_short_days and todays[one.person.pk].state is DayState.SHORT)
        )
    ]
    openings = openings_of(lacking, at)
    for one in lacking:
        if free := openings[one.person.pk]:
            found[one.person.pk] = one.week(at, free)
    return {
        one.person.pk: Hours(
            patient=one.person,
            week=found[one.person.pk],
            today=todays[one.person.pk],
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
        patient = with_orders(whose_hours(by)).select_related("site").get(pk=patient.pk)
    zone = ZoneInfo(patient.site.zone)
    start = week_start or week_start_of(at.astimezone(zone).date(), patient.site.week_starts_on)
    first, end = week_bounds(start, zone)
    rows = list(session_rows([patient.pk], at=at, begins=first, ends=end))
    mine = sessions_by_patient(rows).get(patient.pk, [])
    missed = absent_minutes(patient.absences_of, at)
    return ledger(orders_from(patient.orders_of, zone), mine, start, zone, at, missed=missed)


def places_of(by: Actor, patient_ids: Collection[int]) -> dict[int, Place]:
    """Patient id -> level of care and track, of those whose hours `by` may see. One statement."""
    ids = numbered(patient_ids)
    rows = _PLACES.rows(by, **ids) if ids is not None else _places(by, patient_ids)
    return {pk: Place(level or "", track or "") for pk, level, track in rows}


def _places(by: Actor, patient_ids: Collection[int]) -> Any:
    mine = whose_hours(by).filter(pk__in=list(patient_ids))
    return mine.annotate(level=level_now(), track=track_now()).values_list("pk", "level", "track")


_PLACES = Prepared(lambda by, **ids: _places(by, ids.values()))


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
            absences_of()
            .filter(patient=OuterRef("pk"))
            .order_by("-occurrence__starts")
            .values(json=JSONObject(starts="occurrence__starts", ends="occurrence__ends"))[:MOST_ABSENCES]
        ),
    )


def absent_minutes(rows: Iterable[Mapping[str, Any]], at: datetime) -> int:
    """Minutes of the sessions missed in the weeks before `at` at which the rule looks; `rows` are `.absences_of`."""
    since = at - timedelta(weeks=load_risk().weeks)
    spans = ((as_instant(row["starts"]), as_instant(row["ends"])) for row in rows)
    return sum(minutes_of(span) for span in spans if since <= span[0] < at)


def orders_from(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> tuple[HoursOrder, ...]:
    """The orders of `with_orders` as the ledger takes them: each holds until the next one or the episode's end."""
    rows = list(rows)
    found = []
    for number, row in enumerate(rows):
        starts = as_day(row["starts"])
        ends = [as_day(rows[number + 1]["starts"])] if number + 1 < len(rows) else []
        if row["closed"]:
            ends.append(as_instant(row["closed"]).astimezone(zone).date())
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
    if patient_ids is None:
        return _ask(by, at, site_id, week_start)()
    since = at - timedelta(weeks=load_risk().weeks)
    mine = whose_hours(by).filter(pk__in=list(patient_ids))
    rows = list(named_people(with_orders(mine), "orders_of", since=since, at=at))
    if not rows:
        return []
    weeks = _weeks_at({row[6:8] for row in rows}, at, week_start)
    begins, ends = _span(weeks)
    sessions = list(session_rows([row[0] for row in rows], at=at, begins=begins, ends=ends))
    return _people(rows, {row[0]: row[9] for row in rows}, sessions, weeks)


def _ask(by: Actor, at: datetime, site_id: int | None, week_start: date | None) -> Callable[[], list[_Read]]:
    """Everybody in treatment with orders and sessions. Three statements.

    Of the home site it is known when its week begins, and all three are sent at once; of others their people say it.
    """
    asked = IN_TREATMENT.ahead(by, site_id, since=at - timedelta(weeks=load_risk().weeks), at=at)
    orders = ORDERS_IN_TREATMENT.ahead(by, site_id)
    sessions: Callable[[], list[Any]] | None = None
    if by.home is not None and site_id == by.home.site_id:
        begins, ends = _span(_weeks_at({(by.home.zone, by.home.week_starts_on)}, at, week_start))
        sessions = SESSIONS_IN_TREATMENT.ahead(by, site_id, at=at, begins=begins, ends=ends)

    def read() -> list[_Read]:
        rows = asked()
        if not rows:
            return []
        weeks = _weeks_at({row[6:8] for row in rows}, at, week_start)
        booked = sessions
        if booked is None:
            begins, ends = _span(weeks)
            booked = SESSIONS_IN_TREATMENT.ahead(by, site_id, at=at, begins=begins, ends=ends)
        return _people(rows, orders_by_patient(orders()), booked(), weeks)

    return read


_Weeks = dict[tuple[str, int], tuple[date, ZoneInfo, tuple[datetime, datetime]]]


def _weeks_at(sites: Iterable[tuple[str, int]], at: datetime, week_start: date | None) -> _Weeks:
    """For each zone and first day of the week: when the week of `at`, or that of `week_start`, begins and ends."""
    weeks = {}
    for zone_name, week_starts_on in sites:
        zone = ZoneInfo(zone_name)
        start = week_start or week_start_of(at.astimezone(zone).date(), week_starts_on)
        weeks[zone_name, week_starts_on] = (start, zone, week_bounds(start, zone))
    return weeks


def _span(weeks: _Weeks) -> tuple[datetime, datetime]:
    bounds = [found for _, _, found in weeks.values()]
    return min(first for first, _ in bounds), max(end for _, end in bounds)


def _people(
    rows: Iterable[Any], ordered: Mapping[int, Any], sessions: Iterable[Any], weeks: _Weeks
) -> list[_Read]:
    seats = sessions_by_patient(sessions)
    found = []
    for pk, code, given, family, preferred, site, zone_name, week_starts_on, absent, *_ in rows:
        start, zone, bounds = weeks[zone_name, week_starts_on]
        person = Person(pk, code, given, family, preferred)
        orders = orders_from(ordered.get(pk, ()), zone)
        missed = 0 if absent is None else int(absent.total_seconds() // 60)
        found.append(_Read(person, site, orders, tuple(seats.get(pk, ())), start, zone, bounds, missed))
    return found
