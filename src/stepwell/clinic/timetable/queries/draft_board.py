"""One version of a week as a board: what is planned, and everything the rules judge it by.

The number of statements is the same for five sessions and for sixty, for ten patients and for five hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Credential, Reservation, Room, SiteHours, Staff
from stepwell.clinic.people.queries import credential_rules_of, patients_for
from stepwell.clinic.people.rules import SessionKind, may_lead
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable.models import (
    Closure,
    Enrollment,
    KeptApart,
    Meeting,
    Occurrence,
    PatientTag,
    PatientWindow,
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    RoomOut,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
    WeekVersion,
)
from stepwell.clinic.timetable.rules import wall_time_instant
from stepwell.clinic.timetable.rules.board import (
    DAY,
    Board,
    Group,
    Leader,
    Person,
    Place,
    Planned,
    Span,
    Window,
    board_of,
)
from stepwell.clinic.timetable.rules.planning import Order, Wanted, load_defaults, wanted_in

_MODES = {
    "on_site": frozenset({"on_site"}),
    "video": frozenset({"video"}),
    "both": frozenset({"on_site", "video"}),
}


@dataclass(frozen=True, kw_only=True)
class DraftBoard:
    """A version with its board. `closed` is the sentence that says why it may not be changed, "" for a draft.

    `undo` and `redo` name the change they would take back or make again, "" when there is none.
    """

    version: WeekVersion
    zone: ZoneInfo
    board: Board
    keys: Mapping[int, str]
    kinds: Mapping[int, str]  # of sessions: group, individual, …
    codes: Mapping[int, str]  # of patients
    closed: str
    undo: str
    redo: str

    @property
    def starts_on(self) -> date:
        return self.board.starts_on

    def minute_of(self, instant: datetime) -> int:
        """The minute of the week in wall time."""
        return _minute_of(instant, self.starts_on, self.zone)

    def instant_of(self, minute: int) -> datetime:
        """The instant of a minute of the week; 6 pm stays 6 pm when the clocks change."""
        return instant_of(self.starts_on, minute, self.zone)


def versions_for(by: Actor) -> Any:
    """Versions of weeks at the sites of `by`, with week, site and publication."""
    return WeekVersion.objects.filter(
        week__site_id__in=by.sites_with(Permission.TIMETABLE_READ)
    ).select_related("week__site", "publication", "by")


def planned_session_for(by: Actor, session_id: int) -> PlannedSession:
    """One planned session; `PlannedSession.DoesNotExist` for one of another site and a missing one alike."""
    found: PlannedSession = PlannedSession.objects.select_related("version__week__site").get(
        pk=session_id, version__week__site_id__in=by.sites_with(Permission.TIMETABLE_READ)
    )
    return found


def room_of(draft: DraftBoard, number: int | None) -> Room | None:
    """A room of the board as a row. Raises KeyError for one that is not on it."""
    return None if number is None else Room.objects.get(pk=draft.board.rooms[number].id)


def leader_of(draft: DraftBoard, number: int | None) -> Staff | None:
    """Somebody who leads on the board, as a row. Raises KeyError for somebody who does not."""
    return None if number is None else Staff.objects.get(pk=draft.board.leaders[number].id)


def group_of(draft: DraftBoard, number: int) -> TherapyGroup:
    """A group of the board as a row. Raises KeyError for one that is not on it."""
    return TherapyGroup.objects.get(pk=draft.board.groups[number].id)


def why_closed(version: WeekVersion) -> str:
    """Why a version may not be changed any more; "" for a draft. The version has its `publication` loaded."""
    if getattr(version, "publication", None) is not None:
        return "This week is published. Make a draft from it, and change that."
    if version.dropped_at is not None:
        return "This draft was put aside. Make a new one, and change that."
    return ""


def instant_of(starts_on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a minute of the week that begins on `starts_on`, in wall time of the zone."""
    day, of_day = divmod(minute, DAY)
    return wall_time_instant(starts_on + timedelta(days=day), time(of_day // 60, of_day % 60), zone)


def draft_board(by: Actor, version_id: int, at: datetime) -> DraftBoard:
    """The version as a board. Raises `WeekVersion.DoesNotExist` for a stranger's.

    People are those whom `by` may see with HOURS_READ; of anybody else only the seat is counted.
    """
    version: WeekVersion = versions_for(by).get(pk=version_id)
    site, first = version.week.site, version.week.starts_on
    zone = ZoneInfo(site.zone)
    last = first + timedelta(days=6)
    begins, ends = instant_of(first, 0, zone), instant_of(first + timedelta(days=7), 0, zone)

    def span(starts: datetime, stops: datetime) -> Span:
        return (
            max(0, _minute_of(starts, first, zone)),
            min(7 * DAY, _minute_of(stops, first, zone)) if stops < ends else 7 * DAY,
        )

    now = max(0, _minute_of(at, first, zone))
    rows = list(PlannedSession.objects.filter(version=version).order_by("starts", "pk").values())
    seated: dict[int, set[int]] = defaultdict(set)
    for session, patient in PlannedSeat.objects.filter(session__version=version).values_list(
        "session_id", "patient_id"
    ):
        seated[session].add(patient)
    taken = _taken(site.pk, first, last, begins, ends, span)
    changes = list(
        PlannedChange.objects.filter(version=version, lost_at__isnull=True)
        .order_by("number")
        .values_list("verb", "title", "undone_at")
    )
    people, codes = _people(by, site.pk, first, last, begins, ends, version.pk, taken["patient"])
    board = board_of(
        starts_on=first,
        sessions=[_planned(row, first, zone, at, seated) for row in rows],
        groups=_groups(site.pk, first, last, {row["group_id"] for row in rows}),
        leaders=_leaders(site.pk, first, last, begins, ends, taken["staff"], span),
        rooms=_rooms(site.pk, begins, ends, taken["room"], span),
        people=people,
        closed=frozenset(
            (on - first).days
            for on in Closure.objects.filter(
                site=site, withdrawn_at__isnull=True, on__gte=first, on__lte=last
            ).values_list("on", flat=True)
        ),
        opens=_joined(
            (_day(weekday, first), opens, closes)
            for weekday, opens, closes in SiteHours.objects.filter(site=site).values_list(
                "weekday", "opens", "closes"
            )
        ),
        now=now,
    )
    done = [(verb, title) for verb, title, undone_at in changes if undone_at is None]
    back = [(verb, title) for verb, title, undone_at in changes if undone_at is not None]
    return DraftBoard(
        version=version,
        zone=zone,
        board=board,
        keys={row["id"]: row["key"] for row in rows},
        kinds={row["id"]: row["kind"] for row in rows},
        codes=codes,
        closed=why_closed(version),
        undo=_named(done[-1]) if done else "",
        redo=_named(back[0]) if back else "",
    )


def _planned(
    row: Mapping[str, Any], first: date, zone: ZoneInfo, at: datetime, seated: Mapping[int, set[int]]
) -> Planned:
    start = _minute_of(row["starts"], first, zone)
    return Planned(
        id=row["id"],
        title=row["title"],
        treatment=row["treatment"],
        group=row["group_id"],
        start=start,
        minutes=int((row["ends"] - row["starts"]).total_seconds() // 60),
        mode="video" if row["mode"] == "video" else "on_site",
        room=row["room_id"],
        leader=row["facilitator_id"],
        coleader=row["cofacilitator_id"],
        capacity=row["capacity"],
        people=frozenset(seated.get(row["id"], ())),
        locked=row["locked"],
        fixed=row["starts"] <= at,
    )


def _groups(site_id: int, first: date, last: date, used: set[int | None]) -> list[Group]:
    groups = list(
        TherapyGroup.objects.filter(
            Q(pk__in=used - {None})
            | Q(starts_on__lte=last) & (Q(ends_on__isnull=True) | Q(ends_on__gte=first)),
            site_id=site_id,
        ).order_by("name", "pk")
    )
    minutes: dict[int, int] = {}
    for group, length in (
        Meeting.objects.filter(group__in=[group.pk for group in groups])
        .order_by("first_on", "pk")
        .values_list("group_id", "minutes")
    ):
        minutes[group] = length
    members: dict[int, set[int]] = defaultdict(set)
    for group, patient in Enrollment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=first),
        group__site_id=site_id,
        group__closed_series=True,
        starts_on__lte=last,
    ).values_list("group_id", "patient_id"):
        members[group].add(patient)
    return [
        Group(
            id=group.pk,
            name=group.name,
            treatment=group.kind,
            minutes=minutes.get(group.pk, 90),
            capacity=group.capacity,
            least=group.least,
            modes=_MODES[group.mode],
            needs=frozenset(group.needs),
            features=frozenset(group.features),
            each=group.each_week,
            leaders=group.leaders,
            members=frozenset(members[group.pk]) if group.closed_series else None,
            room=group.room_id,
            leader=group.facilitator_id,
            coleader=group.cofacilitator_id,
        )
        for group in groups
    ]


def _leaders(
    site_id: int,
    first: date,
    last: date,
    begins: datetime,
    ends: datetime,
    busy: Mapping[int, list[Span]],
    span: Any,
) -> list[Leader]:
    here = Q(site=site_id) | Q(roles__site=site_id, roles__ends_on__isnull=True)
    staff = list(
        Staff.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), here, starts_on__lte=last)
        .distinct()
        .order_by("short_name", "pk")
        .values_list("pk", "short_name")
    )
    ids = [pk for pk, _ in staff]
    available: dict[int, list[tuple[int, time, time]]] = defaultdict(list)
    for pk, weekday, starts, stops in StaffAvailability.objects.filter(
        _holds_in(first, last), staff__in=ids, site=site_id
    ).values_list("staff_id", "weekday", "starts_at", "ends_at"):
        available[pk].append((_day(weekday, first), starts, stops))
    usual = load_defaults().load
    loads = {
        pk: (day, week, rest, travel)
        for pk, day, week, rest, travel in StaffLoad.objects.filter(staff__in=ids, first_on__lte=last)
        .order_by("first_on")
        .values_list("staff_id", "day_most", "week_most", "rest", "travel")
    }
    leads: dict[int, set[str]] = defaultdict(set)
    coleads: dict[int, set[str]] = defaultdict(set)
    for pk, kind, alone in StaffTreatment.objects.filter(staff__in=ids).values_list(
        "staff_id", "kind", "leads"
    ):
        (leads if alone else coleads)[pk].add(kind)
    away: dict[int, list[Span]] = defaultdict(list)
    for pk, from_, until in StaffAbsence.objects.filter(
        staff__in=ids, withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
    ).values_list("staff_id", "starts", "ends"):
        away[pk].append(span(from_, until))
    credentials: dict[int, list[Any]] = defaultdict(list)
    for row in Credential.objects.filter(staff__in=ids):
        credentials[row.staff_id].append(row)
    found = []
    for pk, name in staff:
        may = may_lead(credential_rules_of(credentials[pk]), SessionKind.GROUP, last)
        day, week, rest, travel = loads.get(
            pk, (usual["day_most"], usual["week_most"], usual["rest"], usual["travel"])
        )
        on_file = pk in leads or pk in coleads
        found.append(
            Leader(
                id=pk,
                name=name,
                leads=frozenset(leads[pk]) if on_file else None,
                coleads=frozenset(coleads[pk]),
                available=_joined(available[pk]),
                away=tuple(away[pk]),
                busy=tuple(busy.get(pk, ())),
                credential="" if may.valid else may.sentence,
                day_most=day,
                week_most=week,
                rest=rest,
                travel=travel,
            )
        )
    return found


