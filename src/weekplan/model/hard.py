"""The rules that no week may break: one rule, one function, one sentence (`docs/algorithms/week.md`)."""

from __future__ import annotations

from collections import defaultdict

from weekplan.case import Mode, Span
from weekplan.model.variables import PatientDay, Variables
from weekplan.slots import minutes_of, pause


def add_rules(v: Variables) -> None:
    """Adds every hard rule to the model."""
    patients_are_in_one_place(v)
    patients_get_no_more_than_ordered(v)
    seats_are_in_sessions_that_are_held(v)
    groups_have_their_size(v)
    people_kept_apart_never_share_a_session(v)
    sessions_have_their_leaders(v)
    leaders_are_in_one_place(v)
    leaders_keep_their_hours(v)
    sessions_on_site_have_a_room(v)
    rooms_hold_one_session(v)
    offers_are_held_at_most_so_often(v)
    owed_sessions_are_held_once(v)


def patients_are_in_one_place(v: Variables) -> None:
    """A patient spends a day in one of the ways that fit; where the ways are too many, no two times overlap."""
    for days in v.days:
        for day in days:
            if not day.listed:
                _unlisted(v, day.times, day.at)
                continue
            v.linear.sum([pattern.variable for pattern in day.patterns], low=1, high=1)
            for number, variables in enumerate(day.at):
                terms = [(variable, 1) for variable in variables]
                terms += [(pattern.variable, -1) for pattern in day.patterns if number in pattern.times]
                v.linear.row(terms, low=0, high=0)
            _days_by_video(v, day)


def _days_by_video(v: Variables, day: PatientDay) -> None:
    if day.there or all(pattern.on_site for pattern in day.patterns[1:]):
        return
    for number, variables in enumerate(day.on_site):
        if not variables:
            continue
        terms = [(variable, 1) for variable in variables]
        terms += [
            (pattern.variable, -1) for pattern in day.patterns if pattern.on_site and number in pattern.times
        ]
        v.linear.row(terms, high=0)


def _unlisted(v: Variables, times: list[Span], at: list[list[int]]) -> None:
    for start in sorted({span.start for span in times}):
        busy = [
            variable
            for span, variables in zip(times, at, strict=True)
            if span.start <= start < span.end
            for variable in variables
        ]
        if len(busy) > 1:
            v.linear.sum(busy, high=1)


def patients_get_no_more_than_ordered(v: Variables) -> None:
    """At most the ordered minutes and days of the week, minutes of a day, minutes by video, and times of one offer."""
    candidates = v.candidates
    for number, patient in enumerate(candidates.case.patients):
        spoken = candidates.patients[number]
        week: list[tuple[int, int]] = []
        come: list[int] = []
        days_taken = {span.day for span, _ in spoken.spans}
        for day in v.days[number]:
            if day.listed:
                minutes = [(pattern.variable, pattern.minutes) for pattern in day.patterns if pattern.minutes]
            else:
                minutes = [
                    (variable, span.minutes)
                    for span, variables in zip(day.times, day.at, strict=True)
                    for variable in variables
                ]
                left = patient.day_most - minutes_of(spoken, day.day)
                v.linear.row(minutes, high=left)
            week += minutes
            if day.day in days_taken:
                continue
            if day.listed:
                day.come = v.linear.variable()
                assert day.empty is not None
                v.linear.sum([day.come, day.empty], low=1, high=1)
            else:
                day.come = v.linear.variable()
                for variables in day.at:
                    v.linear.row([*((one, 1) for one in variables), (day.come, -1)], high=0)
                every = [(one, 1) for variables in day.at for one in variables]
                v.linear.row([*every, (day.come, -1)], low=0)
            come.append(day.come)
        v.linear.row(week, high=max(0, patient.most - spoken.minutes))
        if len(come) + len(days_taken) > patient.days[1]:
            v.linear.sum(come, high=max(0, patient.days[1] - len(days_taken)))
        video = _video(v, number)
        if sum(minutes for _, minutes in video) > patient.video_most - spoken.video:
            v.linear.row(video, high=max(0, patient.video_most - spoken.video))
        by_offer: dict[str, list[int]] = defaultdict(list)
        for seat in v.seats_of[number]:
            by_offer[candidates.slots[candidates.seats[seat][1]].offer.id].append(v.seat[seat])
        for offer, seats in by_offer.items():
            left = candidates.offer_of[offer].each - spoken.by_offer.get(offer, 0)
            if len(seats) > left:
                v.linear.sum(seats, high=max(0, left))


