"""What follows from rules and wishes for whole numbers, and sharpens the linear bound. No week is lost by it."""

from __future__ import annotations

from weekplan.model.variables import Variables


def add_cuts(v: Variables) -> None:
    """Adds all cuts; the shortfalls (`v.short`) must be there already."""
    for number in range(len(v.days)):
        days_that_the_hours_need(v, number)
        groups_that_the_hours_need(v, number)


def days_that_the_hours_need(v: Variables, number: int) -> None:
    """With fewer days (or days in the house) than the ordered hours fill, a part of the hours is missing.

    If the `k` longest days hold at most `m(k)` minutes and `K` days are the fewest that hold what is ordered, then
    with `k < K` days at least `(K - k) * (ordered - m(K - 1))` minutes are short.
    """
    short = v.short[number]
    days = v.days[number]
    if short is None or not all(day.listed for day in days):
        return
    spoken = v.candidates.patients[number]
    patient = v.candidates.case.patients[number]
    wanted = patient.ordered - spoken.minutes
    _need(
        v,
        short,
        wanted,
        [(max(p.minutes for p in day.patterns), [(p.variable, 1) for p in day.patterns[1:]]) for day in days],
    )
    by_video = max(0, patient.video_most - spoken.video)
    house = []
    for day in days:
        there = [pattern for pattern in day.patterns if pattern.on_site and pattern.minutes]
        if there:
            if day.there:
                return
            house.append((max(p.minutes for p in there), [(p.variable, 1) for p in there]))
    _need(v, short, wanted - by_video, house)


def groups_that_the_hours_need(v: Variables, number: int) -> None:
    """Where all groups last `m` minutes and `k` of them are the fewest that fill what is ordered beside the owed
    sessions, then with fewer than `k` at least `(k - groups) * (what the k-th is needed for)` minutes are short.

    This is the rounding of mixed-integer programming (Nemhauser and Wolsey 1990) of the row that counts the hours.
    """
    short = v.short[number]
    candidates = v.candidates
    slots = [candidates.slots[candidates.seats[seat][1]] for seat in v.seats_of[number]]
    lengths = {slot.span.minutes for slot in slots}
    if short is None or len(lengths) != 1:
        return
    owed = {
        candidates.visits[index].owed.id: candidates.visits[index].span.minutes
        for index in v.visits_of[number]
    }
    wanted = (
        candidates.case.patients[number].ordered - candidates.patients[number].minutes - sum(owed.values())
    )
    rest = wanted % lengths.pop()
    if wanted <= 0 or rest == 0:
        return
    count = -(-wanted // slots[0].span.minutes)
    seats = [(v.seat[seat], rest) for seat in v.seats_of[number]]
    v.linear.row([*seats, (short, 1)], low=rest * count)


def _need(v: Variables, short: int, wanted: int, days: list[tuple[int, list[tuple[int, int]]]]) -> None:
    longest = sorted((minutes for minutes, _ in days), reverse=True)
    have = 0
    for count, minutes in enumerate(longest):
        if have + minutes >= wanted > have:
            rest = wanted - have
            terms = [(variable, rest * one) for _, of in days for variable, one in of]
            v.linear.row([*terms, (short, 1)], low=rest * (count + 1))
            return
        have += minutes