def _rooms(
    site_id: int, begins: datetime, ends: datetime, busy: Mapping[int, list[Span]], span: Any
) -> list[Place]:
    out: dict[int, list[Span]] = defaultdict(list)
    for pk, starts, stops in RoomOut.objects.filter(
        room__site=site_id, withdrawn_at__isnull=True, starts__lt=ends, ends__gt=begins
    ).values_list("room_id", "starts", "ends"):
        out[pk].append(span(starts, stops))
    return [
        Place(
            id=room.pk,
            name=room.name,
            capacity=room.capacity,
            features=frozenset(room.features),
            out=(*out[room.pk], *busy.get(room.pk, ())),
        )
        for room in Room.objects.filter(site=site_id).order_by("name", "pk")
    ]


def _people(
    by: Actor,
    site_id: int,
    first: date,
    last: date,
    begins: datetime,
    ends: datetime,
    version_id: int,
    busy: Mapping[int, list[Span]],
) -> tuple[list[Person], dict[int, str]]:
    """Who has a seat or an order in the week, with what they get and when they can come; and their codes."""
    ordered_here = Q(
        Q(episode__closed_at__isnull=True) | Q(episode__closed_at__gt=begins),
        episode__patient__site=site_id,
        starts_on__lte=last,
    )
    orders: dict[int, list[Order]] = defaultdict(list)
    for patient, minutes, least, most, doses, starts_on, closed_at in TreatmentOrder.objects.filter(
        ordered_here
    ).values_list(
        "episode__patient_id",
        "minutes_per_week",
        "days_least",
        "days_most",
        "doses",
        "starts_on",
        "episode__closed_at",
    ):
        closes = None if closed_at is None else closed_at.date()
        orders[patient].append(
            Order(
                minutes=minutes,
                days_least=least,
                days_most=most,
                doses=doses,
                starts_on=starts_on,
                ends_on=closes,
            )
        )
    named = {
        pk: (code, _board_name(preferred or given, family))
        for pk, code, given, preferred, family in patients_for(by, Permission.HOURS_READ)
        .filter(
            Q(
                pk__in=TreatmentOrder.objects.filter(ordered_here).values("episode__patient"),
            )
            | Q(pk__in=PlannedSeat.objects.filter(session__version=version_id).values("patient"))
        )
        .order_by("family_name", "given_name", "pk")
        .values_list("pk", "code", "given_name", "preferred_name", "family_name")
    }
    # By a join, not by hundreds of numbers in the statement.
    in_treatment = Q(patient__episodes__closed_at__isnull=True) | Q(patient__episodes__closed_at__gt=begins)
    windows: dict[int, list[tuple[int, time, time, bool, bool]]] = defaultdict(list)
    for pk, weekday, starts, stops, on_site, video in PatientWindow.objects.filter(
        _holds_in(first, last), in_treatment, patient__site=site_id
    ).values_list("patient_id", "weekday", "starts_at", "ends_at", "on_site", "video"):
        windows[pk].append((_day(weekday, first), starts, stops, on_site, video))
    tags: dict[int, set[str]] = defaultdict(set)
    for pk, tag in PatientTag.objects.filter(
        in_treatment, patient__site=site_id, ended_at__isnull=True
    ).values_list("patient_id", "tag"):
        tags[pk].add(tag)
    apart: dict[int, set[int]] = defaultdict(set)
    for one, other in KeptApart.objects.filter(
        first__site=site_id, second__site=site_id, ended_at__isnull=True
    ).values_list("first_id", "second_id"):
        apart[one].add(other)
        apart[other].add(one)
    usual = load_defaults()
    found = []
    alike: dict[str, Wanted | None] = {}  # hundreds have the same few orders
    for pk, (_, name) in named.items():
        asked = orders.get(pk, ())
        said = repr(asked)
        wanted = alike[said] if said in alike else alike.setdefault(said, wanted_in(asked, first))
        found.append(
            Person(
                id=pk,
                name=name,
                ordered=wanted.minutes if wanted else 0,
                most=wanted.minutes + usual.above_the_order if wanted else None,
                days_most=wanted.days[1] if wanted else None,
                day_most=usual.day_most,
                windows=_windows(windows[pk]) if pk in windows else None,
                busy=tuple(busy.get(pk, ())),
                apart=frozenset(apart[pk]),
                tags=frozenset(tags[pk]),
                doses=tuple(sorted(wanted.doses.items())) if wanted else (),
            )
        )
    return found, {pk: code for pk, (code, _) in named.items()}