def _video(v: Variables, number: int) -> list[tuple[int, int]]:
    candidates = v.candidates
    terms = []
    for seat in v.seats_of[number]:
        slot = candidates.slots[candidates.seats[seat][1]]
        if slot.mode is Mode.VIDEO:
            terms.append((v.seat[seat], slot.span.minutes))
    for index in v.visits_of[number]:
        visit = candidates.visits[index]
        if visit.mode is Mode.VIDEO:
            terms.append((v.visit[index], visit.span.minutes))
    return terms


def seats_are_in_sessions_that_are_held(v: Variables) -> None:
    """Nobody sits in a session that is not held; tying each seat to an open group makes the bound sharp."""
    for slot, seats in enumerate(v.seats_in):
        held = v.held[slot]
        if held is None:
            continue
        for seat in seats:
            v.linear.row([(v.seat[seat], 1), (held, -1)], high=0)


def groups_have_their_size(v: Variables) -> None:
    """A group has at least its least and at most its most people, and no more than its rooms hold."""
    candidates = v.candidates
    for number, slot in enumerate(candidates.slots):
        seats = [(v.seat[seat], 1) for seat in v.seats_in[number]]
        others = slot.standing.others if slot.standing else 0
        held = v.held[number]
        if held is None:
            assert slot.standing is not None
            size = slot.offer.most
            if slot.standing.room is not None:
                size = min(
                    size, next(r.capacity for r in candidates.case.rooms if r.id == slot.standing.room)
                )
            v.linear.row(seats, high=max(0, size - others - len(slot.standing.people)))
            continue
        v.linear.row([*seats, (held, others - slot.offer.least)], low=0)
        if slot.mode is Mode.ON_SITE:
            room = [
                (variable, others - min(slot.offer.most, candidates.classes[kind].capacity))
                for kind, variable in v.rooms[number].items()
            ]
            v.linear.row([*seats, *room], high=0)
        else:
            v.linear.row([*seats, (held, others - slot.offer.most)], high=0)


def people_kept_apart_never_share_a_session(v: Variables) -> None:
    """Two people who are kept apart sit in different sessions of a slot, so it has as many sessions as they need."""
    candidates = v.candidates
    case = candidates.case
    pairs = {
        (min(one, candidates.patient_of[other]), max(one, candidates.patient_of[other]))
        for one, patient in enumerate(case.patients)
        for other in patient.apart
        if other in candidates.patient_of
    }
    if not pairs:
        return
    for slot, seats in enumerate(v.seats_in):
        held = v.held[slot]
        of = {candidates.seats[seat][0]: v.seat[seat] for seat in seats}
        for one, other in sorted(pairs):
            if one in of and other in of:
                if held is None:
                    v.linear.sum([of[one], of[other]], high=1)
                else:
                    v.linear.row([(of[one], 1), (of[other], 1), (held, -1)], high=0)


def sessions_have_their_leaders(v: Variables) -> None:
    """Each group session has one who leads and, where the offer says so, another who co-leads."""
    for number, slot in enumerate(v.candidates.slots):
        held = v.held[number]
        if held is None:
            continue
        v.linear.row([*((one, 1) for one in v.lead[number].values()), (held, -1)], low=0, high=0)
        if slot.offer.leaders == 2:
            v.linear.row([*((one, 1) for one in v.colead[number].values()), (held, -1)], low=0, high=0)


def _work(v: Variables) -> list[list[tuple[int, int, Mode, int, int]]]:
    """For each facilitator: (start, end, mode, minutes, variable) of whatever they could lead."""
    candidates = v.candidates
    work: list[list[tuple[int, int, Mode, int, int]]] = [[] for _ in candidates.case.facilitators]
    for number, slot in enumerate(candidates.slots):
        for table in (v.lead[number], v.colead[number]):
            for who, variable in table.items():
                work[who].append((slot.span.start, slot.span.end, slot.mode, slot.span.minutes, variable))
    for index, visit in enumerate(candidates.visits):
        span = visit.span
        work[visit.leader].append((span.start, span.end, visit.mode, span.minutes, v.visit[index]))
    return work


