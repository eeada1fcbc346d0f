"""Rooms, who leads and what is offered, as a case of the week has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from stepwell.clinic.people import rules as people
from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows
from stepwell.clinic.timetable.rules import WeeklyPattern, expand, topic_of_week
from stepwell.clinic.timetable.rules.planning import load_defaults
from weekplan.case import Facilitator, Mode, Offer, Room, Span
from weekplan.fitting import joined

if TYPE_CHECKING:
    from stepwell.clinic.timetable.queries.case_of_sessions import Calendar

MODES = {
    "on_site": frozenset({Mode.ON_SITE}),
    "video": frozenset({Mode.VIDEO}),
    "both": frozenset(Mode),
}
"""How a group is held, as the case says it."""


def rooms_of(rows: WeekRows, grid: int) -> tuple[Room, ...]:
    """Open when the site is, and when one of its groups is set to meet; not while something else has the room."""
    opened = [
        Span(_at(rows, hours.weekday) + _clock(hours.opens), _at(rows, hours.weekday) + _clock(hours.closes))
        for hours in rows.hours
    ] or [Span(day * DAY, (day + 1) * DAY) for day in range(7)]
    meets: dict[int, list[Span]] = defaultdict(list)
    for group in rows.groups:
        if group.room_id:
            meets[group.room_id] += [span for _, span in meetings_of(rows, group)]
    for occurrence in rows.occurrences:
        if occurrence.room_id:
            meets[occurrence.room_id].append(Span(*rows.span_of(occurrence)))
    found = []
    for room in rows.rooms:
        taken = [(o.starts, o.ends) for o in rows.room_outs if o.room_id == room.pk]
        taken += [(r.during.lower, r.during.upper) for r in rows.reservations if r.room_id == room.pk]
        found.append(
            Room(
                id=f"r{room.pk}",
                capacity=room.capacity,
                features=frozenset(_words(room.features)),
                hours=free(rows, [*opened, *meets[room.pk]], taken, grid),
            )
        )
    return tuple(found)


def facilitators_of(rows: WeekRows, grid: int) -> tuple[Facilitator, ...]:
    """Who leads something: kinds said of them, or else those of the groups they lead."""
    defaults = load_defaults().load
    leads: dict[int, set[str]] = defaultdict(set)
    coleads: dict[int, set[str]] = defaultdict(set)
    for one in rows.treatments:
        (leads if one.leads else coleads)[one.staff_id].add(one.kind)
    said = set(leads) | set(coleads)
    for group in rows.groups:
        for who, kinds in ((group.facilitator_id, leads), (group.cofacilitator_id, coleads)):
            if who is not None and who not in said:
                kinds[who].add(group.kind)
    at_work: dict[int, list[Span]] = defaultdict(list)
    for occurrence in rows.occurrences:
        for who in (occurrence.facilitator_id, occurrence.cofacilitator_id):
            if who is not None:
                at_work[who].append(Span(*rows.span_of(occurrence)))
                if who not in said:
                    leads[who].add(occurrence.treatment)
    usual = _usual_times(rows)
    found = []
    for staff in rows.staff:
        held = _held(rows, staff.pk)
        mine = [
            Span(_at(rows, row.weekday) + _clock(row.starts_at), _at(rows, row.weekday) + _clock(row.ends_at))
            for row in rows.availability
            if row.staff_id == staff.pk and _holds(rows, row)
        ]
        spans = mine or [*at_work[staff.pk], *usual[staff.pk]]
        if not (leads[staff.pk] or coleads[staff.pk] or at_work[staff.pk]):
            continue
        away = [(a.starts, a.ends) for a in rows.absences if a.staff_id == staff.pk]
        away += [(r.during.lower, r.during.upper) for r in rows.reservations if r.staff_id == staff.pk]
        load = next((row for row in reversed(rows.loads) if row.staff_id == staff.pk), None)
        found.append(
            Facilitator(
                id=f"s{staff.pk}",
                leads=frozenset(kind for kind in leads[staff.pk] if _may(held, kind, rows)),
                coleads=frozenset(coleads[staff.pk]),
                credentials=frozenset(one.kind for one in held),
                available=free(rows, spans, away, grid),
                day_most=load.day_most if load else defaults["day_most"],
                week_most=load.week_most if load else defaults["week_most"],
                week_usual=load.week_usual if load else defaults["week_usual"],
                rest=load.rest if load else defaults["rest"],
                travel=load.travel if load else defaults["travel"],
            )
        )
    return tuple(found)


def offers_of(rows: WeekRows, grid: int, calendar: Calendar) -> tuple[Offer, ...]:
    """Each group with each of its lengths: as often as it meets, and once more where it is open to join.

    It may begin when it meets, when another group of the site begins, and where it stands on the calendar.
    """
    begins = sorted({s.start for group in rows.groups for _, s in meetings_of(rows, group, always=True)})
    members: dict[int, set[str]] = defaultdict(set)
    for enrollment in rows.enrollments:
        if enrollment.patient_id in rows.patients:
            members[enrollment.group_id].add(f"p{enrollment.patient_id}")
    found = []
    for group in rows.groups:
        spans = meetings_of(rows, group)
        stands = calendar.of_group(group.pk)
        lengths = {span.minutes for _, span in spans} | {span.minutes for span in stands}
        for minutes in sorted(lengths):
            usual = [span for _, span in spans if span.minutes == minutes]
            here = [span for span in stands if span.minutes == minutes]
            count = max(len(usual), len(here))
            starts = {s for s in begins if s % DAY + minutes <= DAY and s % grid == 0}
            starts |= {span.start for span in (*usual, *here)}
            least = max(1, group.least)
            found.append(
                Offer(
                    id=f"g{group.pk}-{minutes}",
                    kind=group.kind,
                    minutes=minutes,
                    least=least,
                    good=min(max(group.good, least), group.capacity),
                    most=group.capacity,
                    modes=MODES[group.mode],
                    times=(len(usual), count if group.closed_series or not usual else count + 1),
                    each=group.each_week,
                    starts=tuple(sorted(starts)),
                    leaders=group.leaders,
                    needs=frozenset(_words(group.needs)),
                    tracks=frozenset(f"t{track.pk}" for track in group.tracks.all()),
                    members=frozenset(members[group.pk]) if group.closed_series else None,
                    topic=topic_id(group, topic_on(rows, group)),
                    features=frozenset(_words(group.features)),
                )
            )
    return tuple(found)


def meetings_of(rows: WeekRows, group: Any, *, always: bool = False) -> list[tuple[Any, Span]]:
    """The group's meetings of this week with their spans; `always`: also those of other weeks of the interval."""
    found = []
    first, until = rows.starts_on, rows.starts_on + timedelta(days=7)
    for meeting in group.meetings.all():
        lasts = [day for day in (meeting.last_on, group.ends_on) if day is not None]
        pattern = WeeklyPattern(
            weekdays=frozenset({meeting.weekday}),
            starts=meeting.starts_at,
            minutes=meeting.minutes,
            first_on=max(meeting.first_on, group.starts_on),
            last_on=min(lasts) if lasts else None,
            every_weeks=1 if always else meeting.every_weeks,
            week_starts=rows.site.week_starts_on,
        )
        for time in expand(pattern, rows.zone, first, until):
            start = (time.local_date - first).days * DAY + _clock(meeting.starts_at)
            if start % DAY + meeting.minutes <= DAY:
                found.append((meeting, Span(start, start + meeting.minutes)))
    return found


