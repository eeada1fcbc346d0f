"""Small odd cases for property tests: uneven lengths, tight rooms, orders that cannot be met, and whatever else
the format knows. Always well-formed; what stands on the calendar has been possible once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from weekplan.case import (
    DAY,
    Case,
    Facilitator,
    Fixed,
    Mode,
    Offer,
    Owed,
    Patient,
    Room,
    Span,
    Standing,
    Weights,
    Window,
)
from weekplan.fitting import may_attend
from weekplan.greedy import greedy
from weekplan.plan import Session

_KINDS: Final = ("education", "family", "holistic", "peer", "process", "skills")
_FEATURES: Final = ("mats", "screen")
_CREDENTIALS: Final = ("licensed", "trauma")
_TAGS: Final = ("spanish", "trauma", "women")
_MODES: Final = (
    frozenset({Mode.ON_SITE}),
    frozenset({Mode.ON_SITE}),
    frozenset({Mode.VIDEO}),
    frozenset(Mode),
)
_WEEK_BY_VIDEO: Final = 2400

T = TypeVar("T")


def rough(seed: int) -> Case:
    """A small odd case of 5 to 40 patients."""
    rng = Random(seed * 7919 + 13)  # noqa: S311 - made cases are repeatable, not secret
    grid = rng.choice((15, 15, 5))
    days = sorted(rng.sample(range(7), rng.choice((3, 5, 5, 6, 7))))
    rooms = _rooms(rng, grid, days)
    staff = _staff(rng, grid, days)
    size = rng.randint(5, 40)
    ids = [f"p{number + 1:02d}" for number in range(size)]
    offers = _offers(rng, grid, rooms, staff, ids)
    patients = _keep_apart(rng, [_patient(rng, grid, days, id, offers, staff, rooms) for id in ids])
    case = Case(
        name=f"rough-{seed}",
        zone=rng.choice(("America/New_York", "America/Los_Angeles", "UTC")),
        starts_on="2026-03-02",
        grid=grid,
        closed=frozenset(rng.sample(range(7), 1)) if rng.random() < 0.2 else frozenset(),
        now=0,
        rooms=rooms,
        facilitators=staff,
        offers=offers,
        patients=patients,
        weights=_weights(rng),
    )
    return _mid_week(rng, case) if rng.random() < 0.5 else case


def _some(rng: Random, of: Sequence[T], chance: float) -> frozenset[T]:
    return frozenset(each for each in of if rng.random() < chance)


def _span(rng: Random, grid: int, day: int, lengths: Sequence[int]) -> Span:
    length = rng.choice(lengths)
    start = rng.randrange(420, 1321 - length, grid)
    return Span(day * DAY + start, day * DAY + start + length)


def _rooms(rng: Random, grid: int, days: list[int]) -> tuple[Room, ...]:
    made = []
    for number in range(rng.randint(1, 4)):
        hours = [_span(rng, grid, day, (420, 600, 840)) for day in days if number == 0 or rng.random() < 0.8]
        if rng.random() < 0.2:  # closed over noon on one day
            noon = hours[0].start + hours[0].minutes // (2 * grid) * grid
            hours[:1] = [Span(hours[0].start, noon), Span(noon + grid, hours[0].end)]
        made.append(
            Room(
                f"room-{number + 1}",
                rng.choice((3, 4, 6, 8, 10, 12)),
                _some(rng, _FEATURES, 0.4),
                tuple(hours),
            )
        )
    return tuple(made)


def _staff(rng: Random, grid: int, days: list[int]) -> tuple[Facilitator, ...]:
    made = []
    for number in range(rng.randint(2, 7)):
        at_work = [day for day in days if rng.random() < 0.8] or days[:1]
        week = rng.choice((300, 600, 900, 1500, 2100))
        made.append(
            Facilitator(
                id=f"f{number + 1}",
                leads=_some(rng, _KINDS, 0.5) or frozenset({rng.choice(_KINDS)}),
                coleads=_some(rng, _KINDS, 0.3),
                credentials=_some(rng, _CREDENTIALS, 0.5),
                available=tuple(_span(rng, grid, day, (240, 420, 600)) for day in at_work),
                day_most=rng.choice((180, 240, 360, 480)),
                week_most=week,
                week_usual=rng.choice((week // 2, week)),
                rest=rng.choice((0, 0, grid, 15, 30)),
                travel=rng.choice((0, 15, 30, 45)),
            )
        )
    return tuple(made)


def _offers(
    rng: Random, grid: int, rooms: tuple[Room, ...], staff: tuple[Facilitator, ...], ids: list[str]
) -> tuple[Offer, ...]:
    made: list[Offer] = []
    for number in range(rng.randint(2, 8)):
        leader = rng.choice(staff)
        kind = rng.choice(sorted(leader.leads))
        second = [who for who in staff if who is not leader and kind in who.leads | who.coleads]
        room = rng.choice(rooms)
        minutes = rng.choice((45, 60, 75, 90, 90, 120))
        least = min(rng.choice((1, 2, 3, 4)), room.capacity)
        good = least + rng.randint(0, 4)
        raster = rng.choice((grid, 15, 45, 60))
        points = sorted(
            {
                start
                for each in rooms
                for hours in each.hours
                for start in range(-(-hours.start // raster) * raster, hours.end - minutes + 1, raster)
            }
        )
        starts = (
            points if rng.random() < 0.3 else sorted(rng.sample(points, min(len(points), rng.randint(1, 25))))
        )
        least_times = rng.choice((0, 0, 1, 2))
        closed = rng.random() < 0.15
        made.append(
            Offer(
                id=f"g{number + 1}",
                kind=kind,
                minutes=minutes,
                least=least,
                good=good,
                most=good + rng.randint(0, 6),
                modes=rng.choice(_MODES),
                times=(least_times, least_times + rng.randint(1, 5)),
                each=rng.randint(1, 4),
                starts=tuple(starts),
                leaders=2 if second and rng.random() < 0.25 else 1,
                needs=_some(rng, _TAGS, 0.12),
                tracks=frozenset({rng.choice(("day", "evening"))}) if rng.random() < 0.15 else frozenset(),
                members=frozenset(rng.sample(ids, rng.randint(5, len(ids)))) if closed else None,
                topic=f"topic-{rng.randint(1, 4)}" if rng.random() < 0.25 else None,
                credentials=_some(rng, sorted(leader.credentials), 0.4),
                features=_some(rng, sorted(room.features), 0.4),
            )
        )
    return tuple(made)


def _patient(
    rng: Random,
    grid: int,
    days: list[int],
    id: str,
    offers: tuple[Offer, ...],
    staff: tuple[Facilitator, ...],
    rooms: tuple[Room, ...],
) -> Patient:
    windows = [
        Window(_span(rng, grid, day, (150, 240, 420, 720)), rng.random() < 0.7, rng.choice(_MODES))
        for day in days
        for _ in range(rng.choice((0, 1, 1, 2)))
    ]
    ordered = rng.choice((90, 180, 270, 360, 540, 630, 720, 900))
    least_days = rng.choice((0, 1, 2, 3, 5))
    patient = Patient(
        id=id,
        ordered=ordered,
        most=ordered + rng.choice((0, 15, 30, 60, 120)),
        days=(least_days, min(7, max(1, least_days + rng.choice((0, 0, 1, 2))))),
        day_least=rng.choice((0, 60, 120, 150)),
        day_most=rng.choice((150, 180, 240, 300)),
        countable=rng.choice((0, 0, 90, 120, 150)),
        windows=tuple(windows),
        doses=(),
        video_most=rng.choice((0, 90, 150, _WEEK_BY_VIDEO)),
        owed=tuple(
            _owed(rng, grid, days, f"{id}-{number + 1}", staff, rooms)
            for number in range(rng.choice((0, 0, 1, 1, 2)))
        ),
        tags=_some(rng, _TAGS, 0.4),
        track=rng.choice((None, "day", "evening")),
        had=frozenset(f"topic-{number}" for number in range(1, 5) if rng.random() < 0.3),
        used_to=tuple(
            (offer.id, rng.choice(offer.starts)) for offer in offers if offer.starts and rng.random() < 0.3
        ),
    )
    kinds = sorted({offer.kind for offer in offers if may_attend(patient, offer)})
    doses = [(kind, rng.choice((45, 60, 90, 180))) for kind in kinds if rng.random() < 0.35]
    return replace(patient, doses=tuple(doses))


def _owed(
    rng: Random, grid: int, days: list[int], id: str, staff: tuple[Facilitator, ...], rooms: tuple[Room, ...]
) -> Owed:
    minutes = rng.choice((30, 45, 60, 90))
    starts = {
        day * DAY + rng.randrange(420, 1321 - minutes, grid) for day in days for _ in range(rng.randint(1, 6))
    }
    needs_room = rng.random() < 0.3
    return Owed(
        id=id,
        kind=rng.choice(("individual", "family")),
        minutes=minutes,
        leaders=tuple(who.id for who in rng.sample(staff, rng.choice((1, 1, 2)))),
        modes=frozenset({Mode.ON_SITE}) if needs_room else rng.choice(_MODES),
        starts=tuple(sorted(starts)),
        room=_some(rng, sorted(rng.choice(rooms).features), 0.5) if needs_room else None,
    )


def _keep_apart(rng: Random, patients: list[Patient]) -> tuple[Patient, ...]:
    """Some pairs, sometimes a clique."""
    apart: dict[str, set[str]] = {patient.id: set() for patient in patients}
    crowds = [rng.sample(patients, 2) for _ in range(rng.choice((0, 1, 3)))]
    if rng.random() < 0.25:
        crowds.append(rng.sample(patients, rng.randint(3, 5)))
    for crowd in crowds:
        for patient in crowd:
            apart[patient.id] |= {other.id for other in crowd if other is not patient}
    return tuple(replace(patient, apart=frozenset(apart[patient.id])) for patient in patients)


def _weights(rng: Random) -> Weights:
    if rng.random() < 0.7:
        return Weights()
    return Weights(
        short_per_minute=rng.choice((10, 40)),
        session=rng.choice((0, 200, 900)),
        overtime_per_minute=rng.choice((0, 4, 30)),
        idle_per_minute=rng.choice((0, 1, 5)),
        trip=rng.choice((0, 60, 300)),
        moved=rng.choice((0, 80, 400)),
        idle_free=rng.choice((0, 15, 30)),
    )


def _mid_week(rng: Random, case: Case) -> Case:
    """The same case with a published week, some of it held, and something that has changed since."""
    week = greedy(case)
    now = rng.randrange(0, 5 * DAY, case.grid)
    standing = [_standing(rng, case, session, now) for session in week if rng.random() < 0.8]
    case = replace(case, standing=tuple(standing), now=now)
    for change in rng.sample((_sick, _busy, _holiday, _fewer_hours), rng.randint(0, 3)):
        case = change(rng, case)
    return case


def _standing(rng: Random, case: Case, session: Session, now: int) -> Standing:
    if session.span.start < now:
        fixed = rng.choice((Fixed.DELIVERED, Fixed.DELIVERED, Fixed.LOCKED))
    else:
        fixed = rng.choice((Fixed.NO, Fixed.NO, Fixed.NO, Fixed.LOCKED))
    others = 0
    if session.offer is not None and rng.random() < 0.25:
        offer = next(each for each in case.offers if each.id == session.offer)
        room = next((each.capacity for each in case.rooms if each.id == session.room), offer.most)
        others = rng.randint(0, min(offer.most, room) - len(session.people))
    return Standing(
        session.id,
        session.offer,
        session.owed,
        session.span,
        session.mode,
        session.room,
        session.leaders,
        session.people,
        fixed,
        others,
    )


def _locked(case: Case) -> list[Standing]:
    return [each for each in case.standing if each.fixed == Fixed.LOCKED]


def _sick(rng: Random, case: Case) -> Case:
    """A facilitator is away for a day on which she leads nothing locked."""
    who = rng.choice(case.facilitators)
    day = rng.randrange(7)
    if any(who.id in each.leaders and each.span.day == day for each in _locked(case)):
        return case
    left = tuple(shift for shift in who.available if shift.day != day)
    staff = tuple(replace(who, available=left) if each is who else each for each in case.facilitators)
    return replace(case, facilitators=staff)


def _busy(rng: Random, case: Case) -> Case:
    """A patient's week becomes narrower, but for what is locked."""
    patient = rng.choice(case.patients)
    mine = [each for each in _locked(case) if patient.id in each.people]
    left = tuple(
        window
        for window in patient.windows
        if rng.random() < 0.5 or any(window.span.holds(each.span) for each in mine)
    )
    patients = tuple(replace(patient, windows=left) if each is patient else each for each in case.patients)
    return replace(case, patients=patients)


def _holiday(rng: Random, case: Case) -> Case:
    """A day to come is closed, if nothing on it is fixed."""
    day = rng.randrange(7)
    if any(each.span.day == day and each.fixed != Fixed.NO for each in case.standing):
        return case
    return replace(case, closed=case.closed | {day})


def _fewer_hours(rng: Random, case: Case) -> Case:
    """Limits become lower than what has been held already."""
    patient, who = rng.choice(case.patients), rng.choice(case.facilitators)
    less = replace(patient, ordered=90, most=90, days=(0, 1), day_most=90, video_most=0, day_least=0)
    tired = replace(who, day_most=90, week_most=180, week_usual=120)
    return replace(
        case,
        patients=tuple(less if each is patient else each for each in case.patients),
        facilitators=tuple(tired if each is who else each for each in case.facilitators),
    )
