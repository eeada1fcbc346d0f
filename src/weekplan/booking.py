"""The book of a week in the making: who is where, and whether one more session or seat keeps every rule.

Every hard rule of `docs/algorithms/week.md` has one place here. People are numbers, crowds are the bits of an int, and
for each cell (start, length, mode) the book knows at once who could still come: `free`.
"""

from __future__ import annotations

from collections.abc import Iterable

from weekplan.case import DAY, Case, Fixed, Mode, Owed, Span, Standing
from weekplan.chairs import DAYS, Cell, Chair, Running, numbers
from weekplan.fitting import may_attend, may_colead, may_lead
from weekplan.plan import Session


class Book:
    """All sessions of a week, with what they take of everybody's time."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sessions: list[Running] = []
        self.all_given = False
        self.number_of = {patient.id: number for number, patient in enumerate(case.patients)}
        self.offer_of = {offer.id: number for number, offer in enumerate(case.offers)}
        self.room_of = {room.id: number for number, room in enumerate(case.rooms)}
        self.leader_of = {who.id: number for number, who in enumerate(case.facilitators)}
        self.chairs = [
            Chair(
                patient,
                patient.most,
                patient.days[1],
                patient.video_most,
                [patient.day_most] * DAYS,
                kept_back=sum(owed.minutes for owed in patient.owed),
                apart=self._crowd(patient.apart),
            )
            for patient in case.patients
        ]
        for number, chair in enumerate(self.chairs):  # kept apart by one is kept apart by both
            for other in numbers(chair.apart):
                self.chairs[other].apart |= 1 << number
        self.may_attend = [
            sum(1 << number for number, who in enumerate(case.patients) if may_attend(who, offer))
            for offer in case.offers
        ]
        self.each_left = [(1 << len(self.chairs)) - 1 for _ in case.offers]
        self.held = [0] * len(case.offers)
        self.held_most = [offer.times[1] for offer in case.offers]
        self.leading: list[list[tuple[int, int, Mode]]] = [[] for _ in case.facilitators]
        self.led = [0] * len(case.facilitators)
        self.led_day = [[0] * DAYS for _ in case.facilitators]
        self.week_most = [who.week_most for who in case.facilitators]
        self.led_day_most = [[who.day_most] * DAYS for who in case.facilitators]
        self.room_taken: list[list[tuple[int, int]]] = [[] for _ in case.rooms]
        self.owed_held: set[tuple[int, str]] = set()
        self.cells: dict[tuple[int, int, Mode], Cell] = {}
        for offer in case.offers:
            for start in offer.starts:
                for mode in sorted(offer.modes):
                    if self.may_begin(start):
                        self.cell(Span(start, start + offer.minutes), mode)
        self._put_fixed()

    # -- what never changes --------------------------------------------------

    def _crowd(self, ids: Iterable[str]) -> int:
        return sum(1 << self.number_of[each] for each in ids if each in self.number_of)

    def may_begin(self, start: int) -> bool:
        """Rule 8."""
        return start >= self.case.now and start // DAY not in self.case.closed

    def cell(self, span: Span, mode: Mode) -> Cell:
        key = (span.start, span.end, mode)
        if key not in self.cells:
            time = self.bits_of_time(span.start, span.end)
            cell = self.cells[key] = Cell(span, mode, time, span.minutes, span.day)
            for number, chair in enumerate(self.chairs):
                if chair.fits(span, mode):
                    cell.can |= 1 << number
                    chair.reach.append(cell)
                    if chair.takes(span, mode, chair.kept_back):
                        cell.free |= 1 << number
                if chair.likes(span, mode):
                    cell.preferred |= 1 << number
        return self.cells[key]

    # -- rule 9: what stays ----------------------------------------------------

    def _put_fixed(self) -> None:
        for standing in self.case.standing:
            if standing.fixed != Fixed.NO:
                session = self._standing(standing)
                self._enter(session)
                for person in standing.people:
                    if person in self.number_of:
                        self._sit(session, self.number_of[person])
        for chair in self.chairs:
            chair.most = max(chair.most, chair.minutes)
            chair.days_most = max(chair.days_most, chair.days)
            chair.video_most = max(chair.video_most, chair.video)
            chair.day_most = [max(a, b) for a, b in zip(chair.day_most, chair.day_minutes, strict=True)]
        self.held_most = [max(a, b) for a, b in zip(self.held_most, self.held, strict=True)]
        self.week_most = [max(a, b) for a, b in zip(self.week_most, self.led, strict=True)]
        for most, has in zip(self.led_day_most, self.led_day, strict=True):
            most[:] = [max(a, b) for a, b in zip(most, has, strict=True)]
        for number in range(len(self.chairs)):
            self.refresh(number)

    def _standing(self, standing: Standing) -> Running:
        offer = None if standing.offer is None else self.offer_of[standing.offer]
        owed = None
        if standing.owed is not None:
            owed = next(
                (
                    each
                    for patient in self.case.patients
                    if patient.id in standing.people
                    for each in patient.owed
                    if each.id == standing.owed
                ),
                None,
            )
        room = None if standing.room is None else self.room_of[standing.room]
        places = len(standing.people) + standing.others
        if offer is not None and standing.fixed != Fixed.DELIVERED and self.may_begin(standing.span.start):
            places = self.places(offer, room)
        return Running(
            standing.id,
            offer,
            standing.owed,
            owed.kind if owed else self.case.offers[offer].kind if offer is not None else "individual",
            standing.span,
            standing.mode,
            room,
            tuple(self.leader_of[who] for who in standing.leaders),
            places,
            self.cell(standing.span, standing.mode) if offer is not None else None,
            fixed=standing.fixed,
            others=standing.others,
        )

    # -- may it be? --------------------------------------------------------------

    def places(self, offer: int, room: int | None) -> int:
        most = self.case.offers[offer].most
        return most if room is None else min(most, self.case.rooms[room].capacity)

    def room_is_free(self, room: int, span: Span, features: frozenset[str]) -> bool:
        """Rules 1 and 5."""
        it = self.case.rooms[room]
        return (
            features <= it.features
            and any(hours.holds(span) for hours in it.hours)
            and all(span.end <= start or end <= span.start for start, end in self.room_taken[room])
        )

    def leader_is_free(self, leader: int, span: Span, mode: Mode) -> bool:
        """Rules 1 and 4, but for what a leader may lead."""
        who = self.case.facilitators[leader]
        minutes, day = span.minutes, span.day
        if self.led[leader] + minutes > self.week_most[leader]:
            return False
        if self.led_day[leader][day] + minutes > self.led_day_most[leader][day]:
            return False
        if not any(shift.holds(span) for shift in who.available):
            return False
        for start, end, by in self.leading[leader]:
            gap = who.rest if by == mode else max(who.rest, who.travel)
            if span.start < end + gap and start < span.end + gap:
                return False
        return True

    def may_lead(self, leader: int, offer: int, *, second: bool = False) -> bool:
        """Rule 4: the first leads the kind with the credentials, the second leads or co-leads it."""
        who, it = self.case.facilitators[leader], self.case.offers[offer]
        return may_colead(who, it) if second else may_lead(who, it)

    def may_sit(self, session: Running, number: int) -> bool:
        """Everything that rules 1 to 3, 6 and 7 say about one more seat."""
        if session.offer is None or session.cell is None or session.full:
            return False
        bit = 1 << number
        return bool(
            bit
            & session.cell.free
            & self.may_attend[session.offer]
            & self.each_left[session.offer]
            & ~session.crowd
        ) and not (session.crowd & self.chairs[number].apart)

    # -- writing it down -----------------------------------------------------------

    def open_group(
        self, id: str, offer: int, cell: Cell, room: int | None, leaders: tuple[int, ...], others: int = 0
    ) -> Running:
        it = self.case.offers[offer]
        session = Running(
            id,
            offer,
            None,
            it.kind,
            cell.span,
            cell.mode,
            room,
            leaders,
            self.places(offer, room),
            cell,
            others=others,
        )
        self._enter(session)
        return session

    def open_owed(
        self, id: str, number: int, owed: Owed, span: Span, mode: Mode, room: int | None, leader: int
    ) -> Running:
        session = Running(id, None, owed.id, owed.kind, span, mode, room, (leader,), 1)
        self._enter(session)
        self.sit(session, number)
        return session

    def _enter(self, session: Running) -> None:
        self.sessions.append(session)
        self.lend(session, 1)
        if session.offer is not None:
            self.held[session.offer] += 1

    def lend(self, session: Running, sign: int) -> None:
        """Takes the room and the leaders for a session (1), or gives them back (-1)."""
        span, day, minutes = session.span, session.span.day, session.span.minutes * sign
        if session.room is not None:
            taken = self.room_taken[session.room]
            (taken.append if sign > 0 else taken.remove)((span.start, span.end))
        for leader in session.leaders:
            leading = self.leading[leader]
            (leading.append if sign > 0 else leading.remove)((span.start, span.end, session.mode))
            self.led[leader] += minutes
            self.led_day[leader][day] += minutes

    def close(self, session: Running) -> None:
        for number in list(session.people):
            self.leave(session, number)
        self.sessions.remove(session)
        self.lend(session, -1)
        if session.offer is not None:
            self.held[session.offer] -= 1

    def sit(self, session: Running, number: int) -> None:
        self._sit(session, number)
        self.refresh(number)

    def _sit(self, session: Running, number: int) -> None:
        chair, span = self.chairs[number], session.span
        session.people.append(number)
        session.crowd |= 1 << number
        chair.by_day[span.day].append((span.start, span.end, session.mode))
        self._count(session, number, 1)
        if session.offer is not None:
            chair.times[session.offer] = chair.times.get(session.offer, 0) + 1
            if chair.times[session.offer] >= self.case.offers[session.offer].each:
                self.each_left[session.offer] &= ~(1 << number)
        elif session.owed is not None:
            self._owed(number, session.owed, held=True)

    def leave(self, session: Running, number: int) -> None:
        chair, span = self.chairs[number], session.span
        session.people.remove(number)
        session.crowd &= ~(1 << number)
        chair.by_day[span.day].remove((span.start, span.end, session.mode))
        self._count(session, number, -1)
        if session.offer is not None:
            chair.times[session.offer] -= 1
            if chair.times[session.offer] < self.case.offers[session.offer].each:
                self.each_left[session.offer] |= 1 << number
        elif session.owed is not None:
            self._owed(number, session.owed, held=False)
        self.refresh(number)

    def _owed(self, number: int, owed: str, *, held: bool) -> None:
        (self.owed_held.add if held else self.owed_held.discard)((number, owed))
        chair = self.chairs[number]
        chair.kept_back = (
            0
            if self.all_given
            else sum(each.minutes for each in chair.patient.owed if (number, each.id) not in self.owed_held)
        )

    def give_all(self) -> None:
        """Keeps no more minutes back for owed sessions that found no time."""
        self.all_given = True
        for number, chair in enumerate(self.chairs):
            chair.kept_back = 0
            self.refresh(number)

    def _count(self, session: Running, number: int, sign: int) -> None:
        chair, minutes = self.chairs[number], session.span.minutes * sign
        chair.minutes += minutes
        chair.day_minutes[session.span.day] += minutes
        chair.kinds[session.kind] = chair.kinds.get(session.kind, 0) + minutes
        if session.mode == Mode.VIDEO:
            chair.video += minutes

    def refresh(self, number: int) -> None:
        """Says anew in which cells the patient is still free: `Chair.takes` for all of them at once."""
        chair, bit = self.chairs[number], 1 << number
        room = chair.most - chair.kept_back - chair.minutes
        by_video = chair.video_most - chair.video
        full = chair.days >= chair.days_most
        left = [
            -1 if full and not spans else min(room, most - has)
            for spans, most, has in zip(chair.by_day, chair.day_most, chair.day_minutes, strict=True)
        ]
        busy = 0
        for spans in chair.by_day:
            for start, end, _ in spans:
                busy |= self.bits_of_time(start, end)
        for cell in chair.reach:
            free = cell.minutes <= left[cell.day] and not busy & cell.time
            if free and (cell.mode == Mode.ON_SITE or cell.minutes <= by_video):
                cell.free |= bit
            else:
                cell.free &= ~bit

    def bits_of_time(self, start: int, end: int) -> int:
        grid = self.case.grid
        first, last = start // grid, -(-end // grid)
        return ((1 << last - first) - 1) << first

    def week(self) -> tuple[Session, ...]:
        """The sessions as a plan holds them, in the order of time."""
        ids = [patient.id for patient in self.case.patients]
        return tuple(
            Session(
                id=each.id,
                offer=None if each.offer is None else self.case.offers[each.offer].id,
                owed=each.owed,
                kind=each.kind,
                span=each.span,
                mode=each.mode,
                room=None if each.room is None else self.case.rooms[each.room].id,
                leaders=tuple(self.case.facilitators[who].id for who in each.leaders),
                people=tuple(
                    ids[number] for number in (sorted(each.people) if each.fixed == Fixed.NO else each.people)
                ),
                fixed=each.fixed.value,
                others=each.others,
            )
            for each in sorted(self.sessions, key=lambda s: (s.span.start, s.offer is None, s.id))
        )
