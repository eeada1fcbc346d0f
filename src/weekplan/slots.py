"""What could be held and who could sit in it: the candidates from which a week is chosen.

Sessions that are delivered or locked are no candidates: they are taken out here as time, minutes and seats that
are spoken for, so that nothing later can touch them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from weekplan.case import (
    Case,
    Facilitator,
    Fixed,
    Mode,
    Offer,
    Owed,
    Patient,
    Room,
    Span,
    Standing,
    Window,
)
from weekplan.fitting import may_attend


@dataclass(frozen=True, slots=True)
class Slot:
    """A group session that may be held: of one offer, in one mode, at one start, up to `copies` side by side.

    `standing` is set where the session is on the calendar already; then there is one copy, and where it is
    locked it is held anyway (`locked`) and only its free seats are open.
    """

    offer: Offer
    mode: Mode
    span: Span
    copies: int
    standing: Standing | None = None

    @property
    def locked(self) -> bool:
        return self.standing is not None and self.standing.fixed is not Fixed.NO


@dataclass(frozen=True, slots=True)
class Visit:
    """An individual or family session that may be held: one patient, one leader, one start."""

    patient: int
    owed: Owed
    mode: Mode
    span: Span
    leader: int


@dataclass(frozen=True, slots=True)
class RoomClass:
    """Rooms that are alike for every purpose of the week, and so need no names until the end."""

    rooms: tuple[Room, ...]

    @property
    def capacity(self) -> int:
        return self.rooms[0].capacity


@dataclass(slots=True)
class Spoken:
    """What delivered and locked sessions have taken of one patient or facilitator."""

    spans: list[tuple[Span, Mode]] = field(default_factory=list)
    minutes: int = 0
    video: int = 0
    by_kind: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_offer: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    owed: set[str] = field(default_factory=set)
    by_day: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def minutes_of(spoken: Spoken, day: int) -> int:
    return spoken.by_day.get(day, 0)


class Candidates:
    """All that a week can be made of. Lists are in the case's order, so the same case gives the same model."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.offer_of = {offer.id: offer for offer in case.offers}
        self.patient_of = {patient.id: number for number, patient in enumerate(case.patients)}
        self.leader_of = {person.id: number for number, person in enumerate(case.facilitators)}
        self.patients: list[Spoken] = [Spoken() for _ in case.patients]
        self.leaders: list[Spoken] = [Spoken() for _ in case.facilitators]
        self.rooms: dict[str, list[Span]] = defaultdict(list)
        self.times: dict[str, int] = defaultdict(int)
        for standing in case.standing:
            if standing.fixed is not Fixed.NO:
                self._speak_for(standing)
        self.classes = self._room_classes()
        self.slots: list[Slot] = []
        self.rooms_of: list[list[int]] = []  # room classes for each slot
        self.leaders_of: list[list[int]] = []  # who may lead each slot
        self.coleaders_of: list[list[int]] = []
        self._collect_slots()
        self.seats: list[tuple[int, int, bool]] = []  # patient, slot, preferred
        self._collect_seats()
        self.visits: list[Visit] = []
        self.visit_rooms: list[list[int]] = []
        self.visit_preferred: list[bool] = []
        self._collect_visits()

    def _speak_for(self, standing: Standing) -> None:
        case = self.case
        offer = self.offer_of[standing.offer] if standing.offer else None
        kind = offer.kind if offer else ""
        for name in standing.people:
            number = self.patient_of.get(name)
            if number is None:  # of a small case: somebody outside, named because others are kept apart
                continue
            spoken = self.patients[number]
            if standing.owed:
                kind = next(owed.kind for owed in case.patients[number].owed if owed.id == standing.owed)
                spoken.owed.add(standing.owed)
            _take(spoken, standing.span, standing.mode)
            spoken.by_kind[kind] += standing.span.minutes
            if offer:
                spoken.by_offer[offer.id] += 1
        for name in standing.leaders:
            _take(self.leaders[self.leader_of[name]], standing.span, standing.mode)
        if standing.room:
            self.rooms[standing.room].append(standing.span)
        if offer:
            self.times[offer.id] += 1

    def _room_classes(self) -> list[RoomClass]:
        """Rooms alike in seats, features and hours. Where sessions stand already, each room is its own class:
        then it matters which room is taken."""
        alike: dict[object, list[Room]] = {}
        for room in self.case.rooms:
            key: object = (room.capacity, room.features, room.hours)
            if self.case.standing:
                key = room.id
            alike.setdefault(key, []).append(room)
        return [RoomClass(tuple(rooms)) for rooms in alike.values()]

    def rooms_for(self, span: Span, features: Iterable[str], least: int) -> list[int]:
        """Classes whose rooms are open and free for the span, have the features and hold `least` people."""
        wanted = frozenset(features)
        return [
            number
            for number, alike in enumerate(self.classes)
            if alike.capacity >= least
            and wanted <= alike.rooms[0].features
            and any(hours.holds(span) for hours in alike.rooms[0].hours)
            and not any(span.overlaps(taken) for taken in self.rooms.get(alike.rooms[0].id, ()))
        ]

    def free(self, leader: int, span: Span, mode: Mode) -> bool:
        """Whether what is locked and delivered leaves this facilitator free for the span."""
        person = self.case.facilitators[leader]
        spoken = self.leaders[leader]
        if not any(window.holds(span) for window in person.available):
            return False
        limit = max(person.day_most, minutes_of(spoken, span.day))
        if minutes_of(spoken, span.day) + span.minutes > limit:
            return False
        return all(
            span.start >= taken.end + pause(person, mode, other)
            or taken.start >= span.end + pause(person, mode, other)
            for taken, other in spoken.spans
        )

    def _collect_slots(self) -> None:
        case = self.case
        standing_of: dict[tuple[str, Mode, int], int] = defaultdict(int)
        for standing in case.standing:
            if standing.offer is None or standing.fixed is Fixed.DELIVERED:
                continue
            offer = self.offer_of[standing.offer]
            standing_of[offer.id, standing.mode, standing.span.start] += 1
            if standing.fixed is Fixed.LOCKED:
                self._slot(Slot(offer, standing.mode, standing.span, 1, standing), [], [], [])
            elif standing.span.start >= case.now and standing.span.day not in case.closed:
                self._open(Slot(offer, standing.mode, standing.span, 1, standing))
        for offer in case.offers:
            for start in offer.starts:
                span = Span(start, start + offer.minutes)
                if start < case.now or span.day in case.closed:
                    continue
                for mode in sorted(offer.modes):
                    self._open(Slot(offer, mode, span, offer.times[1]))

    def _open(self, slot: Slot) -> None:
        offer, case = slot.offer, self.case
        others = slot.standing.others if slot.standing else 0
        leaders = [
            number
            for number, person in enumerate(case.facilitators)
            if offer.kind in person.leads
            and offer.credentials <= person.credentials
            and self.free(number, slot.span, slot.mode)
        ]
        coleaders: list[int] = []
        if offer.leaders == 2:
            coleaders = [
                number
                for number, person in enumerate(case.facilitators)
                if (offer.kind in person.leads or offer.kind in person.coleads)
                and self.free(number, slot.span, slot.mode)
            ]
            if len(set(leaders) | set(coleaders)) < 2 or not coleaders:
                return
        rooms: list[int] = []
        if slot.mode is Mode.ON_SITE:
            rooms = self.rooms_for(slot.span, offer.features, max(offer.least, others, 1))
            if not rooms:
                return
        if not leaders:
            return
        copies = min(slot.copies, len(leaders))
        if rooms:
            copies = min(copies, sum(len(self.classes[number].rooms) for number in rooms))
        if copies > 0:
            self._slot(Slot(offer, slot.mode, slot.span, copies, slot.standing), leaders, coleaders, rooms)

    def _slot(self, slot: Slot, leaders: list[int], coleaders: list[int], rooms: list[int]) -> None:
        self.slots.append(slot)
        self.leaders_of.append(leaders)
        self.coleaders_of.append(coleaders)
        self.rooms_of.append(rooms)

    def _collect_seats(self) -> None:
        slots_of: dict[tuple[int, Mode], list[int]] = defaultdict(list)
        for number, slot in enumerate(self.slots):
            slots_of[slot.span.day, slot.mode].append(number)
        for number, patient in enumerate(self.case.patients):
            days = sorted({window.span.day for window in patient.windows})
            for day in days:
                windows = [window for window in patient.windows if window.span.day == day]
                for mode in (Mode.ON_SITE, Mode.VIDEO):
                    for index in slots_of.get((day, mode), ()):
                        preferred = _within(windows, self.slots[index].span, mode)
                        if preferred is None or not self._may_sit(number, patient, self.slots[index]):
                            continue
                        self.seats.append((number, index, preferred))

    def _may_sit(self, number: int, patient: Patient, slot: Slot) -> bool:
        offer, spoken = slot.offer, self.patients[number]
        if not may_attend(patient, offer):
            return False
        if slot.standing is not None and slot.locked:
            people = slot.standing.people
            if patient.id in people or any(person in patient.apart for person in people):
                return False
            known = [self.patient_of[person] for person in people if person in self.patient_of]
            if any(patient.id in self.case.patients[one].apart for one in known):
                return False
        if spoken.by_offer.get(offer.id, 0) + 1 > offer.each:
            return False
        return self._has_time(spoken, patient, slot.span, slot.mode)

    def _has_time(self, spoken: Spoken, patient: Patient, span: Span, mode: Mode) -> bool:
        if any(span.overlaps(taken) for taken, _ in spoken.spans):
            return False
        if minutes_of(spoken, span.day) + span.minutes > patient.day_most:
            return False
        return not (mode is Mode.VIDEO and spoken.video + span.minutes > patient.video_most)

    def _collect_visits(self) -> None:
        for number, patient in enumerate(self.case.patients):
            for owed in patient.owed:
                if owed.id in self.patients[number].owed:
                    continue
                for start in owed.starts:
                    self._visits_at(number, patient, owed, Span(start, start + owed.minutes))

    def _visits_at(self, number: int, patient: Patient, owed: Owed, span: Span) -> None:
        if span.start < self.case.now or span.day in self.case.closed:
            return
        for mode in sorted(owed.modes):
            preferred = _within(patient.windows, span, mode)
            if preferred is None or not self._has_time(self.patients[number], patient, span, mode):
                continue
            rooms: list[int] = []
            if mode is Mode.ON_SITE and owed.room is not None:
                rooms = self.rooms_for(span, owed.room, 1)
                if not rooms:
                    continue
            for name in owed.leaders:
                leader = self.leader_of[name]
                if self.free(leader, span, mode):
                    self.visits.append(Visit(number, owed, mode, span, leader))
                    self.visit_rooms.append(rooms)
                    self.visit_preferred.append(preferred)


def pause(person: Facilitator, one: Mode, other: Mode) -> int:
    """Minutes that must lie between two sessions of a facilitator."""
    return person.rest if one is other else max(person.rest, person.travel)


def _take(spoken: Spoken, span: Span, mode: Mode) -> None:
    spoken.spans.append((span, mode))
    spoken.minutes += span.minutes
    spoken.by_day[span.day] += span.minutes
    if mode is Mode.VIDEO:
        spoken.video += span.minutes


def _within(windows: Iterable[Window], span: Span, mode: Mode) -> bool | None:
    """None: the patient cannot come; else whether the time is one she prefers."""
    answer: bool | None = None
    for window in windows:
        if mode in window.modes and window.span.holds(span):
            if window.preferred:
                return True
            answer = False
    return answer
