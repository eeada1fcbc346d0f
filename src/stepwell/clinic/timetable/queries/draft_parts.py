"""The parts of a draft as a board: what is planned, who leads, which rooms, who comes. Each part is a statement or two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Credential, Reservation, Room, Staff
from stepwell.clinic.people.queries import credential_rules_of, patients_for
from stepwell.clinic.people.rules import SessionKind, may_lead
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable.models import (
    Enrollment,
    KeptApart,
    Meeting,
    Occurrence,
    PatientTag,
    PatientWindow,
    PlannedSeat,
    RoomOut,
    StaffAbsence,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
    TherapyGroup,
)
from stepwell.clinic.timetable.rules.board import (
    DAY,
    Group,
    Leader,
    Person,
    Place,
    Planned,
    Span,
    Window,
)
from stepwell.clinic.timetable.rules.planning import Order, Wanted, load_defaults, wanted_in

_MODES = {
    "on_site": frozenset({"on_site"}),
    "video": frozenset({"video"}),
    "both": frozenset({"on_site", "video"}),
}


def planned_sessions(
    row: Mapping[str, Any], first: date, zone: ZoneInfo, at: datetime, seated: Mapping[int, set[int]]
) -> Planned:
    start = minute_number(row["starts"], first, zone)
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


def groups_of_week(site_id: int, first: date, last: date, used: set[int | None]) -> list[Group]:
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


def leaders_of_week(
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
        available[pk].append((day_number(weekday, first), starts, stops))
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
                available=joined(available[pk]),
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


def rooms_of_week(
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


def people_of_week(
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
        windows[pk].append((day_number(weekday, first), starts, stops, on_site, video))
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


def taken_times(
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
    on_site = joined(row[:3] for row in rows if row[3]) or ()
    video = joined(row[:3] for row in rows if row[4]) or ()
    if on_site == video:
        return tuple(Window(start=start, end=end) for start, end in on_site)
    return (
        *(Window(start=start, end=end, video=False) for start, end in on_site),
        *(Window(start=start, end=end, on_site=False) for start, end in video),
    )


def joined(rows: Iterable[tuple[int, time, time]]) -> tuple[Span, ...] | None:
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


def day_number(weekday: int, first: date) -> int:
    return (weekday - first.weekday()) % 7


def minute_number(instant: datetime, first: date, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return (local.date() - first).days * DAY + local.hour * 60 + local.minute
