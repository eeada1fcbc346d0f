"""The decisions of a week.

Groups are counted before they are named: how many sessions of a slot are held, how many rooms of a class and
which leaders they take, and who sits in the slot. Naming comes last (`naming.py`). A patient's day is one choice
among its patterns: the sets of times that fit together on that day. That makes the linear bound sharp.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from weekplan.case import Mode, Span
from weekplan.linear import Linear
from weekplan.slots import Candidates, minutes_of

PATTERNS_MOST: Final = 600
"""More ways to spend a day than this are not listed: the day is then described time by time."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to spend a day: its variable, its new minutes, and which of the day's times it holds.

    `on_site`: on such a day the patient comes to the house, at least once. Days by video alone are ways of their
    own, so that the way there is part of the way's price and not an afterthought that the linear bound can halve.
    """

    variable: int
    minutes: int
    times: frozenset[int]
    counted: bool
    on_site: bool


@dataclass(slots=True)
class PatientDay:
    """All of one patient's choices on one day; `times` are the distinct spans, `at` the variables in each."""

    patient: int
    day: int
    times: list[Span]
    at: list[list[int]]
    on_site: list[list[int]]
    base: list[Span]
    there: bool  # what is fixed brings the patient to the house anyway
    patterns: list[Pattern] = field(default_factory=list)
    listed: bool = True
    come: int | None = None  # 1 if anything is chosen on this day
    empty: int | None = None  # the pattern of a day without anything new


class Variables:
    """Numbers of the variables of a week's model, by what they mean."""

    def __init__(self, candidates: Candidates, linear: Linear) -> None:
        self.candidates = candidates
        self.linear = linear
        case = candidates.case
        self.held: list[int | None] = [
            None if slot.locked else linear.variable(slot.copies) for slot in candidates.slots
        ]
        self.rooms: list[dict[int, int]] = []
        self.lead: list[dict[int, int]] = []
        self.colead: list[dict[int, int]] = []
        for number, slot in enumerate(candidates.slots):
            self.rooms.append(
                {
                    kind: linear.variable(min(slot.copies, len(candidates.classes[kind].rooms)))
                    for kind in candidates.rooms_of[number]
                }
            )
            self.lead.append({who: linear.variable() for who in candidates.leaders_of[number]})
            self.colead.append({who: linear.variable() for who in candidates.coleaders_of[number]})
        self.seat: list[int] = [linear.variable() for _ in candidates.seats]
        self.seats_in: list[list[int]] = [[] for _ in candidates.slots]  # numbers into `seats`
        self.seats_of: list[list[int]] = [[] for _ in case.patients]
        for number, (patient, where, _) in enumerate(candidates.seats):
            self.seats_in[where].append(number)
            self.seats_of[patient].append(number)
        self.visit: list[int] = [linear.variable() for _ in candidates.visits]
        self.visits_of: list[list[int]] = [[] for _ in case.patients]
        for number, visit in enumerate(candidates.visits):
            self.visits_of[visit.patient].append(number)
        self.visit_room: list[dict[int, int]] = [
            {kind: linear.variable() for kind in rooms} for rooms in candidates.visit_rooms
        ]
        self.days: list[list[PatientDay]] = [self._days(number) for number in range(len(case.patients))]
        # Filled by the wishes; `naming` and the search read them.
        self.short: list[int | None] = [None] * len(case.patients)

    def _days(self, number: int) -> list[PatientDay]:
        candidates = self.candidates
        spoken = candidates.patients[number]
        times: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        for seat in self.seats_of[number]:
            slot = candidates.slots[candidates.seats[seat][1]]
            here = times.setdefault((slot.span.start, slot.span.end), ([], []))
            here[0].append(self.seat[seat])
            if slot.mode is Mode.ON_SITE:
                here[1].append(self.seat[seat])
        for index in self.visits_of[number]:
            visit = candidates.visits[index]
            here = times.setdefault((visit.span.start, visit.span.end), ([], []))
            here[0].append(self.visit[index])
            if visit.mode is Mode.ON_SITE:
                here[1].append(self.visit[index])
        by_day: dict[int, list[tuple[Span, list[int], list[int]]]] = defaultdict(list)
        for (start, end), (variables, on_site) in sorted(times.items()):
            span = Span(start, end)
            by_day[span.day].append((span, variables, on_site))
        answer = []
        for day in sorted(by_day):
            chosen = by_day[day]
            base = sorted((span for span, _ in spoken.spans if span.day == day), key=lambda span: span.start)
            there = any(span.day == day and mode is Mode.ON_SITE for span, mode in spoken.spans)
            one = PatientDay(
                number,
                day,
                [span for span, _, _ in chosen],
                [variables for _, variables, _ in chosen],
                [variables for _, _, variables in chosen],
                base,
                there,
            )
            self._list(one)
            answer.append(one)
        return answer

    def _list(self, day: PatientDay) -> None:
        """Lists the patterns of a day, the empty one first; too many, and the day stays unlisted."""
        case = self.candidates.case
        patient = case.patients[day.patient]
        room = patient.day_most - minutes_of(self.candidates.patients[day.patient], day.day)
        found: list[tuple[int, ...]] = []

        def extend(chosen: tuple[int, ...], after: int, minutes: int) -> bool:
            found.append(chosen)
            if len(found) > PATTERNS_MOST:
                return False
            for number in range(len(day.times)):
                span = day.times[number]
                if span.start < after or minutes + span.minutes > room:
                    continue
                if not extend((*chosen, number), span.end, minutes + span.minutes):
                    return False
            return True

        day.listed = extend((), 0, 0)
        if not day.listed:
            return
        base = sum(span.minutes for span in day.base)
        for chosen in found:
            spans = [day.times[number] for number in chosen]
            new = sum(span.minutes for span in spans)
            cost = day_cost(self.candidates, day.patient, [*day.base, *spans])
            counted = counts(self.candidates, day.patient, base + new)
            for on_site in self._places(day, chosen):
                trip = case.weights.trip if on_site and not day.there else 0
                variable = self.linear.variable(cost=cost + trip)
                day.patterns.append(Pattern(variable, new, frozenset(chosen), counted, on_site))
        day.empty = day.patterns[0].variable

    def _places(self, day: PatientDay, chosen: tuple[int, ...]) -> list[bool]:
        """Whether a way to spend a day can be on site, by video alone, or either."""
        if not chosen or day.there:
            return [day.there]
        by_video = all(len(day.on_site[number]) < len(day.at[number]) for number in chosen)
        on_site = any(day.on_site[number] for number in chosen)
        return [place for place, possible in ((True, on_site), (False, by_video)) if possible]


def counts(candidates: Candidates, patient: int, minutes: int) -> bool:
    """Whether a day with so many minutes counts towards the days that are wished."""
    countable = candidates.case.patients[patient].countable
    return minutes >= countable if countable else minutes > 0


def day_cost(candidates: Candidates, patient: int, spans: list[Span]) -> int:
    """Points of one day by itself: waits between sessions, and too few minutes to be worth the way."""
    case = candidates.case
    weights = case.weights
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    waits = sum(
        max(0, later.start - earlier.end - weights.idle_free)
        for earlier, later in itertools.pairwise(ordered)
    )
    minutes = sum(span.minutes for span in spans)
    thin = weights.thin_day if 0 < minutes < case.patients[patient].day_least else 0
    return waits * weights.idle_per_minute + thin
