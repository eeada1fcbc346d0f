"""What is wished, and its price: one wish, one function, one sentence (`docs/algorithms/week.md`)."""

from __future__ import annotations

from collections import defaultdict

from weekplan.case import Fixed, Mode
from weekplan.model.hard import _work
from weekplan.model.variables import PatientDay, Variables, counts, day_cost
from weekplan.slots import minutes_of


def add_wishes(v: Variables) -> None:
    """Adds every wish to the model."""
    what_stands(v)
    ordered_hours(v)
    doses(v)
    owed_sessions(v)
    enough_days(v)
    offers_often_enough(v)
    few_sessions_of_good_size(v)
    little_overtime(v)
    unlisted_days(v)
    few_trips(v)
    liked_times_and_known_groups(v)
    little_change(v)


def what_stands(v: Variables) -> None:
    """What delivered and locked sessions cost by themselves, whatever is chosen."""
    candidates = v.candidates
    weights = candidates.case.weights
    for standing in candidates.case.standing:
        if standing.fixed is Fixed.DELIVERED and standing.offer is not None:
            good = candidates.offer_of[standing.offer].good
            thin = max(0, good - len(standing.people) - standing.others)
            v.linear.constant += weights.session + thin * weights.thin_group_per_seat
    for number, spoken in enumerate(candidates.patients):
        open_days = {day.day for day in v.days[number]}
        for day in sorted(set(spoken.by_day) - open_days):
            spans = [span for span, _ in spoken.spans if span.day == day]
            v.linear.constant += day_cost(candidates, number, spans)


def ordered_hours(v: Variables) -> None:
    """Every patient gets the ordered minutes."""
    candidates = v.candidates
    for number, patient in enumerate(candidates.case.patients):
        left = patient.ordered - candidates.patients[number].minutes
        if left <= 0:
            continue
        terms = [term for day in v.days[number] for term in _minutes(day)]
        short = v.linear.variable(left, cost=candidates.case.weights.short_per_minute)
        v.short[number] = short
        v.linear.row([*terms, (short, 1)], low=left)


def _minutes(day: PatientDay) -> list[tuple[int, int]]:
    if day.listed:
        return [(pattern.variable, pattern.minutes) for pattern in day.patterns if pattern.minutes]
    return [
        (variable, span.minutes)
        for span, variables in zip(day.times, day.at, strict=True)
        for variable in variables
    ]


def doses(v: Variables) -> None:
    """Every patient gets the minutes of each kind of treatment that the plan orders."""
    candidates = v.candidates
    for number, patient in enumerate(candidates.case.patients):
        of: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for seat in v.seats_of[number]:
            slot = candidates.slots[candidates.seats[seat][1]]
            of[slot.offer.kind].append((v.seat[seat], slot.span.minutes))
        for index in v.visits_of[number]:
            visit = candidates.visits[index]
            of[visit.owed.kind].append((v.visit[index], visit.span.minutes))
        for kind, minutes in patient.doses:
            left = minutes - candidates.patients[number].by_kind.get(kind, 0)
            if left > 0:
                short = v.linear.variable(left, cost=candidates.case.weights.dose_short_per_minute)
                v.linear.row([*of[kind], (short, 1)], low=left)


def owed_sessions(v: Variables) -> None:
    """Every individual and family session that is owed is held."""
    candidates = v.candidates
    for number, patient in enumerate(candidates.case.patients):
        for owed in patient.owed:
            if owed.id in candidates.patients[number].owed:
                continue
            missing = v.linear.variable(cost=candidates.case.weights.owed_missing)
            of = [v.visit[i] for i in v.visits_of[number] if candidates.visits[i].owed.id == owed.id]
            v.linear.sum([*of, missing], low=1)


def enough_days(v: Variables) -> None:
    """Every patient has as many days, or days that the payer counts, as ordered."""
    candidates = v.candidates
    weights = candidates.case.weights
    for number, patient in enumerate(candidates.case.patients):
        spoken = candidates.patients[number]
        price = weights.countable_day_missing if patient.countable else weights.day_missing
        open_days = {day.day for day in v.days[number]}
        have = sum(
            counts(candidates, number, minutes)
            for day, minutes in spoken.by_day.items()
            if day not in open_days
        )
        left = patient.days[0] - have
        if left <= 0:
            continue
        terms: list[tuple[int, int]] = []
        for day in v.days[number]:
            if day.listed:
                terms += [(pattern.variable, 1) for pattern in day.patterns if pattern.counted]
            else:
                terms.append((_counted(v, day), 1))
        missing = v.linear.variable(left, cost=price)
        v.linear.row([*terms, (missing, 1)], low=left)


