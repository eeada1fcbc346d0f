"""A draft carried over to a calendar that has changed since it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.planning.made import Row, _facts, _locked_draft, _new_version
from stepwell.clinic.timetable.models import Occurrence, VersionOrigin, WeekVersion
from stepwell.clinic.timetable.queries.versions import (
    changes_since,
    held_of_planned,
    held_of_stood,
    planned_of,
    stood_of,
)
from stepwell.clinic.timetable.rules.comparing import Held, brought_up_to_date


@transaction.atomic
def bring_up_to_date(*, by: Actor, at: datetime, version: WeekVersion) -> WeekVersion:
    """A new draft with everything of this one that still holds; what changed on the calendar meanwhile wins.

    Where both want the same person, room or leader at one time, the draft gives way; sessions that have begun are as
    they took place. Raises `Refused` when nothing has changed.
    """
    policies.may_set_up(by, version.week.site_id)
    draft = _locked_draft(version.pk)
    stood = stood_of(draft.week)
    planned = planned_of(draft)
    begun = {key for key, row in stood.items() if datetime.fromisoformat(row[0]) <= at}
    late = [one for one in planned if one.occurrence_id is None and one.starts <= at]
    if not changes_since(draft, stood) and not late and not _touches(planned, stood, begun):
        raise Refused("The calendar has not changed since this draft was made. Publish it as it is.")
    now = held_of_stood(stood)
    mine = {held.key: held for held in held_of_planned(one for one in planned if one not in late)}
    for held in now:
        if str(held.occurrence) in begun:
            mine[held.key] = held
    gone = _discharged(draft, mine)
    mine = {key: _without(held, gone) for key, held in mine.items()}
    merged = brought_up_to_date(held_of_stood(draft.stood), now, mine.values())
    copy = _new_version(
        by,
        at,
        draft.week,
        VersionOrigin.COPY,
        _rows_of_held(merged, planned, stood, ZoneInfo(draft.week.site.zone)),
        base=draft,
        note=draft.note,
        because=draft.because,
        shortfalls=[],
        stood=stood,
    )
    announce(f"week:{draft.week_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.bring_up_to_date",
        subject=f"WeekVersion {copy.pk}",
        detail={"week": draft.week_id, "number": copy.number, "from": draft.number},
    )
    return copy


def _touches(planned: list[Any], stood: dict[str, Any], begun: set[str]) -> bool:
    """Whether the draft differs from the calendar in a session that has begun."""
    today = {f"c{held.occurrence}": held for held in held_of_stood({k: stood[k] for k in begun})}
    mine = {held.key: held for held in held_of_planned(planned)}
    return any(mine.get(key) is None or _differs(mine[key], held) for key, held in today.items())


def _differs(one: Held, other: Held) -> bool:
    return (one.starts, one.ends, one.mode, one.room, set(one.leaders), one.people) != (
        other.starts,
        other.ends,
        other.mode,
        other.room,
        set(other.leaders),
        other.people,
    )


def _discharged(draft: WeekVersion, mine: dict[str, Held]) -> set[int]:
    """People of the draft who have left since and are no longer to be seated anew."""
    people = {patient for held in mine.values() for patient in held.people}
    here = Episode.objects.filter(patient__in=people, closed_at__isnull=True)
    return people - set(here.values_list("patient_id", flat=True))


def _without(held: Held, gone: set[int]) -> Held:
    return replace(held, people=held.people - gone) if held.people & gone else held


def _rows_of_held(
    merged: tuple[Held, ...], planned: list[Any], stood: dict[str, Any], zone: ZoneInfo
) -> list[Row]:
    """The merged sessions as rows: facts of the draft or of the calendar, and what was merged over them."""
    drafted = dict(zip((held.key for held in held_of_planned(planned)), planned, strict=True))
    calendar = Occurrence.objects.in_bulk([int(pk) for pk in stood])
    rows = []
    for held in merged:
        plan = drafted.get(held.key)
        source = plan or calendar[held.occurrence or 0]
        leaders = [*held.leaders, None, None]
        facts = {
            **_facts(source),
            "key": plan.key if plan is not None else held.key,
            "occurrence_id": held.occurrence,
            "locked": plan.locked if plan is not None else False,
            "starts": held.starts,
            "ends": held.ends,
            "local_date": held.starts.astimezone(zone).date(),
            "facilitator_id": leaders[0],
            "cofacilitator_id": leaders[1],
            "room_id": held.room,
            "mode": held.mode,
        }
        rows.append(Row(facts, set(held.people)))
    return rows
