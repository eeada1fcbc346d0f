"""The weekly report: for each program the hours ordered, delivered and lost, and why. Three statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, Subquery

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries.statements import attended_minutes, whose_hours
from stepwell.clinic.hours.queries.weeks import orders_from, with_orders
from stepwell.clinic.hours.rules import (
    Causes,
    WeekAccount,
    account,
    ordered_in_week,
    together,
    week_bounds,
)
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.timetable.models import Closure, Enrollment, Program, Seat

NO_PROGRAM = "No program"


@dataclass(frozen=True, slots=True)
class ProgramWeek:
    """One program's week, everybody with an order in it added up."""

    program: str
    account: WeekAccount


@dataclass(frozen=True, slots=True)
class HoursReport:
    """A week of a site: `total` is the sum of the programs'."""

    starts_on: date
    programs: tuple[ProgramWeek, ...]
    total: WeekAccount


def hours_report(by: Actor, at: datetime, week_start: date) -> HoursReport:
    """The week that begins on `week_start` at the home site of `by`, as it stands at `at`."""
    zone = ZoneInfo(by.home.zone)
    begins, ends = week_bounds(week_start, zone)
    people = list(_people(by, begins, ends))
    closed = frozenset(
        Closure.objects.filter(
            site_id=by.home.site_id, withdrawn_at__isnull=True, on__gte=week_start
        ).values_list("on", flat=True)
    )
    seats: dict[int, list[Any]] = defaultdict(list)
    for patient, *seat in _seats([pk for pk, *_ in people], begins, ends):
        seats[patient].append(seat)
    programs: dict[str, list[WeekAccount]] = defaultdict(list)
    for pk, orders, by_track, by_level in people:
        ordered = ordered_in_week(orders_from(orders, zone), week_start)
        if not ordered:
            continue
        delivered, causes = _became(seats.get(pk, ()), at, begins, closed)
        programs[by_track or by_level or NO_PROGRAM].append(account(ordered, delivered, causes))
    rows = tuple(ProgramWeek(name, together(found)) for name, found in sorted(programs.items()))
    return HoursReport(week_start, rows, together(row.account for row in rows))


def _people(by: Actor, begins: datetime, ends: datetime) -> Any:
    """Everybody with an episode that touches the week: orders, and the program of the track, else of the level."""
    there = Episode.objects.filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=begins), patient=OuterRef("pk"), admitted_at__lt=ends
    )
    enrolled = Enrollment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=begins.date()),
        patient=OuterRef("pk"),
        starts_on__lte=ends.date(),
        group__tracks__isnull=False,
    ).order_by("-starts_on", "group__tracks__pk")
    levels = Placement.objects.filter(episode__patient=OuterRef("pk"), starts_at__lt=ends).exclude(level="")
    at_level = Program.objects.filter(site=OuterRef("site"), level=OuterRef("at_level")).order_by("pk")
    mine = whose_hours(by).filter(Exists(there), site_id=by.home.site_id)
    return (
        with_orders(mine)
        .annotate(
            by_track=Subquery(enrolled.annotate(p=F("group__tracks__program__name")).values("p")[:1]),
            at_level=Subquery(levels.order_by("-starts_at", "-number").values("level")[:1]),
        )
        .annotate(by_level=Subquery(at_level.values("name")[:1]))
        .values_list("pk", "orders_of", "by_track", "by_level")
    )


def _seats(ids: list[int], begins: datetime, ends: datetime) -> Any:
    return (
        Seat.objects.filter(patient__in=ids, occurrence__starts__gte=begins, occurrence__starts__lt=ends)
        .order_by()
        .values_list(
            "patient_id",
            "occurrence__local_date",
            "occurrence__starts",
            "occurrence__ends",
            "occurrence__cancelled_at",
            "released_at",
            "attendance__outcome",
            "attendance__minutes",
            "attendance__left_at",
        )
    )


def _became(
    seats: Iterable[Any], at: datetime, begins: datetime, closed: frozenset[date]
) -> tuple[int, Causes]:
    """Minutes attended, and what became of the minutes booked and not attended."""
    delivered = 0
    lost: dict[str, int] = defaultdict(int)
    for day, starts, ends, cancelled, released, outcome, minutes, left in seats:
        length = int((ends - starts).total_seconds() // 60)
        if released is not None:
            if cancelled is not None and released == cancelled:
                lost["closed" if day in closed else "cancelled"] += length
            elif released >= begins:
                # Released before the week began: nobody counted on it, so it was not booked.
                lost["given_back"] += length
        elif (done := attended_minutes(outcome, minutes, left, ends, at)) is not None:
            delivered += done
            cause = "left_early" if outcome == "present" else outcome
            lost[cause] += max(0, length - done)
        else:
            lost["to_come" if at < ends else "unrecorded"] += length
    return delivered, Causes(**lost)
