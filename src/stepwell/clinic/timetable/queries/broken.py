"""Sessions to come whose leader is away, whose room cannot be used, or whose day is closed; and names for numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient, Room, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.timetable.models import (
    Closure,
    Occurrence,
    PlannedSession,
    RoomOut,
    StaffAbsence,
    TherapyGroup,
)
from stepwell.clinic.timetable.rules.telling import numbers_in

WEEKS_AHEAD = 6
"""Weeks that are planned: this one and the next ones."""


@dataclass(frozen=True)
class BrokenSession:
    """A session that cannot be held as it stands; `why` is said after its name and time."""

    pk: int
    title: str
    starts: datetime
    local_date: date
    why: str


def broken_sessions(
    by: Actor, at: datetime, *, first: date | None = None, last: date | None = None
) -> list[BrokenSession]:
    """At the home site, from now on, by time. One statement."""
    found = _broken(by).filter(starts__gt=at)
    if first is not None:
        found = found.filter(local_date__gte=first)
    if last is not None:
        found = found.filter(local_date__lte=last)
    rows = found.order_by("starts", "pk").values_list(
        "pk",
        "title",
        "starts",
        "local_date",
        "leader_away",
        "second_away",
        "room_out",
        Coalesce("facilitator__short_name", "title"),
        Coalesce("cofacilitator__short_name", "title"),
        Coalesce("room__name", "title"),
    )
    return [
        BrokenSession(pk, title, starts, day, _why(away, second, out, leader, beside, room))
        for pk, title, starts, day, away, second, out, leader, beside, room in rows
    ]


def waiting(by: Actor, today: date) -> QuerySet[Occurrence]:
    """Sessions of the weeks that can be planned which cannot be held as they stand, for the rail's count."""
    last = today + timedelta(weeks=WEEKS_AHEAD)
    return _broken(by).filter(local_date__range=(today, last), starts__gt=Now())


def _broken(by: Actor) -> QuerySet[Occurrence]:
    """Sessions of the home site that stand and are broken, whenever they are; each with what is wrong with it."""
    away = StaffAbsence.objects.filter(
        withdrawn_at__isnull=True, starts__lt=OuterRef("ends"), ends__gt=OuterRef("starts")
    )
    out = RoomOut.objects.filter(
        withdrawn_at__isnull=True,
        room=OuterRef("room"),
        starts__lt=OuterRef("ends"),
        ends__gt=OuterRef("starts"),
    )
    closed = Closure.objects.filter(
        withdrawn_at__isnull=True, site=OuterRef("site"), on=OuterRef("local_date")
    )
    found = Occurrence.objects.filter(
        site_id=by.home.site_id if by.home.site_id in by.sites_with(Permission.TIMETABLE_READ) else 0,
        cancelled_at__isnull=True,
    )
    return found.annotate(
        leader_away=Exists(away.filter(staff=OuterRef("facilitator"))),
        second_away=Exists(away.filter(staff=OuterRef("cofacilitator"))),
        room_out=Exists(out),
        day_closed=Exists(closed),
    ).filter(Q(leader_away=True) | Q(second_away=True) | Q(room_out=True) | Q(day_closed=True))


def _why(away: bool, second: bool, out: bool, leader: str, beside: str, room: str) -> str:
    if away or second:
        return f"{leader if away else beside} is away"
    return f"{room} cannot be used" if out else "that day is closed"


def names_for(by: Actor, texts: Sequence[str]) -> dict[str, str]:
    """What the optimiser's numbers in these texts are called, for whoever may see it. At most five statements."""
    ids: dict[str, set[int]] = {}
    for number in numbers_in(texts):
        letter = number[1] if number[0] == "x" else number[0]
        if letter != "o":
            ids.setdefault(letter, set()).add(int(number.lstrip("xprscgn").split("-")[0]))
    site = by.home.site_id
    names: dict[str, str] = {}
    if "p" in ids:
        people: Iterable[Patient] = patients_for(by, Permission.TIMETABLE_READ).filter(pk__in=ids["p"])
        names |= {f"p{one.pk}": one.board_name for one in people}
    if "s" in ids:
        names |= _named("s", Staff.objects.filter(pk__in=ids["s"]).values_list("pk", "short_name"))
    if "r" in ids:
        names |= _named("r", Room.objects.filter(pk__in=ids["r"], site=site).values_list("pk", "name"))
    if "g" in ids:
        groups = TherapyGroup.objects.filter(pk__in=ids["g"], site=site)
        named = dict(groups.values_list("pk", "name"))
        for number in numbers_in(texts):
            if number[0] == "g":
                names[number] = named.get(int(number[1:].split("-")[0]), "a group")
    if "c" in ids:
        sessions = Occurrence.objects.filter(pk__in=ids["c"], site=site)
        names |= _named("c", sessions.values_list("pk", "title"))
    if "n" in ids:
        drafted = PlannedSession.objects.filter(pk__in=ids["n"], version__week__site=site)
        names |= _named("n", drafted.values_list("pk", "title"))
    return names


def _named(letter: str, rows: Iterable[tuple[int, str]]) -> dict[str, str]:
    return {f"{x}{letter}{pk}": name for pk, name in rows for x in ("", "x")}
