"""The parts of a draft as a board: what is planned, who leads, which rooms, who comes; from the rows of `draft_asked`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.people.queries import credential_rules_of
from stepwell.clinic.people.rules import SessionKind, may_lead
from stepwell.clinic.timetable.queries.draft_asked import Asked, WeekSpan, minute_number, topics_had
from stepwell.clinic.timetable.rules import topic_of_week
from stepwell.clinic.timetable.rules.planned import DAY, Group, Leader, Person, Place, Planned, Span, Window
from stepwell.clinic.timetable.rules.planning import Order, Wanted, load_defaults, wanted_in

_MODES = {
    "on_site": frozenset({"on_site"}),
    "video": frozenset({"video"}),
    "both": frozenset({"on_site", "video"}),
}


def planned_sessions(
    row: Mapping[str, Any], first: date, zone: ZoneInfo, at: datetime, seated: Mapping[int, frozenset[int]]
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
        people=seated.get(row["id"], frozenset()),
        locked=row["locked"],
        fixed=row["starts"] <= at,
    )


@dataclass(frozen=True)
class Belonging:
    """The groups, who is enrolled in those that ask for it, the tracks of each, and its topic of the week with how many
    weeks a turn has, where topics roll."""

    groups: list[Any]
    members: list[tuple[int, int, date | None]]
    tracks: dict[int, list[int]]
    topics: dict[int, tuple[str, int]]


def belonging_of(asked: Asked, week: WeekSpan) -> Belonging:
    tracks: dict[int, list[int]] = defaultdict(list)
    for group, track in asked.tracks():
        tracks[group].append(track)
    groups = asked.groups()
    topics = {
        group.pk: (topic_of_week(group.topics, group.starts_on, week.first), len(group.topics))
        for group in groups
        if len(group.topics) > 1
    }
    return Belonging(groups, asked.members(), dict(tracks), topics)


def groups_of_week(asked: Asked, belonging: Belonging) -> list[Group]:
    minutes: dict[int, int] = dict(asked.meetings())
    members: dict[int, set[int]] = defaultdict(set)
    for group, patient, _ in belonging.members:
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
            needs=frozenset(_plain(group.needs)),
            features=frozenset(group.features),
            each=group.each_week,
            leaders=group.leaders,
            members=frozenset(members[group.pk]) if group.closed_series else None,
            tracks=frozenset(belonging.tracks.get(group.pk, ())),
            topic=belonging.topics.get(group.pk, ("", 0))[0],
            room=group.room_id,
            leader=group.facilitator_id,
            coleader=group.cofacilitator_id,
        )
        for group in belonging.groups
    ]


def _plain(words: Iterable[str]) -> Iterable[str]:
    return (word.strip().lower() for word in words if word.strip())


def _tracks_of_people(belonging: Belonging) -> dict[int, int]:
    """Patient -> the first of the tracks that all of her groups with tracks have in common."""
    common: dict[int, list[int]] = {}
    for group, patient, ends_on in belonging.members:
        here = belonging.tracks.get(group)
        if ends_on is None and here:
            common[patient] = [one for one in common.get(patient, here) if one in here]
    return {patient: found[0] for patient, found in common.items() if found}


def _had(belonging: Belonging, week: WeekSpan) -> dict[int, frozenset[int]]:
    """Patient -> groups whose topic of this week she had in the running turn."""
    found: dict[int, set[int]] = defaultdict(set)
    for patient, group in topics_had(belonging.topics, week.first):
        found[patient].add(group)
    return {patient: frozenset(groups) for patient, groups in found.items()}


def leaders_of_week(asked: Asked, week: WeekSpan, busy: Mapping[int, list[Span]]) -> list[Leader]:
    available: dict[int, list[tuple[int, time, time]]] = defaultdict(list)
    for pk, weekday, starts, stops in asked.available():
        available[pk].append((day_number(weekday, week.first), starts, stops))
    usual = load_defaults().load
    loads = {pk: (day, most, rest, travel) for pk, day, most, rest, travel in asked.loads()}
    leads: dict[int, set[str]] = defaultdict(set)
    coleads: dict[int, set[str]] = defaultdict(set)
    for pk, kind, alone in asked.treatments():
        (leads if alone else coleads)[pk].add(kind)
    away: dict[int, list[Span]] = defaultdict(list)
    for pk, from_, until in asked.absences():
        away[pk].append(week.minutes(from_, until))
    credentials: dict[int, list[Any]] = defaultdict(list)
    for row in asked.credentials():
        credentials[row.staff_id].append(row)
    found = []
    for pk, name in asked.staff():
        may = may_lead(credential_rules_of(credentials[pk]), SessionKind.GROUP, week.last)
        day, most, rest, travel = loads.get(
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
                week_most=most,
                rest=rest,
                travel=travel,
            )
        )
    return found


def rooms_of_week(asked: Asked, week: WeekSpan, busy: Mapping[int, list[Span]]) -> list[Place]:
    out: dict[int, list[Span]] = defaultdict(list)
    for pk, starts, stops in asked.outs():
        out[pk].append(week.minutes(starts, stops))
    return [
        Place(
            id=room.pk,
            name=room.name,
            capacity=room.capacity,
            features=frozenset(room.features),
            out=(*out[room.pk], *busy.get(room.pk, ())),
        )
        for room in asked.rooms()
    ]


def people_of_week(
    asked: Asked, week: WeekSpan, belonging: Belonging, busy: Mapping[int, list[Span]]
) -> tuple[list[Person], dict[int, str]]:
    """Who has a seat or an order in the week, with what they get and when they can come; and their codes."""
    orders: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for patient, *order in asked.orders():
        orders[patient].append(tuple(order))
    named = {
        pk: (code, _board_name(preferred or given, family))
        for pk, code, given, preferred, family in asked.named()
    }
    windows: dict[int, list[tuple[int, time, time, bool, bool]]] = defaultdict(list)
    for pk, *window in asked.windows():
        windows[pk].append(tuple(window))
    tags: dict[int, set[str]] = defaultdict(set)
    for pk, tag in asked.tags():
        tags[pk].add(tag.lower())
    track, had = _tracks_of_people(belonging), _had(belonging, week)
    apart: dict[int, set[int]] = defaultdict(set)
    for one, other in asked.apart():
        apart[one].add(other)
        apart[other].add(one)
    usual = load_defaults()
    found = []
    # Hundreds have the same few orders, and many the same times: each kind is worked out once for this board.
    wanted_of: dict[str, Wanted | None] = {}
    windows_of: dict[tuple[Any, ...], tuple[Window, ...]] = {}
    nobody: frozenset[Any] = frozenset()
    for pk, (_, name) in named.items():
        mine = orders.get(pk, ())
        said = repr(mine)
        if said not in wanted_of:
            wanted_of[said] = wanted_in([_order(row) for row in mine], week.first)
        wanted = wanted_of[said]
        can: tuple[Window, ...] | None = None
        if pk in windows:
            times = tuple(windows[pk])
            if times not in windows_of:
                windows_of[times] = _windows(times, week.first)
            can = windows_of[times]
        found.append(
            Person(
                id=pk,
                name=name,
                ordered=wanted.minutes if wanted else 0,
                most=wanted.minutes + usual.above_the_order if wanted else None,
                days_most=wanted.days[1] if wanted else None,
                day_most=usual.day_most,
                windows=can,
                busy=tuple(busy.get(pk, ())),
                apart=frozenset(apart[pk]) if pk in apart else nobody,
                tags=frozenset(tags[pk]) if pk in tags else nobody,
                track=track.get(pk),
                had=had.get(pk, nobody),
                doses=tuple(sorted(wanted.doses.items())) if wanted else (),
            )
        )
    return found, {pk: code for pk, (code, _) in named.items()}


def _order(row: tuple[Any, ...]) -> Order:
    minutes, least, most, doses, starts_on, closed_at = row
    return Order(
        minutes=minutes,
        days_least=least,
        days_most=most,
        doses=doses,
        starts_on=starts_on,
        ends_on=None if closed_at is None else closed_at.date(),
    )


def _board_name(called: str, family: str) -> str:
    """'Ana R.', as `Patient.board_name` says it, without a row for each of five hundred."""
    return f"{called} {family[:1]}."


def taken_times(asked: Asked, week: WeekSpan) -> dict[str, dict[int, list[Span]]]:
    """What rooms, staff and patients are taken by apart from the sessions of this site's week: intakes above all."""
    found: dict[str, dict[int, list[Span]]] = {
        "room": defaultdict(list),
        "staff": defaultdict(list),
        "patient": defaultdict(list),
    }
    for room, staff, patient, during in asked.taken():
        for kind, pk in (("room", room), ("staff", staff), ("patient", patient)):
            if pk is not None:
                found[kind][pk].append(week.minutes(during.lower, during.upper))
    return found


def _windows(rows: Sequence[tuple[int, time, time, bool, bool]], first: date) -> tuple[Window, ...]:
    """Those that touch are one: a session may lie across the seam."""
    numbered = [(day_number(row[0], first), *row[1:]) for row in rows]
    on_site = joined(row[:3] for row in numbered if row[3]) or ()
    video = joined(row[:3] for row in numbered if row[4]) or ()
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
