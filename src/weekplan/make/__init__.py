"""Makes cases: realistic ones of any size, and small odd ones for tests.

A realistic case is read off a hidden week that works (`hidden.py`, `staff.py`), so that in almost all of them nobody
needs to be short. The same numbers give the same case.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

from weekplan.case import DAY, Case, Facilitator, Fixed, Mode, Offer, Owed, Patient, Room, Span, Standing
from weekplan.make.hidden import HiddenWeek, Meeting, hidden_week
from weekplan.make.people import Person
from weekplan.make.rough import rough
from weekplan.make.site import (
    BLOCK,
    BOTH,
    ON_SITE,
    OWED_MINUTES,
    Group,
    cells,
    opening_hours,
    owed_starts,
)
from weekplan.make.staff import Staff, hire_staff
from weekplan.plan import Session

__all__ = ["make", "make_with_week", "rough"]

_FAMILY_ROOM: Final = "family-room"
_TUESDAY_SEVEN: Final = DAY + 420


def make(patients: int, seed: int, *, standing: bool = False) -> Case:
    """A realistic case of so many patients.

    With `standing`, the hidden week is this week's published plan, Monday has been held and it is Tuesday, 7:00.
    """
    return make_with_week(patients, seed, standing=standing)[0]


def make_with_week(patients: int, seed: int, *, standing: bool = False) -> tuple[Case, tuple[Session, ...]]:
    """The case, and the hidden week that it was read off.

    Raises ValueError for fewer than 5 patients: no group comes together.
    """
    if patients < 5:
        raise ValueError("A case has 5 patients or more.")
    rng = Random(seed * 1009 + patients)  # noqa: S311 - made cases are repeatable, not secret
    week = hidden_week(patients, rng)
    rooms = week.give_rooms()
    staff = hire_staff(week, rng)
    case = Case(
        name=f"made-{patients}-{seed}",
        zone="America/New_York",
        starts_on="2026-03-02",
        grid=15,
        closed=frozenset(),
        now=0,
        rooms=_rooms(rooms, staff),
        facilitators=_facilitators(staff),
        offers=_offers(week, rng),
        patients=tuple(_patient(person, week, staff, rng) for person in week.persons),
    )
    sessions = _sessions(week, staff)
    if not standing:
        return case, sessions
    held = tuple(
        Standing(
            session.id,
            session.offer,
            session.owed,
            session.span,
            session.mode,
            session.room,
            session.leaders,
            session.people,
            Fixed.DELIVERED if session.span.end <= _TUESDAY_SEVEN else Fixed.NO,
        )
        for session in sessions
    )
    fixed = {each.id: each.fixed.value for each in held}
    sessions = tuple(replace(session, fixed=fixed[session.id]) for session in sessions)
    return replace(case, standing=held, now=_TUESDAY_SEVEN), sessions


def _rooms(rooms: list[tuple[int, frozenset[str]]], staff: Staff) -> tuple[Room, ...]:
    hours = opening_hours()
    made = [
        Room(f"room-{number + 1}", capacity, features, hours)
        for number, (capacity, features) in enumerate(rooms)
    ]
    if staff.family_room:
        made.append(Room(_FAMILY_ROOM, 6, frozenset({"family"}), hours))
    return tuple(made)


def _facilitators(staff: Staff) -> tuple[Facilitator, ...]:
    made = []
    for who in staff.colleagues:
        day = max([_day_minutes(who.sessions, day) for day in range(6)], default=0)
        week = who.minutes()
        usual = max(-(-week // 60) * 60, 900)
        made.append(
            Facilitator(
                id=who.id,
                leads=who.profession.leads,
                coleads=frozenset({"process", "skills", "education", "family"}),
                credentials=frozenset(who.credentials),
                available=who.shifts,
                day_most=max(360, day),
                week_most=usual + 360,
                week_usual=usual,
                rest=who.rest,
                travel=who.travel,
            )
        )
    return tuple(made)


def _day_minutes(sessions: list[tuple[Span, Mode]], day: int) -> int:
    return sum(span.minutes for span, _ in sessions if span.day == day)


def _offers(week: HiddenWeek, rng: Random) -> tuple[Offer, ...]:
    """The groups that the hidden week holds, with room for one or a few more of each."""
    by_offer: dict[str, list[Meeting]] = {}
    for meeting in week.meetings:
        by_offer.setdefault(meeting.offer, []).append(meeting)
    groups: dict[str, Group] = {}
    for meeting in week.meetings:
        groups.setdefault(meeting.offer, meeting.group)
    made = []
    for offer in sorted(by_offer):
        group, held = groups[offer], len(by_offer[offer])
        used = sorted({meeting.start for meeting in by_offer[offer]})
        closed = offer in week.members
        if closed:
            starts = sorted({*used, *rng.sample(cells(), 2)})
        elif group.needs or group.topic or group.leaders == 2:
            starts = sorted({*used, *rng.sample(cells(), 14)})
        else:
            starts = list(cells())
        made.append(
            Offer(
                id=offer,
                kind=group.kind,
                minutes=BLOCK,
                least=week.least,
                good=5 if week.size < 12 else 7,
                most=group.most,
                modes=group.modes,
                times=(1, 1) if closed else (int(rng.random() < 0.6), held + 1 + held // 4),
                each=group.each,
                starts=tuple(starts),
                leaders=group.leaders,
                needs=group.needs,
                tracks=group.tracks,
                members=frozenset(f"p{n + 1:03d}" for n in week.members[offer]) if closed else None,
                topic=group.topic,
                credentials=group.credentials,
                features=group.features,
            )
        )
    return tuple(made)


def _patient(person: Person, week: HiddenWeek, staff: Staff, rng: Random) -> Patient:
    meetings = week.of(person.number)
    owed = [session for session in staff.owed if session.person == person.number]
    spans = [(m.span, m.mode) for m in meetings] + [(s.span, s.mode) for s in owed]
    by_day: dict[int, int] = {}
    for span, _ in spans:
        by_day[span.day] = by_day.get(span.day, 0) + span.minutes
    total = sum(by_day.values())
    ordered = min(person.ordered, total)
    counting = sum(minutes >= person.countable for minutes in by_day.values())
    video = sum(span.minutes for span, mode in spans if mode == Mode.VIDEO)
    flexible = any(Mode.VIDEO in window.modes for window in person.windows)
    kinds: dict[str, int] = {}
    for meeting in meetings:
        kinds[meeting.group.kind] = kinds.get(meeting.group.kind, 0) + BLOCK
    doses = []
    for kind in sorted(kinds):
        if rng.random() < (0.75 if kind in ("process", "skills") else 0.4):
            doses.append((kind, kinds[kind] if rng.random() < 0.6 else BLOCK))
    return Patient(
        id=person.id,
        ordered=ordered,
        most=max(ordered + 60, total),
        days=(min(counting, max(3, ordered // 180)), max(5, len(by_day))),
        day_least=120,
        day_most=max(240 if rng.random() < 0.6 else 300, max(by_day.values(), default=0)),
        countable=person.countable,
        windows=tuple(sorted(person.windows, key=lambda w: (w.span.start, w.span.end, not w.preferred))),
        doses=tuple(doses),
        video_most=max(video, rng.choice((180, 270, 360)) if flexible else 0),
        owed=tuple(
            Owed(
                id=session.id,
                kind=session.kind,
                minutes=OWED_MINUTES,
                leaders=(staff.colleagues[session.leader].id,),
                modes=ON_SITE if session.needs_room or session.mode == Mode.ON_SITE else BOTH,
                starts=owed_starts(),
                room=frozenset({"family"}) if session.needs_room else None,
            )
            for session in owed
        ),
        apart=frozenset(
            f"p{(b if a == person.number else a) + 1:03d}" for a, b in week.apart if person.number in (a, b)
        ),
        tags=person.tags,
        track=person.track,
        had=person.had,
        used_to=person.used_to,
    )


def _sessions(week: HiddenWeek, staff: Staff) -> tuple[Session, ...]:
    groups = [
        Session(
            id=f"s{number:03d}",
            offer=meeting.offer,
            owed=None,
            kind=meeting.group.kind,
            span=meeting.span,
            mode=meeting.mode,
            room=None if meeting.room is None else f"room-{meeting.room + 1}",
            leaders=tuple(staff.colleagues[who].id for who in meeting.leaders),
            people=tuple(f"p{number + 1:03d}" for number in sorted(meeting.who)),
        )
        for number, meeting in enumerate(sorted(week.meetings, key=lambda m: (m.start, m.offer)), start=1)
    ]
    return (
        *groups,
        *(
            Session(
                id=f"o-{session.id}",
                offer=None,
                owed=session.id,
                kind=session.kind,
                span=session.span,
                mode=session.mode,
                room=_FAMILY_ROOM if session.needs_room else None,
                leaders=(staff.colleagues[session.leader].id,),
                people=(f"p{session.person + 1:03d}",),
            )
            for session in staff.owed
        ),
    )
