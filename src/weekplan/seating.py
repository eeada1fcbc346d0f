"""Steps 5 and 6 of a week made by hand: who is short is seated by exchange or anew, thin groups are closed."""

from __future__ import annotations

from weekplan.case import Fixed
from weekplan.chairs import Running
from weekplan.weighing import Weighing


class Seating(Weighing):
    """Seats in the sessions that are held; no group is opened here."""

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