def leaders_are_in_one_place(v: Variables) -> None:
    """A facilitator leads one session at a time, rests between two, and has the time to change place."""
    for person, work in zip(v.candidates.case.facilitators, _work(v), strict=True):
        for start in sorted({one[0] for one in work}):
            busy = [one[4] for one in work if one[0] <= start < one[1] + person.rest]
            if len(busy) > 1:
                v.linear.sum(busy, high=1)
        if pause(person, Mode.ON_SITE, Mode.VIDEO) <= person.rest:
            continue
        ends: dict[tuple[int, Mode], list[int]] = defaultdict(list)
        starts: dict[tuple[int, Mode], list[int]] = defaultdict(list)
        for begin, end, mode, _, variable in work:
            ends[end, mode].append(variable)
            starts[begin, mode].append(variable)
        for (end, mode), before in ends.items():
            for (begin, other), after in starts.items():
                if other is not mode and end + person.rest <= begin < end + person.travel:
                    v.linear.sum([*before, *after], high=1)


def leaders_keep_their_hours(v: Variables) -> None:
    """Nobody leads more minutes than their most of a day and of a week."""
    candidates = v.candidates
    for number, (person, work) in enumerate(zip(candidates.case.facilitators, _work(v), strict=True)):
        spoken = candidates.leaders[number]
        by_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, _, _, minutes, variable in work:
            by_day[start // 1440].append((variable, minutes))
        for day, terms in by_day.items():
            v.linear.row(terms, high=max(0, person.day_most - minutes_of(spoken, day)))
        every = [term for terms in by_day.values() for term in terms]
        v.linear.row(every, high=max(0, person.week_most - spoken.minutes))


def sessions_on_site_have_a_room(v: Variables) -> None:
    """Each group session on site, and each owed session that needs one, has a room."""
    for number, slot in enumerate(v.candidates.slots):
        held = v.held[number]
        if held is not None and slot.mode is Mode.ON_SITE:
            v.linear.row([*((one, 1) for one in v.rooms[number].values()), (held, -1)], low=0, high=0)
    for index, rooms in enumerate(v.visit_room):
        if rooms:
            v.linear.row([*((one, 1) for one in rooms.values()), (v.visit[index], -1)], low=0, high=0)


def rooms_hold_one_session(v: Variables) -> None:
    """At no time are more rooms of a class in use than there are."""
    candidates = v.candidates
    use: list[list[tuple[int, int, int]]] = [[] for _ in candidates.classes]
    for number, slot in enumerate(candidates.slots):
        for kind, variable in v.rooms[number].items():
            use[kind].append((slot.span.start, slot.span.end, variable))
    for index, rooms in enumerate(v.visit_room):
        span = candidates.visits[index].span
        for kind, variable in rooms.items():
            use[kind].append((span.start, span.end, variable))
    for kind, sessions in enumerate(use):
        size = len(candidates.classes[kind].rooms)
        for start in sorted({one[0] for one in sessions}):
            busy = [variable for begin, end, variable in sessions if begin <= start < end]
            if len(busy) > 1:
                v.linear.sum(busy, high=size)


def offers_are_held_at_most_so_often(v: Variables) -> None:
    """An offer is held at most as often in the week as it says."""
    candidates = v.candidates
    of: dict[str, list[int]] = defaultdict(list)
    for number, slot in enumerate(candidates.slots):
        held = v.held[number]
        if held is not None:
            of[slot.offer.id].append(held)
    for offer, held_of in of.items():
        left = candidates.offer_of[offer].times[1] - candidates.times.get(offer, 0)
        v.linear.sum(held_of, high=max(0, left))


def owed_sessions_are_held_once(v: Variables) -> None:
    """An owed session is held at most once."""
    candidates = v.candidates
    of: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, visit in enumerate(candidates.visits):
        of[visit.patient, visit.owed.id].append(v.visit[index])
    for variables in of.values():
        if len(variables) > 1:
            v.linear.sum(variables, high=1)
