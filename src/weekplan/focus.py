"""A week seen by a few people while everything else stands: the small case behind repairs and explanations.

Sessions that stand are locked in it, with the seats of everybody else counted as taken; only the few people and the
sessions that are freed can change. So the same model, the same rules and the same search serve a week and a seat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from weekplan.case import Case, Fixed, Mode, Offer, Span, Standing
from weekplan.plan import Session


def focus(
    case: Case,
    sessions: Iterable[Session],
    people: Collection[str],
    freed: Collection[str] = (),
    fresh: Collection[str] = (),
    *,
    stay: bool = False,
) -> Case:
    """The case of some `people`: sessions with an id in `freed` may change, offers in `fresh` may be held anew.

    People of freed sessions have to be among `people`. Fresh sessions begin as the offer says. With `stay` the few keep
    their seats in all that is not freed; without it they may leave them, unless a group would fall below its least. Of everybody else only those are named from
    whom one of the few is kept apart.
    """
    chosen = set(people)
    apart = {other for one in case.patients if one.id in chosen for other in one.apart}
    apart |= {one.id for one in case.patients if one.apart & chosen}
    least = {one.id: one.least for one in case.offers}
    standing = []
    for one in sessions:
        # Most sessions hold none of the few: a week of 300 has thousands of seats, and a repair milliseconds.
        inside = () if chosen.isdisjoint(one.people) else tuple(name for name in one.people if name in chosen)
        state = Fixed(one.fixed)
        own = state is Fixed.DELIVERED or (one.offer is None and one.id not in freed and bool(inside))
        if one.id in freed:
            kept, state = inside, Fixed.NO
        else:
            needed = len(one.people) - len(inside) + one.others < least.get(one.offer or "", 0)
            kept = inside if own or stay or needed or one.fixed == "locked" else ()
            state = Fixed.DELIVERED if state is Fixed.DELIVERED else Fixed.LOCKED
        named = (
            ()
            if apart.isdisjoint(one.people)
            else tuple(name for name in one.people if name in apart and name not in chosen)
        )
        taken = len(one.people) - len(inside) - len(named) + one.others
        standing.append(
            Standing(
                one.id,
                one.offer,
                one.owed,
                one.span,
                one.mode,
                one.room,
                one.leaders,
                (*kept, *named),
                state,
                taken,
            )
        )
    offers = tuple(one if one.id in fresh else replace(one, times=(0, 0), starts=()) for one in case.offers)
    return replace(
        case,
        patients=tuple(one for one in case.patients if one.id in chosen),
        offers=tuple(replace(one, members=_members(one, chosen)) for one in offers),
        standing=tuple(standing),
    )


def within_reach(case: Case, sessions: Iterable[Session], people: Collection[str]) -> list[Session]:
    """The sessions that matter to a few people while no group is held anew: theirs, those they could join, and what
    takes the leaders and rooms that their own individual and family sessions need. Of a week of 300 it is a tenth for
    one person."""
    few = [one for one in case.patients if one.id in people]
    chosen = {one.id for one in few}
    owed = [each for one in few for each in one.owed]
    leaders = {name for each in owed for name in each.leaders}
    rooms = any(each.room is not None for each in owed)
    windows: dict[tuple[int, Mode], list[Span]] = defaultdict(list)
    for window in {window for one in few for window in one.windows}:
        for mode in window.modes:
            windows[window.span.day, mode].append(window.span)
    return [
        one
        for one in sessions
        if (rooms and one.room is not None)
        or not leaders.isdisjoint(one.leaders)
        or not chosen.isdisjoint(one.people)
        or (one.offer is not None and any(span.holds(one.span) for span in windows[one.span.day, one.mode]))
    ]


def _members(offer: Offer, chosen: set[str]) -> frozenset[str] | None:
    return None if offer.members is None else frozenset(offer.members & chosen)


def merged(
    sessions: Iterable[Session], small: Iterable[Session], people: Collection[str], freed: Collection[str]
) -> tuple[Session, ...]:
    """The whole week again, after the few have found their places in the small one. What they do not touch is the same
    object as before."""
    chosen, after = set(people), {one.id: one for one in small}
    week = []
    for one in sessions:
        then = after.pop(one.id, None)
        if one.id in freed:
            if then is not None:
                week.append(replace(then, others=one.others))
            continue
        if one.fixed == "delivered" or (one.offer is None and not chosen & set(one.people)):
            week.append(one)
            continue
        mine = then.people if then is not None else ()
        if chosen.isdisjoint(one.people) and chosen.isdisjoint(mine):
            week.append(one)
            continue
        people = {name for name in one.people if name not in chosen}.union(mine)
        week.append(one if people == set(one.people) else replace(one, people=tuple(sorted(people))))
    week += [replace(one, fixed="no") for one in after.values()]
    return tuple(sorted(week, key=lambda one: (one.span.start, one.id)))
