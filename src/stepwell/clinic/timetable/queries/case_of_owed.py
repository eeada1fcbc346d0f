"""What each patient is ordered of a kind: minutes that groups give, and sessions that she is owed alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.queries.case_of_sessions import Stand
from stepwell.clinic.timetable.queries.patient_rows import About
from stepwell.clinic.timetable.rules.planning import Wanted, load_defaults, parts_of
from weekplan.case import Fixed, Mode, Owed


def doses_and_owed(about: About, patient_id: int, wanted: Wanted) -> tuple[dict[str, int], tuple[Owed, ...]]:
    """Minutes by kind that groups give, and the sessions she is owed alone or with her family."""
    planned: dict[str, int] = defaultdict(int)
    for row in about.interventions[patient_id]:
        planned[row.kind] += row.minutes_per_week
    defaults = load_defaults()
    doses: dict[str, int] = {}
    owed: list[Owed] = []
    for kind in sorted({*wanted.doses, *(k for k in planned if k in defaults.owed_kinds)}):
        minutes = wanted.doses.get(kind, 0) or (planned[kind] if wanted.of_days >= 4 else 0)
        if not minutes:
            continue
        if kind in about.offered:
            if kind in wanted.doses:
                doses[kind] = minutes
        elif kind in defaults.owed_kinds:
            owed += _owed(about, patient_id, kind, minutes)
        else:
            about.told.unmet.append(
                f"{Kind(kind).label} is ordered, and no group of this site gives it this week."
            )
    for kind in sorted(_led_by_nobody(about, patient_id) - {one.kind for one in owed}):
        owed += _owed(about, patient_id, kind, 0)
    return doses, tuple(owed)


def _led_by_nobody(about: About, patient_id: int) -> set[str]:
    """Kinds of sessions for her alone whose leader is away: ordered or not, they were promised and want a mend."""
    return {
        one.treatment
        for one in about.calendar.of_patient(patient_id)
        if one.single and one.treatment in load_defaults().owed_kinds and not _led(about, one)
    }


def _led(about: About, one: Stand) -> bool:
    """Whether everybody who leads it is there for the whole of it."""
    return all(
        any(span.holds(one.span) for span in about.facilitators[f"s{leader}"].available)
        for leader in one.leaders
        if f"s{leader}" in about.facilitators
    )


def _owed(about: About, patient_id: int, kind: str, minutes: int) -> list[Owed]:
    """What stands already counts first; the rest is owed by the care team, or by anybody who may."""
    grid = about.grid
    stands = [one for one in about.calendar.of_patient(patient_id) if one.single and one.treatment == kind]
    team = [row.staff_id for row in about.team[patient_id] if row.staff_id in about.treats[kind]]
    others = tuple(f"s{s}" for s in dict.fromkeys(team or about.treats[kind]))
    found = []
    for number, one in enumerate(one for one in stands if one.occurrence_id is not None):
        name = f"o{patient_id}-{kind}-{number + 1}"
        leaders = tuple(f"s{s}" for s in one.leaders if f"s{s}" in about.facilitators)[:1]
        if not leaders or one.fixed is Fixed.LOCKED:
            continue
        if not _led(about, one):
            instead = [staff for staff in team if staff not in one.leaders] or about.treats[kind]
            leaders = tuple(dict.fromkeys((*leaders, *(f"s{staff}" for staff in instead))))
        about.calendar.owed[one.id] = name
        found.append(
            Owed(
                id=name,
                kind=kind,
                minutes=one.span.minutes,
                leaders=leaders,
                modes=frozenset({one.mode}),
                starts=_starts(about, leaders, one.span.minutes, also=one.span.start),
                room=frozenset() if one.mode is Mode.ON_SITE and one.room_id else None,
            )
        )
    missing = minutes - sum(one.span.minutes for one in stands)
    if missing < grid:
        return found
    if not others:
        about.told.unmet.append(
            f"{Kind(kind).label} is ordered, and nobody here is set to lead it. "
            "Say so on the page of who does."
        )
        return found
    for number, part in enumerate(parts_of(missing, load_defaults().owed_longest)):
        length = max(grid, -(-part // grid) * grid)
        starts = _starts(about, others, length)
        if not starts:
            about.told.unmet.append(f"{Kind(kind).label} is ordered, and who leads it is not here this week.")
            break
        found.append(
            Owed(
                id=f"o{patient_id}-{kind}-{len(stands) + number + 1}",
                kind=kind,
                minutes=length,
                leaders=others,
                modes=frozenset(Mode),
                starts=starts,
                room=frozenset(),
            )
        )
    return found


def _starts(about: About, leaders: Sequence[str], minutes: int, also: int | None = None) -> tuple[int, ...]:
    """The half hours at which one of the leaders is there for the whole session."""
    every = load_defaults().owed_every
    found = {
        start
        for leader in leaders
        for span in about.facilitators[leader].available
        for start in range(-(-span.start // every) * every, span.end - minutes + 1, every)
    }
    return tuple(sorted(found if also is None else found | {also}))
