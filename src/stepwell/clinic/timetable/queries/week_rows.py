"""The rows that a week is planned from, read once: the number of statements does not grow with the patients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Credential, Patient, Reservation, Room, Site, SiteHours, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan.models import CareTeamMember, Intervention, TreatmentOrder
from stepwell.clinic.timetable.models import (
    Closure,
    Enrollment,
    KeptApart,
    Meeting,
    Occurrence,
    PatientTag,
    PatientWindow,
    Program,
    RoomOut,
    Seat,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
    Track,
    Week,
)
from stepwell.clinic.timetable.rules import wall_time_instant

_LIVE = Q(released_at__isnull=True)
DAY = 1440


@dataclass(frozen=True)
class WeekRows:
    """Everything of one site's week. Rows are models; what is keyed is keyed by id."""

    site: Site
    starts_on: date
    at: datetime
    hours: Sequence[SiteHours]
    rooms: Sequence[Room]
    room_outs: Sequence[RoomOut]
    closures: Sequence[Closure]
    staff: Sequence[Staff]
    availability: Sequence[StaffAvailability]
    loads: Sequence[StaffLoad]
    treatments: Sequence[StaffTreatment]
    absences: Sequence[StaffAbsence]
    credentials: Sequence[Credential]
    groups: Sequence[Any]
    programs: Sequence[Program]
    enrollments: Sequence[Enrollment]
    episodes: Sequence[Episode]
    orders: Sequence[TreatmentOrder]
    placements: Sequence[Placement]
    interventions: Sequence[Any]
    care_team: Sequence[CareTeamMember]
    windows: Sequence[PatientWindow]
    tags: Sequence[PatientTag]
    apart: Sequence[KeptApart]
    policies: Sequence[Any]
    occurrences: Sequence[Occurrence]  # of this week, not cancelled
    before: Sequence[Occurrence]  # of the week before
    seats: Sequence[Any]  # of both, with `outcome`, `minutes`, `left`
    reservations: Sequence[Reservation]  # that no session of this week holds
    topics: Sequence[tuple[int, int, str]]  # patient, group, topic attended lately

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone)

    @cached_property
    def patients(self) -> dict[int, Patient]:
        """In treatment on some day of the week, by id."""
        return {episode.patient_id: episode.patient for episode in self.episodes}

    @cached_property
    def seats_in(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for seat in self.seats:
            found[seat.occurrence_id].append(seat)
        return found

    def minute_of(self, instant: datetime) -> int:
        """The minute of the week, in wall time; before and after it too."""
        local = instant.astimezone(self.zone)
        return (local.date() - self.starts_on).days * DAY + local.hour * 60 + local.minute

    def span_of(self, occurrence: Any) -> tuple[int, int]:
        """First and last minute of the week; it lasts its real minutes and ends at midnight at the latest."""
        start = self.minute_of(occurrence.starts)
        minutes = int((occurrence.ends - occurrence.starts).total_seconds() // 60)
        return start, min(start + minutes, (start // DAY + 1) * DAY)

    def instant_of(self, minute: int) -> datetime:
        """The instant of a minute of the week; 6 pm stays 6 pm when the clocks change."""
        day, of_day = divmod(minute, DAY)
        clock = time(of_day // 60, of_day % 60)
        return wall_time_instant(self.starts_on + timedelta(days=day), clock, self.zone)


def week_rows(by: Actor, week: Week, at: datetime) -> WeekRows:
    """Reads the rows. `by` sees the patients of the site whom the role permits; Stepwell itself sees all."""
    site = Site.objects.get(pk=week.site_id)
    zone = ZoneInfo(site.zone)
    first, last = week.starts_on, week.starts_on + timedelta(days=6)
    begins, ends = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    staff = list(
        Staff.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)
        .filter(Q(site=site) | Q(roles__site=site, roles__ends_on__isnull=True))
        .distinct()
        .order_by("pk")
    )
    team = [one.pk for one in staff]
    groups = list(_groups(site, first, last))
    sessions = list(
        Occurrence.objects.filter(
            site=site,
            local_date__gte=first - timedelta(days=7),
            local_date__lte=last,
            cancelled_at__isnull=True,
        ).order_by("starts", "pk")
    )
    episodes = list(_episodes(by, site, begins, ends))
    ids = [episode.patient_id for episode in episodes]
    open_ids = [episode.pk for episode in episodes]
    ours = [o for o in sessions if o.local_date >= first]
    return WeekRows(
        site=site,
        starts_on=first,
        at=at,
        hours=list(SiteHours.objects.filter(site=site).order_by("weekday", "opens")),
        rooms=list(Room.objects.filter(site=site).order_by("pk")),
        room_outs=list(
            RoomOut.objects.filter(
                room__site=site, withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
            )
        ),
        closures=list(
            Closure.objects.filter(site=site, withdrawn_at__isnull=True, on__gte=first, on__lte=last)
        ),
        staff=staff,
        availability=list(
            StaffAvailability.objects.filter(
                Q(last_on__isnull=True) | Q(last_on__gte=first), site=site, first_on__lte=last
            ).order_by("pk")
        ),
        loads=list(StaffLoad.objects.filter(staff__in=team, first_on__lte=last).order_by("first_on")),
        treatments=list(StaffTreatment.objects.filter(staff__in=team).order_by("pk")),
        absences=list(
            StaffAbsence.objects.filter(
                staff__in=team, withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
            )
        ),
        credentials=list(Credential.objects.filter(staff__in=team).order_by("pk")),
        groups=groups,
        programs=list(Program.objects.filter(site=site).order_by("pk")),
        enrollments=list(
            Enrollment.objects.filter(
                Q(ends_on__isnull=True) | Q(ends_on__gte=first), group__site=site, starts_on__lte=last
            ).order_by("starts_on", "pk")
        ),
        episodes=episodes,
        orders=list(TreatmentOrder.objects.filter(episode__in=open_ids).order_by("starts_on", "pk")),
        placements=list(Placement.objects.filter(episode__in=open_ids).order_by("number")),
        interventions=list(
            Intervention.objects.filter(
                objective__goal__problem__plan__episode__in=open_ids,
                objective__goal__problem__plan__signed_at__isnull=False,
                objective__goal__problem__plan__superseded_at__isnull=True,
            )
            .annotate(patient=F("objective__goal__problem__plan__episode__patient_id"))
            .order_by("pk")
        ),
        care_team=list(
            CareTeamMember.objects.filter(
                Q(ends_at__isnull=True) | Q(ends_at__gt=begins), episode__in=open_ids
            )
            .annotate(patient=F("episode__patient_id"))
            .order_by("starts_at", "pk")
        ),
        windows=list(
            PatientWindow.objects.filter(
                Q(last_on__isnull=True) | Q(last_on__gte=first), patient__in=ids, first_on__lte=last
            ).order_by("pk")
        ),
        tags=list(PatientTag.objects.filter(patient__in=ids, ended_at__isnull=True)),
        apart=list(KeptApart.objects.filter(first__in=ids, second__in=ids, ended_at__isnull=True)),
        policies=list(_policies(ids, first)),
        occurrences=ours,
        before=[o for o in sessions if o.local_date < first],
        seats=list(_seats(sessions)),
        reservations=list(_elsewhere([o.pk for o in ours], site, team, ids, begins, ends)),
        topics=_topics(groups, ids, first),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return wall_time_instant(day, time(0), zone)


def _groups(site: Site, first: date, last: date) -> Any:
    meetings = Meeting.objects.filter(Q(last_on__isnull=True) | Q(last_on__gte=first), first_on__lte=last)
    return (
        TherapyGroup.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=first), site=site, starts_on__lte=last
        )
        .prefetch_related(
            Prefetch("meetings", meetings.order_by("weekday", "starts_at", "pk")),
            Prefetch("tracks", Track.objects.order_by("pk")),
        )
        .order_by("pk")
    )


def _episodes(by: Actor, site: Site, begins: datetime, ends: datetime) -> Any:
    """In treatment at some moment of the week. The latest of a patient comes last."""
    found = (
        Episode.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=begins), patient__site=site)
        .filter(admitted_at__lt=ends)
        .select_related("patient")
        .order_by("admitted_at", "pk")
    )
    if by.is_system:
        return found
    return found.filter(patient__in=patients_for(by, Permission.TIMETABLE_READ))


def _policies(ids: Sequence[int], on: date) -> Any:
    """The policies that pay in the week, first payer first, each with its payer's rules."""
    return (
        Policy.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on), patient__in=ids, starts_on__lte=on
        )
        .select_related("payer")
        .prefetch_related("payer__rules")
        .order_by("patient_id", "priority", "starts_on", "pk")
    )


