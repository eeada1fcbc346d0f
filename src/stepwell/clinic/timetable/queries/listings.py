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

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from stepwell.clinic.people.models import Site
from stepwell.clinic.people.rules.places import Spot
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.models import (
    Mode,
    Occurrence,
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
        starts: dict[str, date] = {}
        for track in self.tracks:
            if track.starts_on is not None:
                starts[track.kind] = min(track.starts_on, starts.get(track.kind, date.max))
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
            starts=starts,
        )


def published_programs(at: datetime) -> list[PublicProgram]:
    """Every published program of every site, by site and level."""
    listings, around = _read(at)
    return [_program(row, around, at) for row in listings]


def published_program(at: datetime, program_id: int) -> PublicProgram:
    """One of them. Raises `ProgramListing.DoesNotExist` for one that is not published and a missing one alike."""
    listings, around = _read(at)
    for row in listings:
        if row.program_id == program_id:
            return _program(row, around, at)
    raise ProgramListing.DoesNotExist


# All at once, with texts that are kept: every visitor of the public pages asks them.
_LISTINGS = Prepared(
    lambda: (
        ProgramListing.objects.filter(published=True)
        .select_related("program__site")
        .order_by("program__site__name", "-program__minutes_least", "program__name")
    )
)
_INSURERS = Prepared(
    lambda: (
        ProgramListing.insurers.through.objects.filter(programlisting__published=True)
        .order_by("payer__name")
        .values_list("programlisting_id", "payer_id", "payer__name")
    )
)
_TRACKS = Prepared(
    lambda: (
        Track.objects.filter(listed=True, program__listing__published=True)
        .order_by("name", "pk")
        .values_list("pk", "program_id", "kind", "name")
    )
)
_LINKS = Prepared(
    lambda: (
        TherapyGroup.tracks.through.objects.filter(
            track__listed=True, track__program__listing__published=True
        )
        .order_by("therapygroup_id")
        .values_list("track_id", "therapygroup_id")
    )
)


def _sessions(*, at: datetime, until: datetime) -> Any:
    taken = (
        Seat.objects.filter(Q(released_at__isnull=True), occurrence=OuterRef("pk"))
        .order_by()
        .values("occurrence")
        .annotate(n=Count("pk"))
        .values("n")
    )
    published = TherapyGroup.tracks.through.objects.filter(
        track__listed=True, track__program__listing__published=True
    )
    return (
        Occurrence.objects.filter(
            group_id__in=published.values("therapygroup_id"),
            starts__gt=at,
            starts__lt=until,
            cancelled_at__isnull=True,
        )
        .annotate(free=F("capacity") - Coalesce(Subquery(taken, output_field=IntegerField()), 0))
        .order_by("starts")
        .values_list(
            "group_id",
            "starts",
            "ends",
            "mode",
            "free",
            "local_date",
            "site__zone",
            "group__name",
            "group__kind",
            "group__needs",
            "group__closed_series",
        )
    )


_SESSIONS = Prepared(_sessions)


@dataclass(frozen=True)
class _Around:
    """What belongs to the listings: insurers by listing, tracks by program, groups by track, groups as they meet."""

    insurers: dict[int, list[tuple[int, str]]]
    tracks: dict[int, list[tuple[int, str, str]]]
    groups_of: dict[int, list[int]]
    groups: dict[int, list[OpenGroup | None]]


def _read(at: datetime) -> tuple[list[ProgramListing], _Around]:
    asked = _LISTINGS.ahead(), _INSURERS.ahead(), _TRACKS.ahead(), _LINKS.ahead()
    sessions = _SESSIONS.ahead(at=at, until=at + SPAN * SPANS)
    listings, insurers, tracks, links = (answer() for answer in asked)
    around = _Around(
        insurers=defaultdict(list),
        tracks=defaultdict(list),
        groups_of=defaultdict(list),
        groups=_groups(sessions(), at),
    )
    for listing, payer, name in insurers:
        around.insurers[listing].append((payer, name))
    for number, program, kind, name in tracks:
        around.tracks[program].append((number, kind, name))
    for track, group in links:
        around.groups_of[track].append(group)
    return listings, around


def _program(row: ProgramListing, around: _Around, at: datetime) -> PublicProgram:
    program, site, groups = row.program, row.program.site, around.groups
    earliest = after_today(at.astimezone(ZoneInfo(site.zone)).date())
    tracks: list[PublicTrack] = []
    held: dict[int, OpenGroup] = {}
    for number, kind, name in around.tracks[program.pk]:
        own = [n for n in around.groups_of[number] if n in groups]
        spans = [[g for n in own if (g := groups[n][span]) is not None] for span in range(SPANS)]
        starts_on = next_start(
            spans,
            minutes=program.minutes_least,
            days_most=program.days_most,
            earliest=earliest,
            fits=row.populations,
        )
        meets = {meeting for group in spans[0] for meeting in group.meets}
        held |= {group.id: group for group in spans[0]}
        tracks.append(
            PublicTrack(kind=kind, name=name, meets=tuple(sorted(meets, key=_order)), starts_on=starts_on)
        )
    family = {meeting for group in held.values() if group.kind == "family" for meeting in group.meets}
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
        insurers=tuple(around.insurers[row.pk]),
        therapies=tuple(sorted({group.kind for group in held.values()})),
        family_meets=tuple(sorted(family, key=_order)),
        tracks=tuple(tracks),
        video=any(meeting.mode != Mode.ON_SITE for group in held.values() for meeting in group.meets),
        starts_on=min((track.starts_on for track in tracks if track.starts_on), default=None),
    )


def _groups(sessions: Iterable[Any], at: datetime) -> dict[int, list[OpenGroup | None]]:
    """Group -> as it meets in each span, None where it does not. `free` is of its fullest session there."""
    by_span: dict[tuple[int, int], list[Any]] = defaultdict(list)
    today: dict[str, date] = {}
    for row in sessions:
        zone = row[6]
        if zone not in today:
            today[zone] = at.astimezone(ZoneInfo(zone)).date()
        if row[5] > today[zone]:  # nobody begins today
            by_span[row[0], (row[1] - at) // SPAN].append(row)
    return {
        number: [_open(by_span[number, span]) if (number, span) in by_span else None for span in range(SPANS)]
        for number in {number for number, _ in by_span}
    }


def _open(rows: Sequence[Any]) -> OpenGroup:
    zone = ZoneInfo(rows[0][6])
    meets = set()
    for _, starts, ends, mode, *_ in rows:
        begins, over = starts.astimezone(zone), ends.astimezone(zone)
        meets.add(
            Meets(
                weekday=begins.weekday(),
                starts_at=begins.time(),
                ends_at=over.time(),
                minutes=int((ends - starts).total_seconds()) // 60,
                mode=mode,
            )
        )
    number, *_, name, kind, needs, closed_series = rows[0]
    return OpenGroup(
        id=number,
        name=name,
        kind=kind,
        tracks=frozenset(),
        meets=tuple(sorted(meets, key=_order)),
        free=min(row[4] for row in rows),
        first_on=rows[0][5],
        needs=frozenset(needs),
        closed_series=closed_series,
    )


def _order(meeting: Meets) -> tuple[int, time, time]:
    return meeting.weekday, meeting.starts_at, meeting.ends_at
