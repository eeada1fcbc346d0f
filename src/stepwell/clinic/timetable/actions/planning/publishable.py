"""Whether a draft can be published now, with the sentence when it cannot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.clinic.people.models import Patient, Room
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_and_clock
from stepwell.clinic.timetable.models import (
    Occurrence,
    Publication,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.versions import (
    changes_since,
    said_changes,
    stood_of,
)
from stepwell.clinic.timetable.rules.comparing import Difference


def _lock_sessions(draft: WeekVersion) -> dict[int, Occurrence]:
    """The sessions of the week, and those the draft knows: nobody books or cancels until the end."""
    mine = Q(pk__in=draft.sessions.exclude(occurrence=None).values("occurrence"))
    rows = Occurrence.objects.select_for_update(no_key=True).filter(
        mine | Q(pk__in=[int(pk) for pk in stood_of(draft.week)])
    )
    return {row.pk: row for row in rows.order_by("pk")}


def _refuse_a_changed_calendar(draft: WeekVersion, now: dict[str, Any], zone: ZoneInfo) -> None:
    since = changes_since(draft, now)
    if not since:
        return
    other = Publication.objects.filter(week=draft.week, at__gte=draft.at).order_by("-number").first()
    who = ""
    if other is not None:
        name = other.by.name if other.by is not None else "Stepwell"
        who = f"{name} published draft {other.version.number} meanwhile. "
    raise Refused(
        f"{who}The calendar has changed since this draft was made: {said_changes(since, zone)}. "
        "Nothing was published; bring the draft up to date first."
    )


def _refuse_what_comes_too_late(changes: Difference, at: datetime, zone: ZoneInfo) -> None:
    for change in changes.sessions:
        was, will = change.before, change.after
        if was is not None and was.starts <= at:
            raise Refused(
                f"{was.title} on {day_and_clock(was.starts, zone)} has begun, and this draft would change it. "
                "Nothing was published; bring the draft up to date first."
            )
        if will is not None and will.starts <= at:
            raise Refused(
                f"{will.title} would begin on {day_and_clock(will.starts, zone)}, and that time has passed. "
                "Nothing was published; move it or bring the draft up to date."
            )


def _refuse_too_many(changes: Difference, planned: Iterable[Any], zone: ZoneInfo) -> None:
    room_of = {one.room_id: one.room for one in planned if one.room_id}
    capacity = {f"c{one.occurrence_id}" if one.occurrence_id else one.pk: one.capacity for one in planned}
    keyed = {_moment(one): one.pk for one in planned}
    for change in changes.sessions:
        will = change.after
        if will is None or not change.joined:
            continue
        seats = capacity.get(will.key) or capacity.get(keyed.get(_moment(will), 0)) or len(will.people)
        room: Room | None = room_of.get(will.room)
        most = min(seats, room.capacity) if room is not None else seats
        if len(will.people) > most:
            raise Refused(
                f"{will.title} on {day_and_clock(will.starts, zone)} has {most} seats and "
                f"{len(will.people)} people. Take somebody out of it; nothing was published."
            )


def _moment(one: Any) -> tuple[Any, ...]:
    return (one.title, one.starts, one.ends, one.mode)


def _refuse_who_left(changes: Difference) -> None:
    """Nobody gets a seat who is no longer in treatment."""
    joining = {turned.patient for turned in changes.people if turned.joined}
    here = set(
        Episode.objects.filter(patient__in=joining, closed_at__isnull=True).values_list(
            "patient_id", flat=True
        )
    )
    gone = Patient.objects.filter(pk__in=joining - here).order_by("pk").first()
    if gone is not None:
        raise Refused(
            f"{gone.board_name} is no longer in treatment here and has a new seat in this draft. "
            "Take it back; nothing was published."
        )
