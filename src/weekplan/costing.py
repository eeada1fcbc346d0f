"""What a week costs and what everybody gets, by the table of wishes in `docs/algorithms/week.md`.

The solver's own evaluator. It judges wishes only; whether every rule is kept is for `booking.py` and the checker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from itertools import pairwise

from weekplan.case import Case, Fixed, Mode, Patient, Span, Weights
from weekplan.plan import Met, Session

WISHES: tuple[str, ...] = tuple(each.name for each in fields(Weights) if each.name != "idle_free")
"""The names of the wishes, in the order of `Weights`."""


@dataclass(slots=True)
class _Got:
    """The seats of one patient."""

    seats: list[tuple[Span, Mode]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    owed: set[str] = field(default_factory=set)
    places: set[tuple[str, int]] = field(default_factory=set)  # offer and start
    placed: set[tuple[str | None, str | None, int, Mode]] = field(default_factory=set)

    def by_day(self) -> dict[int, list[tuple[Span, Mode]]]:
        days: dict[int, list[tuple[Span, Mode]]] = {}
        for span, mode in sorted(self.seats, key=lambda seat: (seat[0].start, seat[0].end)):
            days.setdefault(span.day, []).append((span, mode))
        return days


def costs(case: Case, sessions: Iterable[Session]) -> dict[str, int]:
    """Points by wish, all of `WISHES`, zeros too. The cost of the week is their sum."""
    held = tuple(sessions)
    got = _gather(case, held)
    points = dict.fromkeys(WISHES, 0)
    for patient in case.patients:
        _add_patient(points, case.weights, patient, got[patient.id])
    _add_groups(points, case, held)
    _add_overtime(points, case, held)
    _add_changes(points, case, held, got)
    return points


def met(case: Case, sessions: Iterable[Session]) -> tuple[Met, ...]:
    """What each patient gets, in the order of the case. Days of no session are never countable."""
    got = _gather(case, tuple(sessions))
    return tuple(_met(patient, got[patient.id]) for patient in case.patients)


def _gather(case: Case, held: tuple[Session, ...]) -> dict[str, _Got]:
    got = {patient.id: _Got() for patient in case.patients}
    kinds = {offer.id: offer.kind for offer in case.offers}
    for patient in case.patients:
        kinds.update({f"{patient.id}/{owed.id}": owed.kind for owed in patient.owed})
    for session in held:
        for person in session.people:
            if person not in got:
                continue
            mine = got[person]
            if session.offer is not None:
                kind = kinds[session.offer]
                mine.places.add((session.offer, session.span.start))
            else:
                kind = kinds.get(f"{person}/{session.owed}", session.kind)
                mine.owed.add(session.owed or "")
            mine.seats.append((session.span, session.mode))
            mine.kinds[kind] = mine.kinds.get(kind, 0) + session.span.minutes
            mine.placed.add((session.offer, session.owed, session.span.start, session.mode))
    return got


def _met(patient: Patient, got: _Got) -> Met:
    minutes = sum(span.minutes for span, _ in got.seats)
    days = got.by_day()
    counted = sum(sum(span.minutes for span, _ in seats) >= patient.countable for seats in days.values())
    return Met(
        patient=patient.id,
        ordered=patient.ordered,
        minutes=minutes,
        short=max(0, patient.ordered - minutes),
        doses_short=tuple(
            (kind, dose - got.kinds.get(kind, 0))
            for kind, dose in patient.doses
            if dose > got.kinds.get(kind, 0)
        ),
        owed_missing=tuple(owed.id for owed in patient.owed if owed.id not in got.owed),
        days=len(days),
        countable_days=counted,
        days_missing=max(0, patient.days[0] - counted),
    )


def _add_patient(points: dict[str, int], weights: Weights, patient: Patient, got: _Got) -> None:
    met = _met(patient, got)
    points["short_per_minute"] += weights.short_per_minute * met.short
    points["dose_short_per_minute"] += weights.dose_short_per_minute * sum(
        minutes for _, minutes in met.doses_short
    )
    points["owed_missing"] += weights.owed_missing * len(met.owed_missing)
    if patient.countable > 0:
        points["countable_day_missing"] += weights.countable_day_missing * met.days_missing
    else:
        points["day_missing"] += weights.day_missing * met.days_missing
    for seats in got.by_day().values():
        points["thin_day"] += weights.thin_day * (sum(span.minutes for span, _ in seats) < patient.day_least)
        points["trip"] += weights.trip * any(mode == Mode.ON_SITE for _, mode in seats)
        for (before, _), (after, _) in pairwise(seats):
            wait = max(0, after.start - before.end - weights.idle_free)
            points["idle_per_minute"] += weights.idle_per_minute * wait
    for span, mode in got.seats:
        preferred = any(
            window.preferred and mode in window.modes and window.span.holds(span)
            for window in patient.windows
        )
        points["possible_time"] += weights.possible_time * (not preferred)
    points["unaccustomed"] += weights.unaccustomed * sum(place not in got.places for place in patient.used_to)


def _add_groups(points: dict[str, int], case: Case, held: tuple[Session, ...]) -> None:
    weights = case.weights
    for offer in case.offers:
        sizes = [len(each.people) + each.others for each in held if each.offer == offer.id]
        points["offer_missing"] += weights.offer_missing * max(0, offer.times[0] - len(sizes))
        points["session"] += weights.session * len(sizes)
        points["thin_group_per_seat"] += weights.thin_group_per_seat * sum(
            max(0, offer.good - size) for size in sizes
        )


def _add_overtime(points: dict[str, int], case: Case, held: tuple[Session, ...]) -> None:
    worked = {who.id: 0 for who in case.facilitators}
    for session in held:
        for leader in session.leaders:
            if leader in worked:
                worked[leader] += session.span.minutes
    points["overtime_per_minute"] = case.weights.overtime_per_minute * sum(
        max(0, worked[who.id] - who.week_usual) for who in case.facilitators
    )


def _add_changes(points: dict[str, int], case: Case, held: tuple[Session, ...], got: dict[str, _Got]) -> None:
    by_id = {session.id: session for session in held}
    for standing in case.standing:
        if standing.fixed != Fixed.NO:
            continue
        seat = (standing.offer, standing.owed, standing.span.start, standing.mode)
        points["moved"] += case.weights.moved * sum(
            person in got and seat not in got[person].placed for person in standing.people
        )
        if standing.offer is not None:
            now = by_id.get(standing.id)
            changed = now is None or (now.room, now.leaders) != (standing.room, standing.leaders)
            points["changed_session"] += case.weights.changed_session * changed
