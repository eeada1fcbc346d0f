"""What a seat is worth to a week made by hand, and who could lead it where."""

from __future__ import annotations

from weekplan.booking import Book
from weekplan.case import DAY, Case, Fixed, Mode, Span
from weekplan.chairs import DAYS, Cell, Running, numbers


class Weighing:
    """A book, and what each further seat in it would gain. Nothing is entered here."""

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

    def gain_of_seat(self, number: int, session: Running) -> int:
        if session.offer is None:
            return 0
        points = self.gain(number, session, session.offer)
        good = self.case.offers[session.offer].good
        return points + self.weights.thin_group_per_seat * (len(session.people) + session.others < good)

    def cost_of(self, number: int) -> int:
        return self.unmet(number) + sum(
            self.day_cost(number, spans) for spans in self.book.chairs[number].by_day
        )

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

    def sits_in(self, number: int, offer: int, start: int) -> bool:
        return any(
            session.offer == offer and session.span.start == start and session.crowd >> number & 1
            for session in self.book.sessions
        )

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
