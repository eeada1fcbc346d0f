"""Why somebody is short, and what would mend it.

For each person who is short the rest of the week stands, and the small case of that person (`focus.py`) is solved to
proof, first as it is, then with one kind of limit lifted. A limit that can be lifted without gain has no part in the
clash; what remains is the smallest one, and it becomes the sentence. A mend is one limit lifted by the least that helps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from weekplan.case import DAY, Case, Mode, Patient, Span, Weights, Window
from weekplan.fitting import may_attend
from weekplan.focus import focus
from weekplan.naming import sessions_of
from weekplan.plan import Mend, Met, Plan, Session, Shortfall
from weekplan.subsolve import solve_part
from weekplan.week import WeekModel

_MENDS: Final = 4
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Lift = Callable[[Case], Case]


@dataclass(frozen=True, slots=True)
class Limit:
    """A kind of limit: how it is lifted in a small case, and what it says when it is part of the clash."""

    name: str
    lift: Lift
    says: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person can get at best: points of shortage, minutes short, and her sessions."""

    points: int
    minutes: int
    sessions: tuple[Session, ...]


def explain(case: Case, plan: Plan, *, seconds: float = 60.0) -> tuple[Shortfall, ...]:
    """Everybody who is short, in the order of the case, with the reason and the cheapest mends.

    After `seconds` the rest of them is named without reasons.
    """
    end = time.monotonic() + seconds
    short = {one.patient: one for one in plan.met if one.short or one.doses_short or one.owed_missing}
    return tuple(
        _one(case, plan, patient, short[patient.id], short)
        if time.monotonic() < end
        else _named(patient, short[patient.id])
        for patient in case.patients
        if patient.id in short
    )


def _one(case: Case, plan: Plan, patient: Patient, met: Met, short: dict[str, Met]) -> Shortfall:
    small = replace(focus(case, plan.sessions, {patient.id}), weights=_only_shortage(case.weights))
    now = best_for(small)
    clash = _clash(small, now)
    mends = tuple(_mends(case, plan, patient, small, now, clash, short))
    because = f"{_lack(patient, met)}: {_reason(patient, clash)}."
    return Shortfall(patient.id, met.short, met.doses_short, met.owed_missing, because, mends)


def _named(patient: Patient, met: Met) -> Shortfall:
    because = (
        f"{_lack(patient, met)}. Time was over before the reason was found; ask for an explanation again."
    )
    return Shortfall(patient.id, met.short, met.doses_short, met.owed_missing, because, ())


def _only_shortage(weights: Weights) -> Weights:
    nothing = dict.fromkeys(Weights.__dataclass_fields__, 0)
    keep = ("short_per_minute", "dose_short_per_minute", "owed_missing")
    return replace(weights, **{**nothing, **{name: getattr(weights, name) for name in keep}})


def best_for(small: Case) -> Seen:
    """The least shortage of a small case, proved."""
    model = WeekModel(small)
    matrix = model.matrix
    point = model.point(())
    solved = solve_part(matrix, point, np.ones(matrix.variables, dtype=bool), seconds=5.0, work=5.0, seed=1)
    found = solved.point if solved.point is not None else point
    minutes = sum(int(found[one]) for one in model.variables.short if one is not None)
    sessions, _ = sessions_of(model.variables, found)
    names = {patient.id for patient in small.patients}
    mine = tuple(one for one in sessions if names & set(one.people))
    return Seen(matrix.objective(found) - _fixed_points(model), minutes, mine)


def _fixed_points(model: WeekModel) -> int:
    return model.matrix.constant


# Limits, in the order in which they are tried: what a person cannot change comes last and so stays in the clash.


def _every_time(small: Case) -> Case:
    week = tuple(Window(Span(day * DAY, (day + 1) * DAY)) for day in range(7))
    return _patients(small, lambda one: replace(one, windows=week))


def _by_video_too(small: Case) -> Case:
    def lift(one: Patient) -> Patient:
        windows = tuple(replace(window, modes=frozenset(Mode)) for window in one.windows)
        return replace(one, video_most=DAY * 7, windows=windows)

    return _patients(small, lift)


def _seat_more(small: Case) -> Case:
    offers = tuple(replace(one, most=one.most + 1) for one in small.offers)
    rooms = tuple(replace(one, capacity=one.capacity + 1) for one in small.rooms)
    return replace(small, offers=offers, rooms=rooms)


def _more_days(small: Case) -> Case:
    return _patients(small, lambda one: replace(one, days=(one.days[0], 7)))


def _longer_days(small: Case) -> Case:
    return _patients(small, lambda one: replace(one, day_most=DAY))


def _more_often(small: Case) -> Case:
    return replace(small, offers=tuple(replace(one, each=50) for one in small.offers))


def _together(small: Case) -> Case:
    return _patients(small, lambda one: replace(one, apart=frozenset()))


def _patients(small: Case, lift: Callable[[Patient], Patient]) -> Case:
    return replace(small, patients=tuple(lift(one) for one in small.patients))


