"""Hypothesis strategies of cases and plans: small, odd, and never nonsense."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

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
from weekplan.fitting import joined, may_attend, starts_of_offer, starts_of_owed
from weekplan.plan import Mend, Met, Plan, Session, Shortfall, Status

KINDS = ["skills", "process", "family", "education"]
TAGS = ["women", "spanish", "trauma"]
TRACKS = ["morning", "evening"]
TOPICS = ["triggers", "sleep"]
FEATURES = ["quiet", "step-free", "screen"]
CREDENTIALS = ["LCSW", "CADC"]
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)

modes = st.frozensets(st.sampled_from(Mode), min_size=1)
weights = st.builds(Weights, **{name: st.integers(0, 5000) for name in Weights.__dataclass_fields__})


def some(of: list[str], least: int = 0):
    return st.frozensets(st.sampled_from(of), min_size=least)


@st.composite
def spans(draw, grid: int, days: int = 7, longest: int = DAY):
    start = draw(st.integers(0, DAY // grid - 1)) * grid
    end = min(DAY, start + draw(st.integers(1, longest // grid)) * grid)
    day = draw(st.integers(0, days - 1)) * DAY
    return Span(day + start, day + end)


def hours(grid: int):
    return st.lists(spans(grid), max_size=4).map(joined)


@st.composite
def rooms(draw, grid: int):
    return tuple(
        Room(f"room {n}", draw(st.integers(6, 14)), draw(some(FEATURES)), draw(hours(grid)))
        for n in range(draw(st.integers(1, 3)))
    )


@st.composite
def facilitators(draw, grid: int):
    made = []
    for n in range(draw(st.integers(1, 3))):
        week_most = draw(st.integers(0, 2400))
        made.append(
            Facilitator(
                id=f"facilitator {n}",
                leads=draw(some(KINDS, least=1)),
                coleads=draw(some(KINDS)),
                credentials=draw(some(CREDENTIALS)),
                available=draw(hours(grid)),
                day_most=draw(st.integers(0, 600)),
                week_most=week_most,
                week_usual=draw(st.sampled_from([week_most, week_most // 2])),
                rest=draw(st.integers(0, 30)),
                travel=draw(st.integers(0, 60)),
            )
        )
    return tuple(made)


@st.composite
def offers(draw, grid, rooms, facilitators, patient_ids):
    made = []
    for n in range(draw(st.integers(0, 4))):
        leader = draw(st.sampled_from(facilitators))
        room = draw(st.sampled_from(rooms))
        kind = draw(st.sampled_from(sorted(leader.leads)))
        least = draw(st.integers(1, 6))
        good = least + draw(st.integers(0, 4))
        minutes = draw(st.integers(1, 180 // grid)) * grid
        others = [f for f in facilitators if f != leader and kind in f.leads | f.coleads]
        times = sorted(draw(st.tuples(st.integers(0, 4), st.integers(0, 4))))
        offer = Offer(
            id=f"offer {n}",
            kind=kind,
            minutes=minutes,
            least=least,
            good=good,
            most=good + draw(st.integers(0, 4)),
            modes=draw(modes),
            times=(times[0], times[1]),
            each=draw(st.integers(0, 3)),
            starts=(),
            leaders=draw(st.integers(1, 2 if others else 1)),
            needs=draw(some(TAGS)) if draw(st.booleans()) else frozenset(),
            tracks=draw(some(TRACKS)),
            members=draw(st.none() | st.frozensets(st.sampled_from(patient_ids))) if patient_ids else None,
            topic=draw(st.none() | st.sampled_from(TOPICS)),
            credentials=frozenset(draw(st.permutations(sorted(leader.credentials)))[:1]),
            features=frozenset(draw(st.permutations(sorted(room.features)))[:1]),
        )
        made.append(
            replace(
                offer, starts=draw(starts(grid, minutes, starts_of_offer(offer, rooms, facilitators, grid)))
            )
        )
    return tuple(made)


@st.composite
def starts(draw, grid, minutes, usual):
    """What the reader finds by itself, or others."""
    if draw(st.booleans()):
        return usual
    points = st.builds(
        lambda day, point: day * DAY + point * grid,
        st.integers(0, 6),
        st.integers(0, (DAY - minutes) // grid),
    )
    return tuple(sorted(draw(st.frozensets(points, max_size=5))))


@st.composite
def patients(draw, grid, rooms, facilitators, offers, names):
    pairs = (
        draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=3)) if names else []
    )
    made = []
    for name in names:
        ordered = draw(st.integers(0, 1200))
        most = ordered + draw(st.integers(0, 120))
        days = sorted(draw(st.tuples(st.integers(0, 7), st.integers(0, 7))))
        day = sorted(draw(st.tuples(st.integers(0, 400), st.integers(0, 400))))
        habits = st.lists(
            st.tuples(st.sampled_from([o.id for o in offers]), st.integers(0, 671).map(lambda n: n * 15)),
            max_size=2,
            unique=True,
        )
        patient = Patient(
            id=name,
            ordered=ordered,
            most=most,
            days=(days[0], days[1]),
            day_least=day[0],
            day_most=day[1],
            countable=draw(st.sampled_from([0, 120, 180])),
            windows=tuple(draw(st.lists(st.builds(Window, spans(grid), st.booleans(), modes), max_size=5))),
            doses=(),
            video_most=draw(st.sampled_from([most, 0])),
            owed=draw(owed(grid, rooms, facilitators, name)),
            apart=frozenset(b for a, b in pairs if a == name != b)
            | frozenset(a for a, b in pairs if b == name != a),
            tags=draw(some(TAGS)),
            track=draw(st.none() | st.sampled_from(TRACKS)),
            had=draw(some(TOPICS)),
            used_to=tuple(draw(habits)) if offers else (),
        )
        given = sorted(
            {o.kind for o in offers if o.times[1] and may_attend(patient, o)} | {o.kind for o in patient.owed}
        )
        doses = draw(st.dictionaries(st.sampled_from(given), st.integers(0, 400))) if given else {}
        made.append(replace(patient, doses=tuple(doses.items())))
    return tuple(made)


@st.composite
def owed(draw, grid, rooms, facilitators, name):
    made = []
    for n in range(draw(st.integers(0, 2))):
        minutes = draw(st.integers(1, 90 // grid)) * grid
        one = Owed(
            id=f"{name} owed {n}",
            kind=draw(st.sampled_from(KINDS)),
            minutes=minutes,
            leaders=tuple(
                draw(st.lists(st.sampled_from([f.id for f in facilitators]), min_size=1, unique=True))
            ),
            modes=draw(modes),
            starts=(),
            room=draw(st.none() | some(FEATURES)),
        )
        made.append(
            replace(one, starts=draw(starts(grid, minutes, starts_of_owed(one, rooms, facilitators, grid))))
        )
    return tuple(made)


@st.composite
def standing(draw, grid, rooms, facilitators, offers, patients):
    made = []
    whose = {owed.id: patient.id for patient in patients for owed in patient.owed}
    subjects = [(offer.id, None) for offer in offers] + [(None, name) for name in whose]
    if not subjects:
        return ()
    for n in range(draw(st.integers(0, 3))):
        offer, owed = draw(st.sampled_from(subjects))
        people = st.lists(st.sampled_from([p.id for p in patients]), unique=True) if patients else st.just([])
        made.append(
            Standing(
                id=f"session {n}",
                offer=offer,
                owed=owed,
                span=draw(spans(grid, longest=240)),
                mode=draw(st.sampled_from(Mode)),
                room=draw(st.none() | st.sampled_from([r.id for r in rooms])),
                leaders=tuple(
                    draw(st.lists(st.sampled_from([f.id for f in facilitators]), max_size=2, unique=True))
                ),
                people=tuple(draw(people)) if owed is None else (whose[owed],),
                fixed=draw(st.sampled_from(Fixed)),
                others=draw(st.integers(0, 3)),
            )
        )
    return tuple(made)


@st.composite
def cases(draw):
    grid = draw(st.sampled_from([5, 15]))
    its_rooms, its_facilitators = draw(rooms(grid)), draw(facilitators(grid))
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    its_offers = draw(offers(grid, its_rooms, its_facilitators, names))
    its_patients = draw(patients(grid, its_rooms, its_facilitators, its_offers, names))
    return Case(
        name=draw(NAMES),
        zone=draw(st.sampled_from(["America/New_York", "UTC", "Asia/Kolkata"])),
        starts_on=draw(st.dates()).isoformat(),
        grid=grid,
        closed=draw(st.frozensets(st.integers(0, 6), max_size=2)),
        now=draw(st.integers(0, 7 * DAY)),
        rooms=its_rooms,
        facilitators=its_facilitators,
        offers=its_offers,
        patients=its_patients,
        standing=draw(standing(grid, its_rooms, its_facilitators, its_offers, its_patients)),
        weights=draw(weights),
    )


minutes_by_kind = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 600)).map(lambda d: tuple(d.items()))
name_lists = st.lists(NAMES, unique=True, max_size=3).map(tuple)
points = st.integers(0, 10**9)


@st.composite
def sessions(draw):
    offer = draw(st.none() | NAMES)
    return Session(
        id=draw(NAMES),
        offer=offer,
        owed=draw(NAMES) if offer is None else None,
        kind=draw(NAMES),
        span=draw(spans(5, longest=240)),
        mode=draw(st.sampled_from(Mode)),
        room=draw(st.none() | NAMES),
        leaders=draw(name_lists),
        people=draw(name_lists),
        fixed=draw(st.sampled_from(Fixed)).value,
        others=draw(st.integers(0, 5)),
    )


minutes = st.integers(0, 2000)
week_days = st.integers(0, 7)
met = st.builds(
    Met, NAMES, minutes, minutes, minutes, minutes_by_kind, name_lists, week_days, week_days, week_days
)
mends = st.builds(Mend, NAMES, st.integers(-600, 600), st.integers(-(10**6), 10**6), name_lists)
shortfalls = st.builds(
    Shortfall, NAMES, minutes, minutes_by_kind, name_lists, NAMES, st.lists(mends, max_size=2).map(tuple)
)
plans = st.builds(
    Plan,
    case=NAMES,
    status=st.sampled_from(Status),
    sessions=st.lists(sessions(), max_size=4).map(tuple),
    cost=points,
    costs=st.dictionaries(st.sampled_from(sorted(Weights.__dataclass_fields__)), points),
    bound=st.none() | points,
    seconds=st.floats(0, 1e6),
    seed=st.integers(0, 2**31),
    met=st.lists(met, max_size=3).map(tuple),
    shortfalls=st.lists(shortfalls, max_size=2).map(tuple),
)
