"""Who is away, which room cannot be used and when a site is closed, as the rules of the intake take it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.inquiry.rules import Out, load_intake_rule, out_fault
from stepwell.clinic.timetable.queries import out_between


def out_of(site_ids: Collection[int], at: datetime, until: datetime | None = None) -> Out:
    """From `at` on, as far ahead as an intake may be booked. Three statements."""
    ends = until or at + timedelta(days=load_intake_rule().booked_ahead_days + 1)
    absences, rooms, closures = out_between(site_ids, at, ends)
    return Out(
        staff=_spans((row.staff_id, row) for row in absences),
        rooms=_spans((row.room_id, row) for row in rooms),
        closed={
            site: {row.on: row.because for row in closures if row.site_id == site}
            for site in {row.site_id for row in closures}
        },
    )


def fault_of(out: Out, intake: Any) -> str:
    """Why a booked intake cannot be as it is; empty when it can. Its staff, room and site are loaded."""
    return out_fault(
        out,
        site_id=intake.site_id,
        zone=ZoneInfo(intake.site.zone),
        starts=intake.starts,
        ends=intake.ends,
        staff=(intake.staff_id, intake.staff.short_name),
        room=(intake.room_id, intake.room.name) if intake.room else None,
    )


def _spans(rows: Iterable[tuple[int, Any]]) -> dict[int, list[tuple[datetime, datetime]]]:
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for key, row in rows:
        found.setdefault(key, []).append((row.starts, row.ends))
    return found
