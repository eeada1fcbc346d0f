"""Fewer starts for a case that allows nearly every minute.

A group that may begin at any of hundreds of points of the grid makes a model that nobody solves in time, and hardly a
better week. Such offers keep the starts that matter: those of the published week and of last week, and the full and
half hours. What is found is a week of the whole case; only a proof of the best is then out of reach, and so is a bound.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from weekplan.case import Case, Offer, Owed

STARTS: Final = 60
"""More starts than this are thinned,"""
CHOICES: Final = 10_000
"""once starts times patients are more than this."""


def thinned(case: Case) -> Case:
    """The same case with at most some sixty starts for each offer; itself if nothing was to do."""
    known: dict[str, set[int]] = {}
    for standing in case.standing:
        known.setdefault(standing.offer or standing.owed or "", set()).add(standing.span.start)
    for patient in case.patients:
        for offer, start in patient.used_to:
            known.setdefault(offer, set()).add(start)
    starts = [one.starts for one in case.offers] + [owed.starts for one in case.patients for owed in one.owed]
    if all(len(one) <= STARTS for one in starts) or sum(map(len, starts)) * len(case.patients) <= CHOICES:
        return case
    return replace(
        case,
        offers=tuple(_few(one, known.get(one.id, set())) for one in case.offers),
        patients=tuple(
            replace(one, owed=tuple(_few(owed, known.get(owed.id, set())) for owed in one.owed))
            for one in case.patients
        ),
    )


Held = TypeVar("Held", Offer, Owed)


def _few(one: Held, known: set[int]) -> Held:
    for step in (30, 60, 120, 240):
        if len(one.starts) <= STARTS:
            break
        kept = tuple(start for start in one.starts if start % step == 0 or start in known)
        if not any(start % step == 0 for start in one.starts):
            kept = tuple(start for n, start in enumerate(one.starts) if n % 4 == 0 or start in known)
        one = replace(one, starts=kept)
    return one