def topic_on(rows: WeekRows, group: Any) -> str:
    """The topic of the week: topics roll on from the group's first week."""
    return topic_of_week(group.topics, group.starts_on, rows.starts_on)


def topic_id(group: Any, topic: str) -> str | None:
    """A topic as the case names it: by its place in the curriculum, never by its words."""
    return f"g{group.pk}:{group.topics.index(topic)}" if topic and topic in group.topics else None


def free(
    rows: WeekRows, spans: Iterable[Span], taken: Sequence[tuple[datetime, datetime]], grid: int
) -> tuple[Span, ...]:
    """The spans on the grid, joined, without what is taken; within this week."""
    out = [(rows.minute_of(starts), rows.minute_of(ends)) for starts, ends in taken]
    left = []
    for span in joined(_within_days(spans)):
        parts = [span]
        for start, end in out:
            parts = [
                piece
                for part in parts
                for piece in (Span(part.start, min(part.end, start)), Span(max(part.start, end), part.end))
                if piece.start < piece.end
            ]
        left += parts
    on_grid = (Span(-(-one.start // grid) * grid, one.end // grid * grid) for one in left)
    return joined(one for one in on_grid if one.start < one.end)


def _within_days(spans: Iterable[Span]) -> Iterable[Span]:
    for span in spans:
        if 0 <= span.start < 7 * DAY:
            yield Span(span.start, min(span.end, (span.start // DAY + 1) * DAY))


def _usual_times(rows: WeekRows) -> dict[int, list[Span]]:
    """When somebody's groups meet."""
    found: dict[int, list[Span]] = defaultdict(list)
    for group in rows.groups:
        spans = [span for _, span in meetings_of(rows, group)]
        for who in (group.facilitator_id, group.cofacilitator_id):
            if who is not None:
                found[who] += spans
    return found


def _held(rows: WeekRows, staff_id: int) -> list[people.Credential]:
    """Credentials that are valid throughout the week."""
    last = rows.starts_on + timedelta(days=6)
    held = (
        people.Credential(kind=c.kind, issued_on=c.issued_on, expires_on=c.expires_on)
        for c in rows.credentials
        if c.staff_id == staff_id
    )
    return [c for c in held if all(people.credential_valid(c, day).valid for day in (rows.starts_on, last))]


def _may(held: Sequence[people.Credential], kind: str, rows: WeekRows) -> bool:
    """Whether a credential lets them lead it: groups for the kinds held as groups, else the kind's own session."""
    session = {
        "individual": people.SessionKind.INDIVIDUAL,
        "medical": people.SessionKind.MEDICAL,
        "case_management": people.SessionKind.CASE_MANAGEMENT,
        "peer": people.SessionKind.PEER,
    }.get(kind, people.SessionKind.GROUP)
    if people.may_lead(held, session, rows.starts_on).valid:
        return True
    return (
        session is people.SessionKind.PEER
        and people.may_lead(held, people.SessionKind.GROUP, rows.starts_on).valid
    )


def _holds(rows: WeekRows, row: Any) -> bool:
    """Whether a weekly row holds on its day of this week."""
    day = rows.starts_on + timedelta(days=_at(rows, row.weekday) // DAY)
    return bool(row.first_on <= day and (row.last_on is None or day <= row.last_on))


def _at(rows: WeekRows, weekday: int) -> int:
    """The first minute of that weekday in the site's own week."""
    return (weekday - rows.starts_on.weekday()) % 7 * DAY


def _clock(time: Any) -> int:
    return int(time.hour) * 60 + int(time.minute)


def _words(words: Iterable[str]) -> list[str]:
    return [word.strip().lower() for word in words if word.strip()]