_LIMITS: Final = (
    Limit("apart", _together, "somebody to be kept apart sits in a group that fits"),
    Limit("each", _more_often, "no group is attended more often than it allows"),
    Limit("video", _by_video_too, "no more may be by video"),
    Limit("day", _longer_days, "a day holds at most {day} minutes"),
    Limit("days", _more_days, "at most {days} days are ordered"),
    Limit("seats", _seat_more, "the groups that fit are full"),
    Limit("windows", _every_time, "the other groups are held when {name} cannot come"),
)


def _clash(small: Case, now: Seen) -> list[Limit]:
    """The limits that together cause the shortage, and of which none can be left out."""
    lifted = small
    clash = []
    for limit in _LIMITS:
        without = limit.lift(lifted)
        if best_for(without).points >= now.points:
            lifted = without
        else:
            clash.append(limit)
    return clash


def _lack(patient: Patient, met: Met) -> str:
    if met.short:
        return f"{patient.ordered} minutes are ordered and {met.minutes} found"
    if met.doses_short:
        return f"{patient.id} lacks {_list([f'{minutes} minutes of {kind}' for kind, minutes in met.doses_short])}"
    return f"{patient.id} lacks {_list(list(met.owed_missing))}"


def _reason(patient: Patient, clash: list[Limit]) -> str:
    if not clash:
        return f"no more sessions for {patient.id} are held in this week"
    return _list(
        [one.says.format(name=patient.id, day=patient.day_most, days=patient.days[1]) for one in clash]
    )


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _mends(
    case: Case,
    plan: Plan,
    patient: Patient,
    small: Case,
    now: Seen,
    clash: list[Limit],
    short: dict[str, Met],
) -> Iterable[Mend]:
    """The cheapest ways to lessen the shortfall, best first."""
    found = [mend for limit in clash if (mend := _lifted(patient, small, now, limit)) is not None]
    found += _one_more_group(case, plan, patient, small, now, short)
    return sorted(found, key=lambda one: (-one.minutes - 30 * len(one.also), one.cost))[:_MENDS]


def _lifted(patient: Patient, small: Case, now: Seen, limit: Limit) -> Mend | None:
    then = best_for(limit.lift(small))
    if then.points >= now.points:
        return None
    before = {(one.id, one.span) for one in now.sessions}
    new = [one for one in then.sessions if (one.id, one.span) not in before]
    told = {
        "windows": f"{patient.id} would have to come {_list([_time(one.span) for one in new]) if new else 'at other times'}.",
        "seats": f"One more seat in {_list([f'{one.offer} {_time(one.span)}' for one in new]) or 'a full group'}."
        if new
        else "One more seat in a full group.",
        "video": "Allow more by video.",
        "day": "Allow a longer day.",
        "days": f"Allow {patient.days[1] + 1} days.",
        "each": "Let the same group be attended once more.",
        "apart": "Seat the two together, or move the other one.",
    }[limit.name]
    return Mend(told, now.minutes - then.minutes, 0, ())


def _one_more_group(
    case: Case, plan: Plan, patient: Patient, small: Case, now: Seen, short: dict[str, Met]
) -> list[Mend]:
    """New groups that a free leader and a free room could hold when this person can come."""
    found = []
    for offer in case.offers:
        if not may_attend(patient, offer):
            continue
        held = sum(one.offer == offer.id for one in plan.sessions)
        if held >= offer.times[1]:
            continue
        least = replace(offer, least=1, times=(0, held + 1))
        opened = focus(
            replace(case, offers=tuple(least if one.id == offer.id else one for one in case.offers)),
            plan.sessions,
            {patient.id},
            fresh={offer.id},
        )
        then = best_for(replace(opened, weights=small.weights))
        if then.points >= now.points:
            continue
        new = [one for one in then.sessions if one.id not in {s.id for s in plan.sessions} and one.offer]
        if not new:
            continue
        session = new[0]
        also = tuple(
            other.id
            for other in case.patients
            if other.id != patient.id and other.id in short and _could_join(other, offer, session, plan)
        )
        sentence = f"Hold {offer.id} once more, {_time(session.span)}, led by {_list(list(session.leaders))}."
        if 1 + len(also) < offer.least:
            sentence = f"{sentence} It needs {offer.least} people, and {1 + len(also)} who are short could sit in it."
        found.append(Mend(sentence, now.minutes - then.minutes, case.weights.session, also))
    return found


def _could_join(patient: Patient, offer: object, session: Session, plan: Plan) -> bool:
    windows = any(session.mode in one.modes and one.span.holds(session.span) for one in patient.windows)
    busy = any(patient.id in one.people and one.span.overlaps(session.span) for one in plan.sessions)
    return windows and not busy


def _time(span: Span) -> str:
    start, end = span.start % DAY, span.end - span.day * DAY
    return f"on day {span.day + 1} at {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
