"""The next seats that fit somebody's week, from the groups of the home site as they stand. Four statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient
from stepwell.clinic.timetable.models import Occurrence, PatientWindow, TherapyGroup, Track
from stepwell.clinic.timetable.queries.availability import as_windows, tags_of, windows_of
from stepwell.clinic.timetable.queries.board import _home, openings_for
from stepwell.clinic.timetable.rules.next_seats import (
    Meets,
    OpenGroup,
    Option,
    TrackOfGroups,
    Wanted,
    next_seats,
)
from stepwell.clinic.timetable.rules.windows import Fit, Window, fit


def seats_that_fit(
    by: Actor,
    at: datetime,
    *,
    minutes: int,
    days_most: int = 7,
    windows: Sequence[Window] | None = None,
    tags: Collection[str] = (),
    held: Collection[int] = (),
    level: str | None = None,
    weeks: int = 2,
) -> tuple[Option, ...]:
    """Tracks and start days with the hours each would give, out of the sessions of the coming `weeks`.

    A group counts as it meets in these weeks, with the seats left in its fullest session; `windows` None means
    that the free times are not known; `level` limits the tracks to programs of that level of care.
    """
    zone = ZoneInfo(by.home.zone)
    today = at.astimezone(zone).date()
    wanted = Wanted(
        minutes=minutes,
        days_most=days_most,
        windows=None if windows is None else tuple(windows),
        tags=frozenset(tags),
        held=frozenset(held),
    )
    tracks = Track.objects.filter(program__site_id__in=_home(by)).order_by("program", "name")
    if level is not None:
        tracks = tracks.filter(program__level=level)
    named = [TrackOfGroups(id=track.pk, name=track.name) for track in tracks]
    groups = _open_groups(by, at, at + timedelta(weeks=weeks), zone)
    return next_seats(
        groups, [*named, TrackOfGroups(id=None, name="Groups of several tracks")], wanted, today
    )


def openings_that_fit(by: Actor, at: datetime, patient: Patient, last: datetime) -> list[Occurrence]:
    """Openings for a patient (`openings_for`) at times when she can come, of groups that are for her. Three statements.

    While nothing is known of her times, every time counts.
    """
    zone = ZoneInfo(patient.site.zone)
    rows = windows_of(by, patient, at.astimezone(zone).date())
    tags = set(tags_of(by, patient))
    return [
        o
        for o in openings_for(by, patient, at, last)
        if tags.issuperset(o.group.needs) and not o.group.closed_series and _suits(rows, o, zone)
    ]


def _suits(rows: Sequence[PatientWindow], session: Occurrence, zone: ZoneInfo) -> bool:
    here = as_windows(rows, session.local_date)
    starts, ends = session.starts.astimezone(zone), session.ends.astimezone(zone)
    how = fit(here, starts.weekday(), starts.time(), ends.time(), session.mode)
    return not here or how is not Fit.NO


def _open_groups(by: Actor, at: datetime, until: datetime, zone: ZoneInfo) -> list[OpenGroup]:
    live = Q(seats__released_at__isnull=True)
    sessions = (
        Occurrence.objects.filter(
            site_id__in=_home(by),
            group__isnull=False,
            starts__gt=at,
            starts__lt=until,
            cancelled_at__isnull=True,
        )
        .annotate(taken=Count("seats", filter=live))
        .order_by("starts")
        .values_list("group_id", "starts", "ends", "mode", "capacity", "taken", "local_date")
    )
    by_group = defaultdict(list)
    for row in sessions:
        by_group[row[0]].append(row)
    groups = TherapyGroup.objects.filter(pk__in=by_group).prefetch_related("tracks").order_by("name", "pk")
    found = []
    for group in groups:
        rows = by_group[group.pk]
        meets = {
            Meets(
                weekday=starts.astimezone(zone).weekday(),
                starts_at=starts.astimezone(zone).time(),
                ends_at=ends.astimezone(zone).time(),
                minutes=int((ends - starts).total_seconds()) // 60,
                mode=mode,
            )
            for _, starts, ends, mode, *_ in rows
        }
        found.append(
            OpenGroup(
                id=group.pk,
                name=group.name,
                kind=group.kind,
                tracks=frozenset(track.pk for track in group.tracks.all()),
                meets=tuple(sorted(meets, key=lambda m: (m.weekday, m.starts_at))),
                free=min(capacity - taken for *_, capacity, taken, _ in rows),
                first_on=rows[0][-1],
                needs=frozenset(group.needs),
                closed_series=group.closed_series,
            )
        )
    return found
