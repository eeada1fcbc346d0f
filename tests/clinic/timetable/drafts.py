"""Makes drafts of a week with sessions in them, for the tests of the board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.timetable.models import (
    PlannedSeat,
    PlannedSession,
    TherapyGroup,
    Week,
    WeekVersion,
)
from stepwell.clinic.timetable.rules import wall_time_instant
from tests.making import NOW

NEXT_MONDAY = date(2026, 3, 23)
"""The first day of the week after NOW's: all of it can still be changed."""


def make_draft(site: Site, *, starts_on: date = NEXT_MONDAY, number: int = 1, **facts: Any) -> WeekVersion:
    week, _ = Week.objects.get_or_create(site=site, starts_on=starts_on)
    return WeekVersion.objects.create(week=week, number=number, **{"origin": "copy", "at": NOW, **facts})


def on(day: int, hour: int, minute: int = 0, *, zone: str = "America/New_York") -> datetime:
    """An instant of the draft's week: day 0 is its Monday."""
    return wall_time_instant(NEXT_MONDAY + timedelta(days=day), time(hour, minute), ZoneInfo(zone))


def plan(
    draft: WeekVersion,
    group: TherapyGroup,
    starts: datetime,
    people: Sequence[Patient] = (),
    *,
    minutes: int = 90,
    **facts: Any,
) -> PlannedSession:
    """A session of the group in the draft, led and placed as the group says."""
    local = starts.astimezone(ZoneInfo(draft.week.site.zone))
    session = PlannedSession.objects.create(
        version=draft,
        **{
            "key": f"{group.pk}-{starts:%d%H%M}",
            "group": group,
            "kind": "group",
            "treatment": group.kind,
            "title": group.name,
            "starts": starts,
            "ends": starts + timedelta(minutes=minutes),
            "local_date": local.date(),
            "facilitator": group.facilitator,
            "cofacilitator": group.cofacilitator,
            "room": group.room,
            "mode": "video" if group.mode == "video" else "on_site",
            "capacity": group.capacity,
            **facts,
        },
    )
    PlannedSeat.objects.bulk_create(PlannedSeat(session=session, patient=one) for one in people)
    return session