def _seats(sessions: Iterable[Occurrence]) -> Any:
    return (
        Seat.objects.filter(_LIVE, occurrence__in=[o.pk for o in sessions])
        .annotate(
            outcome=F("attendance__outcome"),
            attended=F("attendance__minutes"),
            left=F("attendance__left_at"),
        )
        .order_by("occurrence_id", "number")
    )


def _elsewhere(
    ours: Sequence[int],
    site: Site,
    team: Sequence[int],
    patients: Sequence[int],
    begins: datetime,
    ends: datetime,
) -> Any:
    """What rooms, staff and patients are taken by, apart from the sessions of this week at this site."""
    return (
        Reservation.objects.filter(_LIVE, during__startswith__lt=ends, during__endswith__gt=begins)
        .filter(Q(room__site=site) | Q(staff__in=team) | Q(patient__in=patients))
        .exclude(subject=Reservation.For.OCCURRENCE, subject_id__in=ours)
        .order_by("pk")
    )


def _topics(groups: Sequence[Any], ids: Sequence[int], first: date) -> list[tuple[int, int, str]]:
    """Topics attended in the running turn of a curriculum: each comes again when the turn begins anew."""
    turn = {group.pk: len(group.topics) for group in groups if len(group.topics) > 1}
    longest = max(turn.values(), default=0)
    rows = (
        Seat.objects.filter(
            _LIVE,
            patient__in=ids,
            occurrence__group__in=list(turn),
            occurrence__local_date__gte=first - timedelta(weeks=max(0, longest - 1)),
            occurrence__local_date__lt=first,
            attendance__outcome="present",
        )
        .exclude(occurrence__topic="")
        .values_list("patient_id", "occurrence__group_id", "occurrence__topic", "occurrence__local_date")
    )
    return [
        (patient, group, topic)
        for patient, group, topic, day in rows
        if day >= first - timedelta(weeks=turn[group] - 1)
    ]
