"""The wells beside the work: those in danger first, and the one sentence about who is most at risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stepwell.clinic.hours.queries import Hours
from stepwell.clinic.hours.rules import Opening, WeekState, hours_text, mends, would_fit

_DANGER = {WeekState.SHORT: 0, WeekState.AT_RISK: 1, WeekState.ON_COURSE: 2, WeekState.MET: 3}


@dataclass(frozen=True)
class Mend:
    """A session that would help: its id, words, minutes, and how many others it would help too."""

    id: int | str
    opening: Opening
    others: int


@dataclass(frozen=True)
class Worst:
    """Who is most at risk, how many minutes are missing, and up to two mends."""

    hours: Hours
    missing: int
    said: str
    mends: tuple[Mend, ...]


def by_danger(found: Iterable[Hours]) -> list[Hours]:
    """Short first, then at risk, each with the most missing first; those without an order are left out."""
    ordered = [h for h in found if h.week.ordered > 0]
    return sorted(
        ordered, key=lambda h: (_DANGER[h.week.state], -h.week.missing, h.patient.given_name, h.patient.pk)
    )


def in_danger(found: Iterable[Hours]) -> list[Hours]:
    """Those whose week is short or at risk."""
    return by_danger(h for h in found if h.week.state in (WeekState.SHORT, WeekState.AT_RISK))


def worst_of(endangered: Sequence[Hours], at: datetime) -> Worst | None:
    """Of those `in_danger` the first whom a free seat could help; without such a seat, the first."""
    if not endangered:
        return None
    chosen, fitting = endangered[0], tuple[Opening, ...]()
    for hours in endangered:
        if found := mends(hours.week, hours.sessions, hours.openings, at):
            chosen, fitting = hours, found
            break
    offered = tuple(
        Mend(
            opening.id,
            opening,
            sum(
                would_fit(opening, h.sessions, at)
                for h in endangered
                if h is not chosen and (h.openings is chosen.openings or opening in h.openings)
            ),
        )
        for opening in fitting[:2]
    )
    reachable = hours_text(chosen.week.delivered + chosen.week.booked)
    said = f"{chosen.patient.board_name} has {reachable} of {hours_text(chosen.week.ordered)} this week."
    return Worst(chosen, chosen.week.missing, said, offered)
