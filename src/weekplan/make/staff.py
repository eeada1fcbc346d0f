"""The facilitators of the hidden week, hired until every session has somebody to lead it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from weekplan.case import DAY, Mode, Span
from weekplan.make.hidden import HiddenWeek, Meeting
from weekplan.make.people import Person, come_on
from weekplan.make.site import OWED_MINUTES, PROFESSIONS, SATURDAY, Profession, owed_starts

_GROUPS_A_DAY: Final = 270
_GROUPS_A_WEEK: Final = 1080
_DAY_MOST: Final = 390
_WEEK_MOST: Final = 1560
_CASELOAD: Final = 12


@dataclass(slots=True)
class Colleague:
    number: int
    profession: Profession
    shifts: tuple[Span, ...]
    credentials: set[str]
    rest: int
    travel: int
    sessions: list[tuple[Span, Mode]] = field(default_factory=list)
    caseload: int = 0

    @property
    def id(self) -> str:
        return f"f{self.number + 1:02d}"

    def minutes(self, day: int | None = None) -> int:
        return sum(span.minutes for span, _ in self.sessions if day is None or span.day == day)

    def free(self, span: Span, mode: Mode) -> bool:
        if not any(shift.holds(span) for shift in self.shifts):
            return False
        for other, by in self.sessions:
            gap = self.rest if by == mode else max(self.rest, self.travel)
            if span.start < other.end + gap and other.start < span.end + gap:
                return False
        return True

    def may_lead(self, meeting: Meeting) -> bool:
        return meeting.group.kind in self.profession.leads and meeting.group.credentials <= self.credentials


@dataclass(frozen=True, slots=True)
class OwedSession:
    """An individual or family session of the hidden week."""

    person: int
    kind: str
    span: Span
    mode: Mode
    leader: int
    needs_room: bool

    @property
    def id(self) -> str:
        return f"p{self.person + 1:03d}-{self.kind}"


def _shifts(name: str, rng: Random) -> tuple[Span, ...]:
    """`day`, `evening`, or `saturday`: four weekdays late, and Saturday morning."""
    off = rng.choice((0, 2, 4))
    if name == "day":
        days = [day for day in range(5) if day != off or rng.random() < 0.7]
        return tuple(Span(day * DAY + 510, day * DAY + 1035) for day in days)
    days = [day for day in range(5) if day != off or name == "evening"]
    late = [Span(day * DAY + 735, day * DAY + 1260) for day in days]
    return (*late, Span(SATURDAY * DAY + 510, SATURDAY * DAY + 840)) if name == "saturday" else tuple(late)


@dataclass(slots=True)
class Staff:
    rng: Random
    colleagues: list[Colleague] = field(default_factory=list)
    owed: list[OwedSession] = field(default_factory=list)
    family_room: list[Span] = field(default_factory=list)

    def hire(self, span: Span, kind: str, credentials: frozenset[str]) -> Colleague:
        fitting = [p for p in PROFESSIONS if kind in p.leads]
        holding = [p for p in fitting if credentials <= p.credentials] or fitting
        minute = span.start % DAY
        name = "saturday" if span.day == SATURDAY else "day" if minute < 780 else "evening"
        shifts = _shifts(name, self.rng)
        while not any(shift.holds(span) for shift in shifts):
            shifts = _shifts(name, self.rng)
        profession = self.rng.choice(holding)
        has = set(profession.credentials) | set(credentials)
        if self.rng.random() < 0.15:
            has.add("spanish")
        new = Colleague(
            len(self.colleagues),
            profession,
            shifts,
            has,
            self.rng.choice((0, 15, 15)),
            15,
        )
        self.colleagues.append(new)
        return new

    def lead(self, week: HiddenWeek) -> None:
        """Leaders for every group, the rarest kinds first in each block."""
        for meeting in sorted(
            week.meetings, key=lambda m: (not m.group.credentials, m.group.kind == "skills", m.start)
        ):
            for seat in range(meeting.group.leaders):
                able = [
                    who
                    for who in self.colleagues
                    if (who.may_lead(meeting) if seat == 0 else meeting.group.kind in who.profession.leads)
                    and who.number not in meeting.leaders
                    and who.free(meeting.span, meeting.mode)
                    and who.minutes(meeting.span.day) < _GROUPS_A_DAY
                    and who.minutes() < _GROUPS_A_WEEK
                ]
                chosen = (
                    min(able, key=lambda who: (who.minutes(), who.number))
                    if able
                    else self.hire(meeting.span, meeting.group.kind, meeting.group.credentials)
                )
                chosen.sessions.append((meeting.span, meeting.mode))
                meeting.leaders.append(chosen.number)

    def meet_everybody(self, week: HiddenWeek) -> None:
        """The individual and family sessions, each with the patient's own counselor."""
        for person in week.persons:
            if person.owed_kinds:
                self._meet(week, person)

    def _meet(self, week: HiddenWeek, person: Person) -> None:
        busy = [meeting.span for meeting in week.of(person.number)]
        counselors = [who for who in self.colleagues if who.profession.counsels and who.caseload < _CASELOAD]
        for who in sorted(counselors, key=lambda who: (who.caseload, who.number)):
            found = self._times(who, person, busy)
            if found is not None:
                break
        else:
            who = self.hire(busy[0] if busy else Span(540, 600), "individual", frozenset())
            found = self._times(who, person, busy)
            if found is None:  # nothing fits: this patient is owed nothing this week
                person.owed_kinds = ()
                return
        who.caseload += 1
        for kind, span, mode in found:
            needs_room = kind == "family" and week.size >= 60 and mode == Mode.ON_SITE
            if needs_room and any(span.overlaps(other) for other in self.family_room):
                needs_room = False
            if needs_room:
                self.family_room.append(span)
            self.owed.append(OwedSession(person.number, kind, span, mode, who.number, needs_room))
            who.sessions.append((span, mode))
            come_on(person, span, mode)

    def _times(self, who: Colleague, person: Person, busy: list[Span]) -> list[tuple[str, Span, Mode]] | None:
        """A time for each session owed; on the day with the fewest minutes, close to a group."""
        mine = list(busy)
        held = list(who.sessions)
        found: list[tuple[str, Span, Mode]] = []
        for kind in person.owed_kinds:
            best: tuple[int, int, int, Span] | None = None
            for start in owed_starts():
                span = Span(start, start + OWED_MINUTES)
                same_day = [other for other in mine if other.day == span.day]
                if not same_day or any(span.overlaps(other) for other in mine):
                    continue
                minutes = sum(other.minutes for other in same_day)
                mode = person.mode_on(span.day)
                if minutes > 240 or not who.free(span, mode):
                    continue
                if who.minutes(span.day) + 60 > _DAY_MOST or who.minutes() + 60 > _WEEK_MOST:
                    continue
                outside = not any(
                    mode in window.modes and window.span.holds(span) for window in person.windows
                )
                wait = min(max(other.start - span.end, span.start - other.end) for other in same_day)
                rank = (int(outside), minutes, wait, span)
                if best is None or rank[:3] < best[:3]:
                    best = rank
            if best is None:
                who.sessions = held
                return None
            span = best[3]
            mode = person.mode_on(span.day)
            found.append((kind, span, mode))
            mine.append(span)
            who.sessions = [*who.sessions, (span, mode)]
        who.sessions = held
        return found


def hire_staff(week: HiddenWeek, rng: Random) -> Staff:
    """Everybody that the hidden week needs, and their sessions."""
    staff = Staff(rng)
    staff.lead(week)
    staff.meet_everybody(week)
    return staff