def _counted(v: Variables, day: PatientDay) -> int:
    candidates = v.candidates
    base = minutes_of(candidates.patients[day.patient], day.day)
    least = max(candidates.case.patients[day.patient].countable, 1)
    counted = v.linear.variable()
    v.linear.row([*_minutes(day), (counted, -max(0, least - base))], low=0)
    return counted


def offers_often_enough(v: Variables) -> None:
    """Every offer is held as often as it should be."""
    candidates = v.candidates
    for offer in candidates.case.offers:
        left = offer.times[0] - candidates.times.get(offer.id, 0)
        if left <= 0:
            continue
        held = [
            one
            for slot, one in zip(candidates.slots, v.held, strict=True)
            if slot.offer.id == offer.id and one is not None
        ]
        missing = v.linear.variable(left, cost=candidates.case.weights.offer_missing)
        v.linear.sum([*held, missing], low=left)


def few_sessions_of_good_size(v: Variables) -> None:
    """Few group sessions, and none of them thin."""
    candidates = v.candidates
    weights = candidates.case.weights
    for number, slot in enumerate(candidates.slots):
        held = v.held[number]
        seats = [(v.seat[seat], 1) for seat in v.seats_in[number]]
        others = slot.standing.others if slot.standing else 0
        if held is None:
            assert slot.standing is not None
            left = slot.offer.good - others - len(slot.standing.people)
            v.linear.constant += weights.session
            if left > 0:
                thin = v.linear.variable(left, cost=weights.thin_group_per_seat)
                v.linear.row([*seats, (thin, 1)], low=left)
            continue
        v.linear.cost[held] += weights.session
        if slot.offer.good - others > 0:
            thin = v.linear.variable(slot.copies * slot.offer.good, cost=weights.thin_group_per_seat)
            v.linear.row([*seats, (thin, 1), (held, others - slot.offer.good)], low=0)


def little_overtime(v: Variables) -> None:
    """Nobody leads much more than their usual minutes."""
    candidates = v.candidates
    price = candidates.case.weights.overtime_per_minute
    for number, (person, work) in enumerate(zip(candidates.case.facilitators, _work(v), strict=True)):
        have = candidates.leaders[number].minutes
        v.linear.constant += price * max(0, have - person.week_usual)
        usual = max(person.week_usual, have)
        if person.week_most <= usual:
            continue
        over = v.linear.variable(person.week_most - usual, cost=price)
        v.linear.row(
            [*((variable, minutes) for _, _, _, minutes, variable in work), (over, -1)], high=usual - have
        )


def unlisted_days(v: Variables) -> None:
    """Where a day's patterns are not listed: its waits and its thinness, pair by pair."""
    candidates = v.candidates
    weights = candidates.case.weights
    for days in v.days:
        for day in days:
            if day.listed:
                continue
            patient = candidates.case.patients[day.patient]
            base = sum(span.minutes for span in day.base)
            if patient.day_least > base:
                every = [one for variables in day.at for one in variables]
                thin = v.linear.variable(cost=weights.thin_day)
                short = patient.day_least - base
                if base:
                    v.linear.row([*_minutes(day), (thin, short)], low=short)
                else:
                    for one in every:
                        v.linear.row([*_minutes(day), (thin, short), (one, -short)], low=0)
            _waits(v, day)


def _waits(v: Variables, day: PatientDay) -> None:
    weights = v.candidates.case.weights
    always = [(span, None) for span in day.base]
    spans = sorted([*always, *zip(day.times, day.at, strict=True)], key=lambda one: one[0].start)
    for earlier, before in spans:
        for later, after in spans:
            wait = later.start - earlier.end - weights.idle_free
            if wait <= 0:
                continue
            between = [
                one
                for span, variables in spans
                if span.start >= earlier.end and span.end <= later.start
                for one in (variables if variables is not None else [])
            ]
            if any(v_ is None and s.start >= earlier.end and s.end <= later.start for s, v_ in spans):
                continue
            sure = (before is None) + (after is None)
            if sure == 2 and not between:
                v.linear.constant += wait * weights.idle_per_minute
                continue
            idle = v.linear.variable(cost=wait * weights.idle_per_minute)
            terms = [(one, 1) for side in (before, after) if side is not None for one in side]
            v.linear.row([*terms, *((one, -1) for one in between), (idle, -1)], high=1 - sure)


