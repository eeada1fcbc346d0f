"""Weeks in the making: their versions, what computing them has come to, and how two states of a week differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Room, Staff
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.saying import day_and_clock
from stepwell.clinic.timetable.models import (
    Occurrence,
    PlannedSession,
    Publication,
    Seat,
    Solve,
    SolveState,
    Week,
    WeekNotice,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.listed import ListedSession
from stepwell.clinic.timetable.rules.comparing import Difference, Held, difference

Stood = dict[str, list[Any]]
"""The calendar of a week as a version keeps it: occurrence id -> [starts, ends, leaders, room, mode, title,
treatment, group, people]."""


def weeks_for(by: Actor) -> Any:
    """Weeks of the home site that were opened for planning."""
    mine = by.home.site_id in by.sites_with(Permission.TIMETABLE_READ)
    return Week.objects.filter(site_id=by.home.site_id if mine else 0).select_related("site")


def week_for(by: Actor, starts_on: date) -> Week:
    """The week that begins on that day. Raises `Week.DoesNotExist`."""
    found: Week = weeks_for(by).get(starts_on=starts_on)
    return found


def versions_of(by: Actor, week: Week) -> Any:
    """Drafts and what was published, newest first, with `sessions_count`, `published` and `publication`. One statement."""
    return (
        WeekVersion.objects.filter(week__in=weeks_for(by), week=week)
        .filter(Q(dropped_at__isnull=True) | Q(publication__isnull=False))
        .select_related("by", "base", "publication__by")
        .annotate(
            sessions_count=Count("sessions"),
            locked_count=Count("sessions", filter=Q(sessions__locked=True)),
            published=Exists(Publication.objects.filter(version=OuterRef("pk"))),
        )
        .order_by("-number")
    )


def version_for(by: Actor, starts_on: date, number: int) -> WeekVersion:
    """One version of a week of the home site. Raises `WeekVersion.DoesNotExist`."""
    found: WeekVersion = (
        WeekVersion.objects.filter(week__in=weeks_for(by))
        .select_related("week__site", "by", "base", "publication__by")
        .get(week__starts_on=starts_on, number=number)
    )
    return found


def version_by_id(by: Actor, version_id: int) -> WeekVersion:
    """One version of a week of the home site. Raises `WeekVersion.DoesNotExist`."""
    found: WeekVersion = _VERSION.one(WeekVersion.DoesNotExist, by, version_id=version_id)
    return found


_VERSION = Prepared(
    lambda by, *, version_id: WeekVersion.objects.filter(
        week__in=weeks_for(by).select_related(None), pk=version_id
    ).select_related("week__site", "by", "base", "publication__by")
)


def planned_weeks(by: Actor, days: Iterable[date]) -> dict[date, Any]:
    """First day -> week, with `drafts`, `computing`, and `last`: its latest publication or None. Two statements."""
    open_ones = Q(versions__dropped_at__isnull=True, versions__publication__isnull=True)
    rows = (
        weeks_for(by)
        .filter(starts_on__in=list(days))
        .annotate(
            drafts=Count("versions", filter=open_ones & Q(versions__isnull=False), distinct=True),
            computing=Exists(
                Solve.objects.filter(week=OuterRef("pk"), state__in=[SolveState.WAITING, SolveState.RUNNING])
            ),
        )
        .prefetch_related(
            Prefetch("publications", Publication.objects.select_related("by", "version").order_by("-number"))
        )
    )
    found = {}
    for row in rows:
        row.last = next(iter(row.publications.all()), None)
        found[row.starts_on] = row
    return found


def names_in(by: Actor, changes: Difference) -> tuple[dict[int, str], dict[int, str]]:
    """Staff and rooms of a difference by number. Two statements."""
    held = [one for c in changes.sessions for one in (c.before, c.after) if one is not None]
    staff = Staff.objects.filter(pk__in={pk for one in held for pk in one.leaders})
    rooms = Room.objects.filter(pk__in={one.room for one in held if one.room}, site=by.home.site_id)
    return dict(staff.values_list("pk", "short_name")), dict(rooms.values_list("pk", "name"))


def planned_of(version: WeekVersion) -> list[Any]:
    """The sessions of a version in the order of the week, with leaders, room and seats with patients. Two statements."""
    return list(
        PlannedSession.objects.filter(version=version)
        .select_related("facilitator", "cofacilitator", "room", "group")
        .prefetch_related("seats__patient")
        .order_by("starts", "title", "pk")
    )


def solves_of(by: Actor, week: Week) -> Any:
    """What was computed for a week, newest first, without the cases."""
    return (
        Solve.objects.filter(week__in=weeks_for(by), week=week)
        .defer("case", "stood")
        .select_related("by", "result", "base")
        .order_by("-asked_at", "-pk")
    )


def solving_now(by: Actor, week: Week) -> Solve | None:
    """The one that waits or runs, if any."""
    found: Solve | None = (
        solves_of(by, week).filter(state__in=[SolveState.WAITING, SolveState.RUNNING]).first()
    )
    return found


def stood_of(week: Week, *, site_id: int | None = None) -> Stood:
    """The calendar of a week as it stands. One statement."""
    return ask_stood(week, site_id=site_id)()


def ask_stood(week: Week, *, site_id: int | None = None) -> Callable[[], Stood]:
    """Sends the statement of `stood_of` (`clinic.ahead`)."""
    asked = _STOOD.ahead(
        site_id=site_id or week.site_id, first=week.starts_on, end=week.starts_on + timedelta(days=7)
    )
    return lambda: {
        str(pk): [
            starts.isoformat(),
            ends.isoformat(),
            [one for one in (leader, coleader) if one],
            room,
            mode,
            title,
            treatment,
            group,
            people,
        ]
        for pk, starts, ends, leader, coleader, room, mode, title, treatment, group, people in asked()
    }


_STOOD = Prepared(
    lambda *, site_id, first, end: (
        Occurrence.objects.filter(
            site_id=site_id, local_date__gte=first, local_date__lt=end, cancelled_at__isnull=True
        )
        .order_by("starts", "pk")
        .values_list(
            "pk",
            "starts",
            "ends",
            "facilitator_id",
            "cofacilitator_id",
            "room_id",
            "mode",
            "title",
            "treatment",
            "group_id",
            ArraySubquery(
                Seat.objects.filter(released_at__isnull=True, occurrence=OuterRef("pk"))
                .order_by("patient_id")
                .values("patient_id")
            ),
        )
    )
)


def held_of_stood(stood: Mapping[str, Any]) -> list[Held]:
    """The calendar as it stood, for comparing."""
    return [
        Held(
            key=f"c{pk}",
            occurrence=int(pk),
            starts=datetime.fromisoformat(row[0]),
            ends=datetime.fromisoformat(row[1]),
            leaders=tuple(row[2]),
            room=row[3],
            mode=row[4],
            title=row[5],
            treatment=row[6],
            group=row[7],
            people=frozenset(row[8]),
        )
        for pk, row in stood.items()
    ]


def held_of_planned(sessions: Iterable[Any]) -> list[Held]:
    """The sessions of a version, for comparing. Those not on the calendar yet are known by what, when and for whom."""
    found: dict[str, Held] = {}
    for one in sessions:
        people = (
            one.people
            if isinstance(one, ListedSession)
            else frozenset(seat.patient_id for seat in one.seats.all())
        )
        key = f"c{one.occurrence_id}" if one.occurrence_id else _new_key(one, people)
        while key in found:
            key += "+"
        found[key] = Held(
            key=key,
            occurrence=one.occurrence_id,
            starts=one.starts,
            ends=one.ends,
            leaders=tuple(who for who in (one.facilitator_id, one.cofacilitator_id) if who),
            room=one.room_id,
            mode=one.mode,
            title=one.title,
            treatment=one.treatment,
            group=one.group_id,
            people=people,
        )
    return list(found.values())


def _new_key(one: Any, people: frozenset[int]) -> str:
    if one.group_id:
        return f"g{one.group_id} {one.starts.isoformat()} {one.mode}"
    return f"{one.treatment} {','.join(map(str, sorted(people)))} {one.starts.isoformat()}"


def changes_since(version: WeekVersion, now: Stood | None = None) -> Difference:
    """What changed on the calendar since the version was made; empty when it may be published."""
    stands = stood_of(version.week) if now is None else now
    return difference(held_of_stood(version.stood), held_of_stood(stands))


def changes_by(version: WeekVersion, sessions: Iterable[Any], now: Stood | None = None) -> Difference:
    """What publishing the version would change on the calendar as it stands."""
    stands = stood_of(version.week) if now is None else now
    return difference(held_of_stood(stands), held_of_planned(sessions))


def said_changes(found: Difference, zone: ZoneInfo, most: int = 3) -> str:
    """'Yoga on Tue 24 Nov, 10:45 am is new; Process group … is cancelled; and 2 more.'"""
    said = [_said(change, zone) for change in found.sessions[:most]]
    if len(found.sessions) > most:
        said.append(f"and {len(found.sessions) - most} more")
    return "; ".join(said)


def _said(change: Any, zone: ZoneInfo) -> str:
    was, will = change.before, change.after
    name = f"{change.session.title} on {day_and_clock((was or will).starts, zone)}"
    if was is None:
        return f"{name} is new"
    if will is None:
        return f"{name} is cancelled"
    parts = []
    if (was.starts, was.ends) != (will.starts, will.ends):
        parts.append(f"is moved to {day_and_clock(will.starts, zone)}")
    if set(was.leaders) != set(will.leaders):
        parts.append("has other leaders")
    if (was.room, was.mode) != (will.room, will.mode):
        parts.append("has another place")
    if change.joined or change.left:
        parts.append("has other people")
    return f"{name} {' and '.join(parts)}"


def notices_for(by: Actor) -> Any:
    """What the latest publications changed for whoever asks, not seen yet, newest first."""
    if by.patient_id is not None and not by.is_staff:
        mine = Q(patient_id=by.patient_id)
    elif by.staff_id is not None:
        mine = Q(staff_id=by.staff_id)
    else:
        return WeekNotice.objects.none()
    return (
        WeekNotice.objects.filter(mine, seen_at__isnull=True)
        .select_related("publication__week__site")
        .order_by("-publication__at", "-pk")
    )


@dataclass(frozen=True)
class ToldChange:
    """What changes for somebody: `what` of `rules.comparing.What`, the session now, and when it was before."""

    what: str
    title: str
    starts: datetime
    before: datetime | None


@dataclass(frozen=True)
class Told:
    """A notice that its reader has not put away, with the changes in the order of the week."""

    pk: int
    starts_on: date
    changes: tuple[ToldChange, ...]


def told_to(by: Actor, at: datetime) -> list[Told]:
    """What whoever asks is told of weeks that are not over. One statement, and another when there is something."""
    return ask_told(by, at)()


def ask_told(by: Actor, at: datetime) -> Callable[[], list[Told]]:
    """Sends the statement of `told_to` (`clinic.ahead`)."""
    if by.staff_id is None and by.patient_id is None:
        return list
    asked = _TOLD.ahead(by, at.date() - timedelta(days=8))
    return lambda: _told(asked())


def _told(rows: Sequence[Any]) -> list[Told]:
    if not rows:
        return []
    wanted = {change[1] for _, _, changes in rows for change in changes}
    sessions = {
        pk: (title, starts)
        for pk, title, starts in Occurrence.objects.filter(pk__in=wanted).values_list("pk", "title", "starts")
    }
    return [
        Told(
            pk,
            starts_on,
            tuple(
                sorted(
                    (
                        ToldChange(what, *sessions[one], datetime.fromisoformat(before) if before else None)
                        for what, one, before in changes
                        if one in sessions
                    ),
                    key=lambda one: (one.starts, one.title),
                )
            ),
        )
        for pk, starts_on, changes in rows
    ]


_TOLD = Prepared(
    lambda by, since: (
        notices_for(by)
        .filter(publication__week__starts_on__gte=since)
        .select_related(None)
        .values_list("pk", "publication__week__starts_on", "changes")
    )
)


def notice_for(by: Actor, notice_id: int) -> WeekNotice:
    """One notice of whoever asks. Raises `WeekNotice.DoesNotExist`."""
    found: WeekNotice = notices_for(by).get(pk=notice_id)
    return found
