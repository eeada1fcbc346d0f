"""Meetings become rows for the coming weeks: sessions, what they hold, and a seat for everybody enrolled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Site
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _hold_what_is_free, _rows
from stepwell.clinic.timetable.models import (
    Closure,
    Enrollment,
    Meeting,
    Mode,
    Occurrence,
    Seat,
    TherapyGroup,
)
from stepwell.clinic.timetable.rules import WeeklyPattern, expand, topic_of_week
from stepwell.clinic.timetable.rules.closing import proposed
from stepwell.clinic.timetable.rules.planning import load_defaults


@transaction.atomic
def extend_horizon(*, by: Actor, at: datetime, weeks: int | None = None, site: Site | None = None) -> int:
    """Makes the sessions of all groups from today until the end of the week `weeks` ahead; returns how many.

    Without a site: of all sites, for Stepwell's own timer. Doing it again makes nothing twice. A session whose
    facilitator or room is taken at that time is made without: it shows as trouble instead of vanishing. A
    patient who is elsewhere at that time gets no seat. Without `weeks` as many as `data/week.json` says. One more query for each 50 sessions, not for each one.
    """
    if site is None and not by.is_system:
        site = Site.objects.get(pk=by.home.site_id)
    weeks = load_defaults().weeks_made if weeks is None else weeks
    made = 0
    for each in Site.objects.order_by("pk") if site is None else [site]:
        policies.may_set_up(by, each.pk)
        made += _extend(at, each, weeks)
    trail.record(
        by=by,
        at=at,
        action="timetable.extend_horizon",
        subject=f"Site {site.pk}" if site else "Every site",
        detail={"sessions": made, "weeks": weeks},
    )
    return made


def _extend(at: datetime, site: Site, weeks: int) -> int:
    zone = ZoneInfo(site.zone)
    today = at.astimezone(zone).date()
    week_start = today - timedelta(days=(today.weekday() - site.week_starts_on) % 7)
    until = week_start + timedelta(weeks=weeks + 1)
    # The lock: whoever enrolls somebody in one of these groups waits until its sessions stand.
    groups = {
        group.pk: group
        for group in TherapyGroup.objects.select_for_update(no_key=True)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), site=site)
        .order_by("pk")
    }
    meetings = Meeting.objects.filter(group_id__in=groups).order_by("pk")
    there = set(
        Occurrence.objects.filter(meeting__group_id__in=groups)
        .filter(Q(local_date__gte=today) | Q(instead_of__gte=today))
        .values_list("meeting_id", Coalesce("instead_of", "local_date"))
    )
    closed = _closed_days(at, site, today, until)
    new = [
        session
        for meeting in meetings
        for session in _sessions_of(
            meeting, groups[meeting.group_id], zone, site.week_starts_on, today, until, closed
        )
        if session.starts > at and (session.meeting_id, session.local_date) not in there
    ]
    Occurrence.objects.bulk_create(new)
    if new:
        _hold_places(new, at)
        _seat_the_enrolled(new, at)
    return len(new)


def _closed_days(at: datetime, site: Site, today: date, until: date) -> set[date]:
    """Days on which the site is closed. A federal holiday about which nobody has said anything becomes one.

    The director sees it among the closures and may open the day; then nothing closes it again by itself.
    """
    said = Closure.objects.filter(site=site, on__gte=today, on__lt=until).values_list("on", "withdrawn_at")
    known = list(said)
    decided = {on for on, _ in known}
    new = [
        Closure(site=site, on=day.on, because=day.name, at=at)
        for day in proposed(today, until - timedelta(days=1), decided=decided)
    ]
    if new:
        Closure.objects.bulk_create(new)
    return {on for on, withdrawn in known if withdrawn is None} | {row.on for row in new}


def _sessions_of(
    meeting: Meeting,
    group: TherapyGroup,
    zone: ZoneInfo,
    week_starts: int,
    first: date,
    until: date,
    closed: set[date],
) -> Iterable[Occurrence]:
    lasts = [day for day in (meeting.last_on, group.ends_on) if day is not None]
    pattern = WeeklyPattern(
        weekdays=frozenset({meeting.weekday}),
        starts=meeting.starts_at,
        minutes=meeting.minutes,
        first_on=max(meeting.first_on, group.starts_on),
        last_on=min(lasts) if lasts else None,
        every_weeks=meeting.every_weeks,
        week_starts=week_starts,
    )
    for time in expand(pattern, zone, first, until, closed):
        # Topics roll on from the group's first week: whoever joins later meets them in the same turn.
        yield Occurrence(
            site_id=group.site_id,
            group=group,
            meeting=meeting,
            local_date=time.local_date,
            kind=Occurrence.Kind.GROUP,
            treatment=group.kind,
            title=group.name,
            topic=topic_of_week(group.topics, group.starts_on, time.local_date),
            curriculum=group.curriculum,
            starts=time.starts_utc,
            ends=time.ends_utc,
            facilitator_id=group.facilitator_id,
            cofacilitator_id=group.cofacilitator_id,
            room_id=group.room_id,
            mode=group.mode,
            capacity=group.capacity,
        )


def _hold_places(new: list[Occurrence], at: datetime) -> None:
    """Rooms and staff that are free; a session that cannot have them stands without."""
    wanted = [
        row
        for o in new
        for row in _rows(o, at, rooms=[o.room_id], staff=[o.facilitator_id, o.cofacilitator_id])
    ]
    held = _hold_what_is_free(wanted)
    without = []
    for o in new:
        before = (o.room_id, o.facilitator_id, o.cofacilitator_id)
        if o.room_id and (o.pk, "room", o.room_id) not in held:
            o.room_id = None
        if o.cofacilitator_id and (o.pk, "staff", o.cofacilitator_id) not in held:
            o.cofacilitator_id = None
        if o.facilitator_id and (o.pk, "staff", o.facilitator_id) not in held:
            o.facilitator_id, o.cofacilitator_id = o.cofacilitator_id, None
        if before != (o.room_id, o.facilitator_id, o.cofacilitator_id):
            without.append(o)
    if without:
        Occurrence.objects.bulk_update(without, ["room", "facilitator", "cofacilitator"], batch_size=100)


def _seat_the_enrolled(new: list[Occurrence], at: datetime) -> None:
    """Seats in the order of enrolling, for patients in treatment who are nowhere else at that time."""
    enrolled: dict[int | None, list[Enrollment]] = defaultdict(list)
    admitted = Episode.objects.filter(patient=OuterRef("patient"), closed_at__isnull=True)
    rows = Enrollment.objects.filter(Exists(admitted), group_id__in={o.group_id for o in new})
    for row in rows.order_by("at", "pk"):
        enrolled[row.group_id].append(row)
    wanted: dict[int, list[int]] = {
        o.pk: [
            e.patient_id
            for e in enrolled[o.group_id]
            if e.starts_on <= o.local_date and (e.ends_on is None or o.local_date <= e.ends_on)
        ][: o.capacity]
        for o in new
    }
    asked = [row for o in new for row in _rows(o, at, patients=wanted[o.pk])]
    if not asked:
        return
    held = _hold_what_is_free(asked)
    mode = {o.pk: Mode.VIDEO if o.mode == Mode.VIDEO else Mode.ON_SITE for o in new}
    Seat.objects.bulk_create(
        Seat(
            occurrence_id=o.pk,
            patient_id=patient,
            number=number,
            capacity=o.capacity,
            mode=mode[o.pk],
            at=at,
        )
        for o in new
        for number, patient in enumerate((p for p in wanted[o.pk] if (o.pk, "patient", p) in held), start=1)
    )