def _board_name(called: str, family: str) -> str:
    """'Ana R.', as `Patient.board_name` says it, without a row for each of five hundred."""
    return f"{called} {family[:1]}."


def _taken(
    site_id: int,
    first: date,
    last: date,
    begins: datetime,
    ends: datetime,
    span: Any,
) -> dict[str, dict[int, list[Span]]]:
    """What rooms, staff and patients are taken by apart from the sessions of this site's week: intakes above all."""
    ours = Occurrence.objects.filter(site=site_id, local_date__gte=first, local_date__lte=last)
    found: dict[str, dict[int, list[Span]]] = {
        "room": defaultdict(list),
        "staff": defaultdict(list),
        "patient": defaultdict(list),
    }
    for room, staff, patient, during in (
        Reservation.objects.filter(
            Q(room__site=site_id) | Q(staff__site=site_id) | Q(patient__site=site_id),
            released_at__isnull=True,
            during__startswith__lt=ends,
            during__endswith__gt=begins,
        )
        .exclude(subject=Reservation.For.OCCURRENCE, subject_id__in=ours.values("pk"))
        .values_list("room_id", "staff_id", "patient_id", "during")
    ):
        for kind, pk in (("room", room), ("staff", staff), ("patient", patient)):
            if pk is not None:
                found[kind][pk].append(span(during.lower, during.upper))
    return found