def few_trips(v: Variables) -> None:
    """A patient comes to the house on few days."""
    candidates = v.candidates
    price = candidates.case.weights.trip
    for number, days in enumerate(v.days):
        there = {span.day for span, mode in candidates.patients[number].spans if mode is Mode.ON_SITE}
        v.linear.constant += price * len(there)
        for day in days:
            if day.listed or day.day in there or not any(day.on_site):
                continue  # the price of the way there is part of the listed patterns
            trip = v.linear.variable(cost=price)
            for variables in day.on_site:
                if variables:
                    v.linear.row([*((one, 1) for one in variables), (trip, -1)], high=0)


def liked_times_and_known_groups(v: Variables) -> None:
    """Seats at preferred times, in the groups that a patient is used to."""
    candidates = v.candidates
    weights = candidates.case.weights
    for number, (_, _, preferred) in enumerate(candidates.seats):
        if not preferred:
            v.linear.cost[v.seat[number]] += weights.possible_time
    for index, preferred in enumerate(candidates.visit_preferred):
        if not preferred:
            v.linear.cost[v.visit[index]] += weights.possible_time
    for standing in candidates.case.standing:
        if standing.fixed is Fixed.NO:
            continue
        for name in standing.people:
            if name not in candidates.patient_of:
                continue
            windows = candidates.case.patients[candidates.patient_of[name]].windows
            if not any(
                w.preferred and standing.mode in w.modes and w.span.holds(standing.span) for w in windows
            ):
                v.linear.constant += weights.possible_time
    kept = {
        (name, standing.offer, standing.span.start)
        for standing in candidates.case.standing
        if standing.fixed is not Fixed.NO
        for name in standing.people
    }
    for number, patient in enumerate(candidates.case.patients):
        wanted = {one for one in patient.used_to if (patient.id, *one) not in kept}
        v.linear.constant += weights.unaccustomed * sum(one in wanted for one in patient.used_to)
        for seat in v.seats_of[number]:
            slot = candidates.slots[candidates.seats[seat][1]]
            if (slot.offer.id, slot.span.start) in wanted:
                v.linear.cost[v.seat[seat]] -= weights.unaccustomed


def little_change(v: Variables) -> None:
    """Of what is published, little is taken away or changed."""
    candidates = v.candidates
    weights = candidates.case.weights
    seats: dict[tuple[int, str, Mode, int], list[int]] = defaultdict(list)
    for number, (patient, index, _) in enumerate(candidates.seats):
        slot = candidates.slots[index]
        seats[patient, slot.offer.id, slot.mode, slot.span.start].append(v.seat[number])
    for number, visit in enumerate(candidates.visits):
        seats[visit.patient, visit.owed.id, visit.mode, visit.span.start].append(v.visit[number])
    for standing in candidates.case.standing:
        if standing.fixed is not Fixed.NO:
            continue
        for name in standing.people:
            v.linear.constant += weights.moved
            key = (candidates.patient_of[name], standing.offer or standing.owed or "", standing.mode)
            for variable in seats[*key, standing.span.start]:
                v.linear.cost[variable] -= weights.moved
        if standing.offer is not None:
            v.linear.constant += weights.changed_session
    for number, slot in enumerate(candidates.slots):
        if slot.standing is None or slot.locked:
            continue
        kept = _kept(v, number)
        if kept is not None:
            v.linear.cost[kept] -= weights.changed_session


def _kept(v: Variables, number: int) -> int | None:
    """1 if a published session keeps its room and its leaders; None if it cannot."""
    candidates = v.candidates
    slot = candidates.slots[number]
    standing = slot.standing
    held = v.held[number]
    assert standing is not None
    assert held is not None
    needed = [held]
    for table, name in zip((v.lead[number], v.colead[number]), standing.leaders, strict=False):
        variable = table.get(candidates.leader_of[name])
        if variable is None:
            return None
        needed.append(variable)
    if standing.room is not None:
        room = next(
            (
                variable
                for kind, variable in v.rooms[number].items()
                if candidates.classes[kind].rooms[0].id == standing.room
            ),
            None,
        )
        if room is None:
            return None
        needed.append(room)
    kept = v.linear.variable()
    for variable in needed:
        v.linear.row([(kept, 1), (variable, -1)], high=0)
    return kept
