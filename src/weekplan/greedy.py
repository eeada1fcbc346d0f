"""The week as a careful person makes it by hand: last week first, then group by group and patient by patient.

Every step keeps every hard rule (`booking.py` says what may be). The same case gives the same week.

1. What is delivered or locked stays.                         5. Who is short is seated by exchange or anew.
2. What is published goes on, as far as it still can.         6. Thin groups are closed if their people sit elsewhere.
3. Last week's groups meet again, then the sessions owed.     7. Whatever still gains is filled in.
4. New groups open where most unmet need can sit.
"""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import Final

from weekplan.case import Case, Fixed, Mode, Owed, Span
from weekplan.chairs import Cell, Running, numbers
from weekplan.plan import Session
from weekplan.seating import Seating

_LOOK_AT: Final = 4  # the most promising new groups that are weighed seat by seat


def greedy(case: Case) -> tuple[Session, ...]:
    """A week that keeps every hard rule, in the order of time. At most some seconds for 300 patients."""
    planner = _Planner(case)
    planner.go_on_with_published()
    planner.meet_as_last_week()
    planner.place_owed()
    planner.open_where_needed()
    planner.place_owed()
    planner.seat_the_short()
    planner.close_thin_groups()
    planner.book.give_all()
    planner.open_where_needed()
    planner.place_owed()
    planner.seat_the_short()
    return planner.book.week()


