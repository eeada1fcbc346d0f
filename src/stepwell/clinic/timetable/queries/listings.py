"""What the public may read of the programs: published facts, the week as it stands, the next start.

Nothing of a patient leaves this file: seats are counted inside of it, and a day comes out. Five statements, for
one program or for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.models import Site
from stepwell.clinic.people.rules.places import Spot
from stepwell.clinic.timetable.models import (
    Mode,
    Occurrence,
    Program,
    ProgramListing,
    Seat,
    TherapyGroup,
    Track,
)
from stepwell.clinic.timetable.rules.finding import Offer
from stepwell.clinic.timetable.rules.next_seats import Meets, OpenGroup
from stepwell.clinic.timetable.rules.open_starts import after_today, next_start

SPAN = timedelta(weeks=2)
SPANS = 2
"""What is made of the timetable (this week and two more) in spans of two weeks: a group that meets every other week
is in the first whole one."""


@dataclass(frozen=True, kw_only=True)
class PublicTrack:
    """A track as the public reads it: its times of the week and the next day on which somebody can begin."""

    kind: str
    name: str
    meets: tuple[Meets, ...]
    starts_on: date | None


@dataclass(frozen=True, kw_only=True)
class PublicProgram:
    """A published program. `words` and `family` are by language; `insurers` are (id, name); `therapies` are kinds."""

    id: int
    name: str
    level: str
    minutes: tuple[int, int]
    days: tuple[int, int]
    weeks: int
    site: Site
    words: dict[str, str]
    family: dict[str, str]
    populations: tuple[str, ...]
    languages: tuple[str, ...]
    insurers: tuple[tuple[int, str], ...]
    therapies: tuple[str, ...]
    family_meets: tuple[Meets, ...]
    tracks: tuple[PublicTrack, ...]
    video: bool
    starts_on: date | None

    @property
    def offer(self) -> Offer:
        """As the finder asks it."""
        here = self.site
        spot = None
        if here.latitude is not None and here.longitude is not None:
            spot = Spot(latitude=here.latitude, longitude=here.longitude)
        return Offer(
            id=self.id,
            name=self.name,
            site=here.name,
            level=self.level,
            tracks=frozenset(track.kind for track in self.tracks),
            video=self.video,
            populations=frozenset(self.populations),
            languages=frozenset(self.languages),
            insurers=frozenset(number for number, _ in self.insurers),
            state=here.state,
            spot=spot,
            starts_on=self.starts_on,
        )


def published_programs(at: datetime) -> list[PublicProgram]:
    """Every published program of every site, by site and level."""
    return _public(_published(), at)


def published_program(at: datetime, program_id: int) -> PublicProgram:
    """One of them. Raises `ProgramListing.DoesNotExist` for one that is not published and a missing one alike."""
    found = _public(_published().filter(program_id=program_id), at)
    if not found:
        raise ProgramListing.DoesNotExist
    return found[0]


def listed_sites(by: Actor) -> Any:
    """Sites whose public words `by` looks after, with their programs and listings. Three statements."""
    return (
        Site.objects.filter(pk__in=by.sites_with(Permission.LISTING_MANAGE))
        .prefetch_related(
            Prefetch("programs", Program.objects.select_related("listing").order_by("-minutes_least", "name"))
        )
        .order_by("name")
    )


def listed_site(by: Actor, site_id: int) -> Site:
    """One of them. Raises `Site.DoesNotExist`."""
    found: Site = Site.objects.filter(pk__in=by.sites_with(Permission.LISTING_MANAGE)).get(pk=site_id)
    return found


def program_to_list(by: Actor, program_id: int) -> Program:
    """A program with its listing, if it has one, and its tracks. Raises `Program.DoesNotExist`."""
    found: Program = (
        Program.objects.filter(site_id__in=by.sites_with(Permission.LISTING_MANAGE))
        .select_related("site", "listing")
        .prefetch_related(Prefetch("tracks", Track.objects.order_by("name")), "listing__insurers")
        .get(pk=program_id)
    )
    return found


def listing_of(program: Program) -> ProgramListing | None:
    """What is written of a program, None while nothing is."""
    found: ProgramListing | None = getattr(program, "listing", None)
    return found


def _published() -> Any:
    return (
        ProgramListing.objects.filter(published=True)
        .select_related("program__site")
        .prefetch_related(
            Prefetch("insurers", Payer.objects.order_by("name")),
            Prefetch("program__tracks", Track.objects.filter(listed=True).order_by("name")),
        )
        .order_by("program__site__name", "-program__minutes_least", "program__name")
    )


def _public(listings: Iterable[ProgramListing], at: datetime) -> list[PublicProgram]:
    rows = list(listings)
    tracks = [track.pk for row in rows for track in row.program.tracks.all()]
    links = list(
        TherapyGroup.tracks.through.objects.filter(track_id__in=tracks)
        .order_by("therapygroup_id")
        .values_list("track_id", "therapygroup_id")
    )
    groups = _groups({group for _, group in links}, at)
    of_track: dict[int, list[int]] = defaultdict(list)
    for track, group in links:
        of_track[track].append(group)
    return [_program(row, of_track, groups, at) for row in rows]


def _program(
    row: ProgramListing,
    of_track: dict[int, list[int]],
    groups: dict[int, list[OpenGroup | None]],
    at: datetime,
) -> PublicProgram:
    program, site = row.program, row.program.site
    earliest = after_today(at.astimezone(ZoneInfo(site.zone)).date())
    tracks = []
    for track in program.tracks.all():
        spans = [
            [g for n in of_track[track.pk] if n in groups and (g := groups[n][span]) is not None]
            for span in range(SPANS)
        ]
        starts_on = next_start(
            spans,
            minutes=program.minutes_least,
            days_most=program.days_most,
            earliest=earliest,
            fits=row.populations,
        )
        meets = {meeting for span in spans[:1] for group in span for meeting in group.meets}
        tracks.append(
            PublicTrack(
                kind=track.kind, name=track.name, meets=tuple(sorted(meets, key=_order)), starts_on=starts_on
            )
        )
    numbers = {n for track in program.tracks.all() for n in of_track[track.pk] if n in groups}
    held = [group for n in sorted(numbers) for group in groups[n][:1] if group is not None]
    family = {meeting for group in held if group.kind == "family" for meeting in group.meets}
    return PublicProgram(
        id=program.pk,
        name=program.name,
        level=program.level,
        minutes=(program.minutes_least, program.minutes_most),
        days=(program.days_least, program.days_most),
        weeks=program.planned_weeks,
        site=site,
        words={"en": row.words_en, "es": row.words_es},
        family={"en": row.family_en, "es": row.family_es},
        populations=tuple(row.populations),
        languages=tuple(row.languages),
        insurers=tuple((payer.pk, payer.name) for payer in row.insurers.all()),
        therapies=tuple(sorted({group.kind for group in held})),
        family_meets=tuple(sorted(family, key=_order)),
        tracks=tuple(tracks),
        video=any(meeting.mode != Mode.ON_SITE for group in held for meeting in group.meets),
        starts_on=min((track.starts_on for track in tracks if track.starts_on), default=None),
    )


def _groups(numbers: set[int], at: datetime) -> dict[int, list[OpenGroup | None]]:
    """Group -> as it meets in each span, None where it does not. `free` is of its fullest session there."""
    taken = (
        Seat.objects.filter(Q(released_at__isnull=True), occurrence=OuterRef("pk"))
        .order_by()
        .values("occurrence")
        .annotate(n=Count("pk"))
        .values("n")
    )
    sessions = (
        Occurrence.objects.filter(
            group_id__in=numbers, starts__gt=at, starts__lt=at + SPAN * SPANS, cancelled_at__isnull=True
        )
        .annotate(free=F("capacity") - Coalesce(Subquery(taken, output_field=IntegerField()), 0))
        .order_by("starts")
        .values_list("group_id", "starts", "ends", "mode", "free", "local_date", "site__zone")
    )
    by_span: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in sessions:
        zone = ZoneInfo(row[6])
        if row[5] > at.astimezone(zone).date():  # nobody begins today
            by_span[row[0], (row[1] - at) // SPAN].append((row, zone))
    facts = {
        group.pk: group
        for group in TherapyGroup.objects.filter(pk__in={number for number, _ in by_span}).only(
            "name", "kind", "needs", "closed_series"
        )
    }
    return {
        number: [
            _open(group, by_span[number, span]) if (number, span) in by_span else None
            for span in range(SPANS)
        ]
        for number, group in facts.items()
    }


def _open(group: TherapyGroup, rows: Sequence[tuple[Any, ZoneInfo]]) -> OpenGroup:
    meets = {
        Meets(
            weekday=row[1].astimezone(zone).weekday(),
            starts_at=row[1].astimezone(zone).time(),
            ends_at=row[2].astimezone(zone).time(),
            minutes=int((row[2] - row[1]).total_seconds()) // 60,
            mode=row[3],
        )
        for row, zone in rows
    }
    return OpenGroup(
        id=group.pk,
        name=group.name,
        kind=group.kind,
        tracks=frozenset(),
        meets=tuple(sorted(meets, key=_order)),
        free=min(row[4] for row, _ in rows),
        first_on=rows[0][0][5],
        needs=frozenset(group.needs),
        closed_series=group.closed_series,
    )


def _order(meeting: Meets) -> tuple[int, time, time]:
    return meeting.weekday, meeting.starts_at, meeting.ends_at