def _holds_in(first: date, last: date) -> Q:
    return Q(first_on__lte=last) & (Q(last_on__isnull=True) | Q(last_on__gte=first))


def _windows(rows: Sequence[tuple[int, time, time, bool, bool]]) -> tuple[Window, ...]:
    """Those that touch are one: a session may lie across the seam."""
    on_site = _joined(row[:3] for row in rows if row[3]) or ()
    video = _joined(row[:3] for row in rows if row[4]) or ()
    if on_site == video:
        return tuple(Window(start=start, end=end) for start, end in on_site)
    return (
        *(Window(start=start, end=end, video=False) for start, end in on_site),
        *(Window(start=start, end=end, on_site=False) for start, end in video),
    )


def _joined(rows: Iterable[tuple[int, time, time]]) -> tuple[Span, ...] | None:
    """Spans of the week in order, those that touch as one; None when there are none."""
    spans: list[Span] = []
    for start, end in sorted((day * DAY + _minutes(a), day * DAY + _minutes(b)) for day, a, b in rows):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return tuple(spans) or None


def _minutes(at: time) -> int:
    minutes = at.hour * 60 + at.minute
    return minutes + 1 if minutes == DAY - 1 else minutes  # 11:59 pm is as late as a time of day can be


def _day(weekday: int, first: date) -> int:
    return (weekday - first.weekday()) % 7


def _minute_of(instant: datetime, first: date, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return (local.date() - first).days * DAY + local.hour * 60 + local.minute


_DONE = {
    "move": "moving {}",
    "seat": "the seat in {}",
    "add": "adding {}",
    "drop": "dropping {}",
    "lock": "locking {}",
    "unlock": "unlocking {}",
}


def _named(change: tuple[str, str]) -> str:
    return _DONE[change[0]].format(change[1])