class _Planner(Seating):
    """Steps 2 to 4: what is published, last week's groups and the sessions owed, new groups."""

    def go_on_with_published(self) -> None:
        """The published sessions with their people, room and leaders where these still can."""
        book = self.book
        for standing in self.case.standing:
            span, mode = standing.span, standing.mode
            if standing.fixed != Fixed.NO or not book.may_begin(span.start):
                continue
            if standing.offer is None:
                self.go_on_with_owed(
                    standing.id, standing.people, standing.owed, span, mode, standing.leaders
                )
                continue
            offer = book.offer_of[standing.offer]
            it = self.case.offers[offer]
            if book.held[offer] >= book.held_most[offer] or (span.end - span.start) != it.minutes:
                continue
            if span.start not in it.starts or mode not in it.modes:
                continue
            leaders: tuple[int, ...] | None = tuple(book.leader_of[who] for who in standing.leaders)
            assert leaders is not None
            if not (
                len(leaders) == it.leaders == len(set(leaders))
                and all(book.may_lead(who, offer, second=place > 0) for place, who in enumerate(leaders))
                and all(book.leader_is_free(who, span, mode) for who in leaders)
            ):
                leaders = self.find_leaders(offer, span, mode)
            room = None if standing.room is None else book.room_of[standing.room]
            if mode == Mode.ON_SITE and (room is None or not book.room_is_free(room, span, it.features)):
                room = self.find_room(span, it.features, len(standing.people) + standing.others)
            if leaders is None or (mode == Mode.ON_SITE and room is None):
                continue
            if standing.others > book.places(offer, room if mode == Mode.ON_SITE else None):
                continue
            session = book.open_group(
                standing.id,
                offer,
                book.cell(span, mode),
                room if mode == Mode.ON_SITE else None,
                leaders,
                standing.others,
            )
            for person in standing.people:
                number = book.number_of.get(person)
                if number is not None and book.may_sit(session, number):
                    book.sit(session, number)
            if len(session.people) + session.others < it.least:
                book.close(session)

    def go_on_with_owed(
        self,
        id: str,
        people: tuple[str, ...],
        owed_id: str | None,
        span: Span,
        mode: Mode,
        leaders: tuple[str, ...],
    ) -> None:
        number = self.book.number_of.get(people[0]) if people else None
        if number is None:
            return
        for owed in self.case.patients[number].owed:
            if owed.id == owed_id and (number, owed.id) not in self.book.owed_held:
                if span.minutes == owed.minutes and mode in owed.modes and span.start in owed.starts:
                    self.try_owed(number, owed, span, mode, first=leaders, id=id)
                return

    def meet_as_last_week(self) -> None:
        """The groups to which most people are used, as long as enough of them come."""
        book = self.book
        meant: Counter[tuple[str, int]] = Counter()
        for patient in self.case.patients:
            meant.update(patient.used_to)
        for (name, start), _ in sorted(meant.items(), key=lambda item: (-item[1], item[0][1], item[0][0])):
            offer = book.offer_of.get(name)
            if offer is None or start not in self.case.offers[offer].starts or not book.may_begin(start):
                continue
            it = self.case.offers[offer]
            span = Span(start, start + it.minutes)
            while book.held[offer] < book.held_most[offer]:
                best: tuple[int, Mode, list[int]] | None = None
                for mode in sorted(it.modes):
                    cell = book.cell(span, mode)
                    crowd = self.crowd(cell, offer)
                    people = [n for n in numbers(crowd) if (name, start) in self.used_to[n]]
                    people = [n for n in people if self.gain(n, cell, offer) > 0]
                    people = [n for n in people if not self.sits_in(n, offer, start)]
                    if best is None or len(people) > len(best[2]):
                        best = (0, mode, people)
                if best is None or len(best[2]) < it.least:
                    break
                if self.open_group(book.cell(span, best[1]), offer, best[2]) is None:
                    break

    def open_group(self, cell: Cell, offer: int, people: list[int]) -> Running | None:
        """A new group with these people in it; None if no leader, no room or too few seats."""
        it, book = self.case.offers[offer], self.book
        leaders = self.find_leaders(offer, cell.span, cell.mode)
        if leaders is None:
            return None
        room = None
        if cell.mode == Mode.ON_SITE:
            room = self.find_room(cell.span, it.features, max(len(people), min(it.most, it.good + 1)))
            if room is None or book.places(offer, room) < it.least:
                return None
        session = book.open_group(self.new_id(), offer, cell, room, leaders)
        for number in people:
            if book.may_sit(session, number):
                book.sit(session, number)
        if len(session.people) < it.least:
            book.close(session)
            return None
        return session

    def place_owed(self) -> None:
        """Individual and family sessions, those first who have the fewest times for it."""
        book = self.book
        waiting: list[tuple[int, int, int]] = []
        for number, patient in enumerate(self.case.patients):
            for place, owed in enumerate(patient.owed):
                if (number, owed.id) not in book.owed_held:
                    times = sum(1 for _ in self.owed_times(number, owed))
                    waiting.append((times, number, place))
        for _, number, place in sorted(waiting):
            owed = self.case.patients[number].owed[place]
            for _, span, mode in sorted(
                self.owed_times(number, owed), key=lambda time: (-time[0], time[1].start)
            ):
                if self.try_owed(number, owed, span, mode) or self.try_relieved(number, owed, span, mode):
                    break

    def owed_times(self, number: int, owed: Owed) -> list[tuple[int, Span, Mode]]:
        """When the patient could have an owed session, with what it gains beside being held."""
        chair, patient, times = self.book.chairs[number], self.case.patients[number], []
        others_back = max(0, chair.kept_back - owed.minutes)
        for start in owed.starts:
            span = Span(start, start + owed.minutes)
            if not self.book.may_begin(start):
                continue
            for mode in sorted(owed.modes):
                if not chair.takes(span, mode, others_back) or not chair.fits(span, mode):
                    continue
                spans = chair.by_day[span.day]
                after = [*spans, (span.start, span.end, mode)]
                points = self.day_cost(number, spans) - self.day_cost(number, after)
                before, minutes = chair.day_minutes[span.day], chair.day_minutes[span.day] + owed.minutes
                if before < patient.countable <= minutes:
                    points += self.weights.countable_day_missing
                times.append(
                    (points - (0 if chair.likes(span, mode) else self.weights.possible_time), span, mode)
                )
        return times

    def try_owed(
        self,
        number: int,
        owed: Owed,
        span: Span,
        mode: Mode,
        first: tuple[str, ...] = (),
        id: str | None = None,
    ) -> bool:
        book = self.book
        chair = book.chairs[number]
        if not chair.fits(span, mode) or not chair.takes(span, mode, max(0, chair.kept_back - owed.minutes)):
            return False
        room = None
        if owed.room is not None and mode == Mode.ON_SITE:
            room = self.find_room(span, owed.room, 1)
            if room is None:
                return False
        for leader in (*(each for each in first if each in owed.leaders), *owed.leaders):
            who = book.leader_of[leader]
            if book.leader_is_free(who, span, mode):
                book.open_owed(id or self.new_id(), number, owed, span, mode, room, who)
                return True
        return False

    def try_relieved(self, number: int, owed: Owed, span: Span, mode: Mode) -> bool:
        """Somebody else takes the group of the patient's counselor, so that they can meet."""
        book = self.book
        mine = [book.leader_of[leader] for leader in owed.leaders]
        for session in book.sessions:
            if session.fixed != Fixed.NO or session.offer is None or not session.span.overlaps(span):
                continue
            if not any(who in session.leaders for who in mine):
                continue
            before = session.leaders
            book.lend(session, -1)
            held: list[tuple[int, int, Mode]] = []
            for who in mine:  # busy for a moment, so that others are looked for
                book.leading[who].append((span.start, span.end, mode))
                held.append((span.start, span.end, mode))
            instead = self.find_leaders(session.offer, session.span, session.mode)
            for who, entry in zip(mine, held, strict=True):
                book.leading[who].remove(entry)
            session.leaders = instead or before
            book.lend(session, 1)
            if instead is not None:
                if self.try_owed(number, owed, span, mode):
                    return True
                book.lend(session, -1)
                session.leaders = before
                book.lend(session, 1)
        return False

    def open_where_needed(self) -> None:
        """Opens one group after another, each where the people who gain most can sit."""
        book = self.book
        self.count_wanting()
        heap: list[tuple[int, int, int, str]] = []
        for offer, it in enumerate(self.case.offers):
            for start in it.starts:
                if book.may_begin(start):
                    heap += [(-(10**9), offer, start, mode.value) for mode in sorted(it.modes)]
        heapify(heap)
        while heap:
            looked_at: list[tuple[int, Cell, int, list[int], tuple[int, int, int, str]]] = []
            while heap and len(looked_at) < _LOOK_AT:
                entry = heappop(heap)
                _, offer, start, by = entry
                it = self.case.offers[offer]
                cell = book.cells[start, start + it.minutes, Mode(by)]
                promise = self.promise(cell, offer)
                if promise <= 0 or book.held[offer] >= book.held_most[offer]:
                    continue
                if heap and -promise > heap[0][0]:
                    heappush(heap, (-promise, offer, start, by))
                    continue
                if self.find_leaders(offer, cell.span, cell.mode) is None:
                    continue
                places = it.most
                if cell.mode == Mode.ON_SITE:
                    room = self.find_room(cell.span, it.features, it.most)
                    if room is None:
                        continue
                    places = book.places(offer, room)
                total, people = self.best_people(cell, offer, places)
                if len(people) < it.least:
                    continue
                total -= self.weights.session
                total -= self.weights.thin_group_per_seat * max(0, it.good - len(people))
                if book.held[offer] < it.times[0]:
                    total += self.weights.offer_missing
                if total > 0:
                    looked_at.append((total, cell, offer, people, (-promise, offer, start, by)))
            if not looked_at:
                break
            best = max(range(len(looked_at)), key=lambda place: (looked_at[place][0], -place))
            _, cell, offer, people, entry = looked_at[best]
            opened = self.open_group(cell, offer, people)
            for number in people:
                self.recount(number)
            for place, (_, _, _, _, other) in enumerate(looked_at):
                if place != best or opened is not None:
                    heappush(heap, other)

    def promise(self, cell: Cell, offer: int) -> int:
        """At most so many points a new group can gain; quickly, from the crowds alone."""
        w, it = self.weights, self.case.offers[offer]
        crowd = self.crowd(cell, offer)
        short = min(it.most, (crowd & self.short).bit_count())
        dosed = min(it.most, (crowd & self.dosed.get(it.kind, 0)).bit_count())
        if max(short, dosed) < it.least:
            return 0 if (crowd & self.wanting(it.kind)).bit_count() < it.least else 1
        return it.minutes * (w.short_per_minute * short + w.dose_short_per_minute * dosed) - w.session
