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

from weekplan.booking import Book
from weekplan.case import DAY, Case, Fixed, Mode, Owed, Span
from weekplan.chairs import DAYS, Cell, Running, numbers
from weekplan.plan import Session

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


class _Planner:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.book = Book(case)
        self.weights = case.weights
        self.used_ids = {standing.id for standing in case.standing}
        self.made = 0
        self.doses = [dict(patient.doses) for patient in case.patients]
        self.used_to = [frozenset(patient.used_to) for patient in case.patients]
        self.published: list[set[tuple[str, int, Mode]]] = [set() for _ in case.patients]
        for standing in case.standing:
            if standing.offer is not None and standing.fixed == Fixed.NO:
                for person in standing.people:
                    if person in self.book.number_of:
                        self.published[self.book.number_of[person]].add(
                            (standing.offer, standing.span.start, standing.mode)
                        )
        self.leaders_of = [
            [who for who in range(len(case.facilitators)) if self.book.may_lead(who, offer)]
            for offer in range(len(case.offers))
        ]
        self.seconds_of = [
            [who for who in range(len(case.facilitators)) if self.book.may_lead(who, offer, second=True)]
            for offer in range(len(case.offers))
        ]
        # Counselors keep time for those whom nobody else may see.
        self.expected = [0] * len(case.facilitators)
        for patient in case.patients:
            for owed in patient.owed:
                if len(owed.leaders) == 1:
                    self.expected[self.book.leader_of[owed.leaders[0]]] += owed.minutes

    def new_id(self) -> str:
        self.made += 1
        while f"s{self.made:03d}" in self.used_ids:
            self.made += 1
        return f"s{self.made:03d}"

    # -- what a seat is worth ------------------------------------------------

    def day_cost(self, number: int, spans: list[tuple[int, int, Mode]]) -> int:
        """Trip, thin day and waits of one day of a patient."""
        if not spans:
            return 0
        w, minutes, cost, last = self.weights, 0, 0, -1
        on_site = False
        for start, end, mode in sorted(spans):
            minutes += end - start
            on_site = on_site or mode == Mode.ON_SITE
            if 0 <= last < start - w.idle_free:
                cost += w.idle_per_minute * (start - last - w.idle_free)
            last = end
        patient = self.case.patients[number]
        return cost + w.trip * on_site + w.thin_day * (minutes < patient.day_least)

    def gain(self, number: int, session: Running | Cell, offer: int) -> int:
        """By how many points the week gets better for a patient with this seat. It must be possible."""
        w, book = self.weights, self.book
        chair, patient = book.chairs[number], self.case.patients[number]
        span, mode, it = session.span, session.mode, self.case.offers[offer]
        minutes, day = span.minutes, span.start // DAY
        room = patient.ordered - chair.kept_back - chair.minutes
        dose_left = 0
        for kind, dose in patient.doses:
            dose_left += max(0, dose - chair.kinds.get(kind, 0))
        dose = max(0, self.doses[number].get(it.kind, 0) - chair.kinds.get(it.kind, 0))
        dosed = min(dose, minutes)
        points = w.short_per_minute * max(0, min(room, minutes)) + w.dose_short_per_minute * dosed
        # A seat of another kind must leave room for the doses still to come.
        left = patient.most - chair.kept_back - chair.minutes
        crowded = max(0, dose_left - dosed - max(0, left - minutes)) - max(0, dose_left - max(0, left))
        points -= w.dose_short_per_minute * crowded
        spans = chair.by_day[day]
        points -= self.day_cost(number, [*spans, (span.start, span.end, mode)]) - self.day_cost(number, spans)
        before, after = chair.day_minutes[day], chair.day_minutes[day] + minutes
        if after >= patient.countable and (not spans or before < patient.countable):
            counted = sum(
                bool(chair.by_day[each]) and chair.day_minutes[each] >= patient.countable
                for each in range(DAYS)
            )
            if counted < patient.days[0]:
                points += w.countable_day_missing if patient.countable else w.day_missing
        cell = book.cells.get((span.start, span.end, mode))
        if cell is None or not cell.preferred >> number & 1:
            points -= w.possible_time
        if (it.id, span.start) in self.used_to[number]:
            points += w.unaccustomed
        if (it.id, span.start, mode) in self.published[number]:
            points += w.moved
        return points

    def best_people(self, cell: Cell, offer: int, places: int) -> tuple[int, list[int]]:
        """The people who gain most by a new group, at most so many, and their gain."""
        crowd = self.crowd(cell, offer) & self.wanting(self.case.offers[offer].kind)
        ranked = sorted(
            ((self.gain(number, cell, offer), -number) for number in numbers(crowd)), reverse=True
        )
        chosen: list[int] = []
        crowd, total = 0, 0
        for points, minus in ranked:
            if points <= 0 or len(chosen) >= places:
                break
            if not crowd & self.book.chairs[-minus].apart:
                chosen.append(-minus)
                crowd |= 1 << -minus
                total += points
        return total, chosen

    def crowd(self, cell: Cell, offer: int) -> int:
        return cell.free & self.book.may_attend[offer] & self.book.each_left[offer]

    def wanting(self, kind: str) -> int:
        return self.short | self.dosed.get(kind, 0)

    def count_wanting(self) -> None:
        """Who is short of minutes, and of which kinds."""
        self.short, self.dosed = 0, dict[str, int]()
        for number in range(len(self.case.patients)):
            self.recount(number)

    def recount(self, number: int) -> None:
        chair, patient, bit = self.book.chairs[number], self.case.patients[number], 1 << number
        if chair.minutes + chair.kept_back < patient.ordered:
            self.short |= bit
        else:
            self.short &= ~bit
        for kind, dose in patient.doses:
            if chair.kinds.get(kind, 0) < dose:
                self.dosed[kind] = self.dosed.get(kind, 0) | bit
            else:
                self.dosed[kind] = self.dosed.get(kind, 0) & ~bit

    # -- leaders and rooms -----------------------------------------------------

    def find_leaders(self, offer: int, span: Span, mode: Mode) -> tuple[int, ...] | None:
        """Those with most time left for it, without overtime if possible."""
        chosen: list[int] = []
        book = self.book
        for able in (self.leaders_of[offer], self.seconds_of[offer])[: self.case.offers[offer].leaders]:
            best: tuple[int, int] | None = None
            for who in able:
                if who in chosen or not book.leader_is_free(who, span, mode):
                    continue
                load = book.led[who] + self.expected[who] + span.minutes
                over = max(0, load - self.case.facilitators[who].week_usual)
                rank = (load + 10 * over + 4 * book.led_day[who][span.day], who)
                if best is None or rank < best:
                    best = rank
            if best is None:
                return None
            chosen.append(best[1])
        return tuple(chosen)

    def find_room(self, span: Span, features: frozenset[str], wanted: int) -> int | None:
        """The smallest room for so many, or else the largest; plain rooms before equipped ones."""
        best: tuple[bool, int, int, int] | None = None
        for room, it in enumerate(self.case.rooms):
            if self.book.room_is_free(room, span, features):
                small = it.capacity < wanted
                rank = (small, -it.capacity if small else it.capacity, len(it.features - features), room)
                if best is None or rank < best:
                    best = rank
        return None if best is None else best[3]

    # -- 2. what is published ----------------------------------------------------

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

    # -- 3. last week, and what is owed --------------------------------------------

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

    def sits_in(self, number: int, offer: int, start: int) -> bool:
        return any(
            session.offer == offer and session.span.start == start and session.crowd >> number & 1
            for session in self.book.sessions
        )

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

    # -- 4. new groups ---------------------------------------------------------------

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

    # -- 5. patient by patient ---------------------------------------------------------

    def unmet(self, number: int) -> int:
        """Points for what this patient is short of: minutes, doses and days."""
        chair, patient = self.book.chairs[number], self.case.patients[number]
        short = max(0, patient.ordered - chair.minutes)
        doses = sum(max(0, dose - chair.kinds.get(kind, 0)) for kind, dose in patient.doses)
        counted = sum(
            bool(chair.by_day[day]) and chair.day_minutes[day] >= patient.countable for day in range(DAYS)
        )
        a_day = self.weights.countable_day_missing if patient.countable else self.weights.day_missing
        return (
            self.weights.short_per_minute * short
            + self.weights.dose_short_per_minute * doses
            + a_day * max(0, patient.days[0] - counted)
        )

    def seat_the_short(self) -> None:
        """Those who are short, the most constrained first: into free seats, by exchange, or wholly anew."""
        for _ in range(3):
            order = sorted(
                (sum(1 for cell in chair.reach if cell.free >> number & 1), number)
                for number, chair in enumerate(self.book.chairs)
                if self.unmet(number)
            )
            before = sum(self.unmet(number) for _, number in order)
            for _, number in order:
                self.fill(number)
                if self.unmet(number):
                    self.exchange(number)
                if self.unmet(number):
                    self.seat_anew(number)
            if sum(self.unmet(number) for _, number in order) >= before:
                break

    def fill(self, number: int) -> int:
        """Takes the best free seat until none gains. Returns the points gained."""
        total = 0
        while True:
            best: tuple[int, Running] | None = None
            for session in self.book.sessions:
                if self.book.may_sit(session, number):
                    points = self.gain_of_seat(number, session)
                    if points > 0 and (best is None or points > best[0]):
                        best = (points, session)
            if best is None:
                return total
            self.book.sit(best[1], number)
            total += best[0]

    def gain_of_seat(self, number: int, session: Running) -> int:
        if session.offer is None:
            return 0
        points = self.gain(number, session, session.offer)
        good = self.case.offers[session.offer].good
        return points + self.weights.thin_group_per_seat * (len(session.people) + session.others < good)

    def exchange(self, number: int) -> None:
        """Into a full group whose member finds as good a seat in another one."""
        bit = 1 << number
        for session in list(self.book.sessions):
            if session.offer is None or session.fixed != Fixed.NO or not session.full or session.cell is None:
                continue
            if not bit & session.cell.free & self.book.may_attend[session.offer]:
                continue
            if not bit & self.book.each_left[session.offer] & ~session.crowd:
                continue
            wanted = self.gain(number, session, session.offer)
            if wanted <= 0:
                continue
            for other in list(session.people):
                if session.crowd & ~(1 << other) & self.book.chairs[number].apart:
                    continue
                self.book.leave(session, other)
                lost = self.gain(other, session, session.offer)
                best: tuple[int, Running] | None = None
                for instead in self.book.sessions:
                    if instead is not session and self.book.may_sit(instead, other):
                        points = self.gain_of_seat(other, instead)
                        if best is None or points > best[0]:
                            best = (points, instead)
                if best is not None and wanted + best[0] > lost:
                    self.book.sit(best[1], other)
                    self.book.sit(session, number)
                    break
                self.book.sit(session, other)
            if not self.unmet(number):
                return

    def seat_anew(self, number: int) -> None:
        """Out of every group that can spare the patient, and in again in the best order; back if not better."""
        mine = [
            session
            for session in self.book.sessions
            if session.crowd >> number & 1
            and session.offer is not None
            and session.fixed == Fixed.NO
            and len(session.people) + session.others > self.case.offers[session.offer].least
        ]
        if not mine:
            return
        stayed = [session for session in self.book.sessions if session.crowd >> number & 1]
        before = self.cost_of(number)
        for session in mine:
            stayed.remove(session)
            self.book.leave(session, number)
        self.fill(number)
        if self.cost_of(number) >= before:
            for session in self.book.sessions:
                if session.crowd >> number & 1 and session not in stayed:
                    self.book.leave(session, number)
            for session in mine:
                self.book.sit(session, number)

    def cost_of(self, number: int) -> int:
        return self.unmet(number) + sum(
            self.day_cost(number, spans) for spans in self.book.chairs[number].by_day
        )

    # -- 6. thin groups ------------------------------------------------------------------

    def close_thin_groups(self) -> None:
        """Closes a group below its good size if all of its people gain as much elsewhere."""
        w = self.weights
        for session in sorted(self.book.sessions, key=lambda s: (len(s.people), s.span.start, s.id)):
            if session.offer is None or session.fixed != Fixed.NO or session.others:
                continue
            it = self.case.offers[session.offer]
            if len(session.people) >= it.good or self.book.held[session.offer] <= it.times[0]:
                continue
            people = list(session.people)
            saved = w.session + w.thin_group_per_seat * (it.good - len(people))
            places, session.places = session.places, 0
            moves: list[tuple[int, Running]] = []
            change = saved
            for number in people:
                self.book.leave(session, number)
                change -= self.gain(number, session, session.offer)
                best: tuple[int, Running] | None = None
                for other in self.book.sessions:
                    if self.book.may_sit(other, number):
                        points = self.gain_of_seat(number, other)
                        if best is None or points > best[0]:
                            best = (points, other)
                if best is not None and best[0] > 0:
                    self.book.sit(best[1], number)
                    moves.append((number, best[1]))
                    change += best[0]
                if change < -w.short_per_minute * it.minutes:
                    break
            if change > 0 and len(session.people) == 0:
                self.book.close(session)
                continue
            for number, other in moves:
                self.book.leave(other, number)
            session.places = places
            for number in people:
                if not session.crowd >> number & 1:
                    self.book.sit(session, number)
