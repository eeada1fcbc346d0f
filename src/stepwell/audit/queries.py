"""Reading the trail: who saw this chart, what somebody did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from stepwell.audit.models import Entry

PAGE = 60
"""Entries read for one page; a visit of many looks is one line, so the page shows fewer lines."""

PAUSE = timedelta(minutes=30)
"""Looks by one person with less than this between them are one visit."""


@dataclass
class Visit:
    """What one person did with one chart in one go: looks and writes, first and last instant, why, from where."""

    who: str
    actor_id: int | None
    why: str
    address: str
    first: datetime
    last: datetime
    looked_at: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)
    entries: int = 0


@dataclass(frozen=True)
class VisitPage:
    """Newest visit first; `older` is the number before which the next page begins."""

    visits: list[Visit]
    older: int | None


def entries_of_patient(patient_id: int, *, before_seq: int | None = None, limit: int = 100) -> list[Entry]:
    """Newest first; `before_seq` continues an earlier page."""
    rows: QuerySet[Entry] = Entry.objects.filter(patient_id=patient_id)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    return list(rows.order_by("-seq")[:limit])


def visits_of_patient(
    patient_id: int, *, zone: str, before_seq: int | None = None, kind: str | None = None
) -> VisitPage:
    """Who saw or changed the chart, in one query. `kind`: 'access', 'write' or None for both."""
    rows: QuerySet[Entry] = Entry.objects.filter(patient_id=patient_id)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    found = list(rows.order_by("-seq")[: PAGE + 1])
    shown = found[:PAGE]
    return VisitPage(visits(shown, zone), shown[-1].seq if len(found) > PAGE else None)


def visits(entries: Iterable[Entry], zone: str) -> list[Visit]:
    """Entries, newest first, gathered into visits: one person, one day, one reason, one address, no long pause."""
    where = ZoneInfo(zone)
    made: list[Visit] = []
    open_visits: dict[tuple[int | None, str, str, str], Visit] = {}
    for entry in entries:
        key = (entry.actor_id, entry.actor_name, entry.why, entry.address)
        visit = open_visits.get(key)
        same_day = visit and visit.first.astimezone(where).date() == entry.at.astimezone(where).date()
        if visit is None or not same_day or visit.first - entry.at > PAUSE:
            visit = Visit(entry.actor_name, entry.actor_id, entry.why, entry.address, entry.at, entry.at)
            open_visits[key] = visit
            made.append(visit)
        visit.first = min(visit.first, entry.at)
        visit.entries += 1
        said = entry.subject if entry.kind == "access" else entry.action
        into = visit.looked_at if entry.kind == "access" else visit.wrote
        if said not in into:
            into.insert(0, said)
    return made


def latest_entries(*, limit: int = 100) -> list[Entry]:
    """The end of the trail, newest first."""
    return list(Entry.objects.order_by("-seq")[:limit])
