"""What stands already and cannot: locked sessions that break a rule by themselves."""

from __future__ import annotations

from itertools import combinations

from weekplan.case import Case, Fixed
from weekplan.slots import pause


def clashes(case: Case) -> list[str]:
    """A sentence for each rule that locked sessions break, among themselves or with delivered ones."""
    fixed = [one for one in case.standing if one.fixed is not Fixed.NO]
    leaders = {person.id: person for person in case.facilitators}
    apart = {patient.id: patient.apart for patient in case.patients}
    found = []
    for one in fixed:
        if one.fixed is Fixed.LOCKED:
            for a, b in combinations(one.people, 2):
                if b in apart.get(a, ()) or a in apart.get(b, ()):
                    found.append(f"Session {one.id} is locked and has {a} and {b} in it, who are kept apart.")
            if one.span.day in case.closed:
                found.append(f"Session {one.id} is locked on a day on which the site is closed.")
    for one, other in combinations(sorted(fixed, key=lambda s: s.span.start), 2):
        if Fixed.LOCKED not in (one.fixed, other.fixed):
            continue
        both = sorted(set(one.people) & set(other.people)) if one.span.overlaps(other.span) else []
        found += [
            f"{name} sits in {one.id} and {other.id} at the same time, and one is locked." for name in both
        ]
        if one.room is not None and one.room == other.room and one.span.overlaps(other.span):
            found.append(
                f"{one.id} and {other.id} are in room {one.room} at the same time, and one is locked."
            )
        for name in sorted(set(one.leaders) & set(other.leaders)):
            if other.span.start < one.span.end + pause(leaders[name], one.mode, other.mode):
                found.append(
                    f"{name} leads {one.id} and {other.id} without the time between, and one is locked."
                )
    return found
