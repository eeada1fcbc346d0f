"""The wells beside the work: those in danger first, and the one sentence about who is most at risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries import Hours
from stepwell.clinic.hours.rules import DayState, Opening, WeekState, hours_text, mends

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
        ordered, key=lambda h: (_DANGER[h.week.state], -missing_of(h), h.patient.given_name, h.patient.pk)
    )


def missing_of(hours: Hours) -> int:
    """Minutes that are neither delivered nor safely booked."""
    return max(0, hours.week.ordered - hours.week.delivered - hours.week.booked)


def in_danger(found: Iterable[Hours]) -> list[Hours]:
    """Those whose week is short or at risk."""
    return [h for h in by_danger(found) if h.week.state in (WeekState.SHORT, WeekState.AT_RISK)]


def worst_of(found: Mapping[int, Hours], openings: Iterable[Opening], by: Actor, at: Any) -> Worst | None:
    """The person in most danger whom a free seat could help; without such a seat, the one in most danger."""
    endangered, free = in_danger(found.values()), tuple(openings)
    if not endangered:
        return None
    fits = {h.patient.pk: mends(h.week, h.sessions, free, at) for h in endangered}
    chosen = next((h for h in endangered if fits[h.patient.pk]), endangered[0])
    offered = []
    for opening in fits[chosen.patient.pk][:2]:
        others = sum(
            any(o.id == opening.id for o in fits[h.patient.pk])
            for h in endangered
            if h.patient.pk != chosen.patient.pk
        )
        offered.append(Mend(opening.id, opening, others))
    missing = missing_of(chosen)
    reachable = hours_text(chosen.week.delivered + chosen.week.booked)
    said = f"{chosen.patient.board_name} has {reachable} of {hours_text(chosen.week.ordered)} this week."
    return Worst(chosen, missing, said, tuple(offered))


def short_days(found: Iterable[Hours]) -> list[Hours]:
    """Who came or comes today and is minutes short of a day the payer pays for, the closest first."""
    short = [h for h in found if h.today.state in (DayState.SHORT, DayState.LOST)]
    return sorted(short, key=lambda h: (h.today.short, h.patient.given_name, h.patient.pk))
