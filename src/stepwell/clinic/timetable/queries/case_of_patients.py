"""What each patient is ordered, when she can come and what she is used to, as a case of the week has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from stepwell.clinic.coverage.rules import Unit, at_level, rule_on
from stepwell.clinic.people.rules import SessionKind, may_lead
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.queries.case_of_sessions import Calendar, Stand
from stepwell.clinic.timetable.queries.case_of_site import _held, meetings_of, topic_id
from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows
from stepwell.clinic.timetable.rules.planning import Order, Wanted, load_defaults, parts_of, wanted_in
from stepwell.clinic.timetable.rules.windows import Window as SaidWindow
from stepwell.clinic.timetable.rules.windows import joined as joined_windows
from weekplan.case import Facilitator, Fixed, Mode, Offer, Owed, Patient, Span, Window
from weekplan.fitting import joined


@dataclass
class Tellings:
    """What planners are told beside the case."""

    guessed: list[int] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)


def patients_of(
    rows: WeekRows,
    grid: int,
    calendar: Calendar,
    offers: Sequence[Offer],
    facilitators: Sequence[Facilitator],
    told: Tellings,
) -> tuple[Patient, ...]:
    """Everybody in treatment who is ordered something in this week, in the order of their numbers."""
    about = _About(rows, grid, calendar, offers, facilitators, told)
    found = []
    for patient_id in sorted(rows.patients):
        wanted = wanted_in(about.orders[patient_id], rows.starts_on)
        if wanted is not None and wanted.minutes:
            found.append(_patient(about, patient_id, wanted))
    named = {one.id for one in found}
    return tuple(_among(one, named) for one in found)


class _About:
    """The rows by patient, looked up once for all."""

    def __init__(
        self,
        rows: WeekRows,
        grid: int,
        calendar: Calendar,
        offers: Sequence[Offer],
        facilitators: Sequence[Facilitator],
        told: Tellings,
    ) -> None:
        self.rows, self.grid, self.calendar, self.told = rows, grid, calendar, told
        self.offers = {offer.id: offer for offer in offers}
        self.facilitators = {one.id: one for one in facilitators}
        self.offered = {offer.kind for offer in offers if offer.times[1]}
        self.groups = {group.pk: group for group in rows.groups}
        self.orders = _orders(rows)
        self.windows = _by(rows.windows, "patient_id")
        self.tags = _by(rows.tags, "patient_id")
        self.policies = _by(rows.policies, "patient_id")
        self.interventions = _by(rows.interventions, "patient")
        self.team = _by(rows.care_team, "patient")
        self.enrollments = _by(rows.enrollments, "patient_id")
        self.apart: dict[int, set[int]] = defaultdict(set)
        for row in rows.apart:
            self.apart[row.first_id].add(row.second_id)
            self.apart[row.second_id].add(row.first_id)
        self.had: dict[int, set[str]] = defaultdict(set)
        for patient, group, topic in rows.topics:
            name = topic_id(self.groups[group], topic)
            if name is not None:
                self.had[patient].add(name)
        self.used_to = _used_to(rows, self.offers)
        self.level = _levels(rows)
        self.starts = sorted(
            {span.start for group in rows.groups for _, span in meetings_of(rows, group, always=True)}
        )
        # Who may hold an individual session of a kind, by staff id: said of them, or by their credential.
        self.treats: dict[str, list[int]] = defaultdict(list)
        for kind in load_defaults().owed_kinds:
            self.treats[kind] = [
                int(one.id[1:])
                for one in facilitators
                if kind in one.leads
                and may_lead(_held(rows, int(one.id[1:])), _SESSION[kind], rows.starts_on).valid
            ]


_SESSION = {
    "individual": SessionKind.INDIVIDUAL,
    "family": SessionKind.FAMILY,
    "medical": SessionKind.MEDICAL,
    "case_management": SessionKind.CASE_MANAGEMENT,
}


def _patient(about: _About, patient_id: int, wanted: Wanted) -> Patient:
    defaults = load_defaults()
    stands = about.calendar.of_patient(patient_id)
    tracks = _tracks(about, patient_id)
    windows, guessed = _windows(about, patient_id, tracks)
    if guessed:
        about.told.guessed.append(patient_id)
    doses, owed = _doses(about, patient_id, wanted)
    lost = sum(one.lost.get(patient_id, 0) for one in stands)
    booked = sum(one.span.minutes for one in stands)
    booked_days = len({one.span.day for one in stands})
    by_day: dict[int, int] = defaultdict(int)
    for one in stands:
        by_day[one.span.day] += one.span.minutes
    # Minutes of a held session that she missed are still owed to her; what is booked beyond the order may stay.
    ordered = wanted.minutes + lost
    most = max(ordered + defaults.above_the_order, booked)
    days_most = max(wanted.days[1], booked_days)
    return Patient(
        id=f"p{patient_id}",
        ordered=ordered,
        most=most,
        days=(min(wanted.days[0], days_most), days_most),
        day_least=defaults.day_worth_the_way,
        day_most=max(_day_most(about, patient_id, wanted), *by_day.values(), 0),
        countable=_countable(about, patient_id),
        windows=windows,
        doses=tuple(sorted(doses.items())),
        video_most=most,
        owed=owed,
        apart=frozenset(f"p{other}" for other in about.apart[patient_id]),
        tags=frozenset(row.tag.lower() for row in about.tags[patient_id]),
        track=f"t{tracks[0]}" if tracks else None,
        had=frozenset(about.had[patient_id]),
        used_to=about.used_to.get(patient_id, ()),
    )


def _among(patient: Patient, named: set[str]) -> Patient:
    """Kept apart only from people who are planned too."""
    return replace(patient, apart=patient.apart & named)


def _by(rows: Sequence[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _orders(rows: WeekRows) -> dict[int, list[Order]]:
    """Each order holds until the next one of its episode, and not beyond the episode."""
    found: dict[int, list[Order]] = defaultdict(list)
    ends = {
        e.pk: (e.patient_id, e.closed_at.astimezone(rows.zone).date() if e.closed_at else None)
        for e in rows.episodes
    }
    for episode_id, orders in _by(rows.orders, "episode_id").items():
        patient, closed = ends[episode_id]
        nexts = [later.starts_on for _, later in pairwise(orders)]
        for order, following in zip(orders, [*nexts, None], strict=True):
            until = min((day for day in (following, closed) if day is not None), default=None)
            found[patient].append(
                Order(
                    minutes=order.minutes_per_week,
                    days_least=order.days_least,
                    days_most=order.days_most,
                    doses=order.doses or {},
                    starts_on=order.starts_on,
                    ends_on=until,
                )
            )
    return found


def _levels(rows: WeekRows) -> dict[int, str]:
    """The level of care in force at the end of the week, as planned now."""
    of = {episode.pk: episode.patient_id for episode in rows.episodes}
    until = rows.instant_of(7 * DAY)
    found: dict[int, str] = {}
    for placement in rows.placements:
        if placement.level and placement.starts_at < until:
            found[of[placement.episode_id]] = placement.level
    return found


def _countable(about: _About, patient_id: int) -> int:
    """The minutes that make a day count for who pays first: of the rule by the day in force, 0 for none."""
    day = about.rows.starts_on
    last = day + timedelta(days=6)
    policy = next(iter(about.policies[patient_id]), None)
    if policy is None:
        return 0
    found = []
    for row in policy.payer.rules.all():
        if row.starts_on <= last and (row.ends_on is None or row.ends_on >= day):
            try:
                found.append(rule_on(row.rule, day))
            except LookupError:
                continue
    for rule in at_level(found, about.level.get(patient_id, "")):
        if rule.unit is Unit.PER_DIEM:
            return rule.minimum_minutes
    return 0


def _day_most(about: _About, patient_id: int, wanted: Wanted) -> int:
    """The hours of the program's band on its fewest days; a site without a program has the default."""
    level = about.level.get(patient_id, "")
    program = next((p for p in about.rows.programs if p.level == level), None)
    if program is None:
        return load_defaults().day_most
    return max(load_defaults().day_most, -(-wanted.minutes // max(1, wanted.days[1])))


def _tracks(about: _About, patient_id: int) -> list[int]:
    """The tracks that all of her groups with tracks have in common; the first is hers."""
    common: list[int] | None = None
    for row in about.enrollments[patient_id]:
        group = about.groups.get(row.group_id)
        if group is None or row.ends_on is not None:
            continue
        tracks = [track.pk for track in group.tracks.all()]
        if tracks:
            common = tracks if common is None else [track for track in common if track in tracks]
    return common or []


def _windows(about: _About, patient_id: int, tracks: list[int]) -> tuple[tuple[Window, ...], bool]:
    """When she can come: as she said, or else when she comes now and when her track meets."""
    rows, grid = about.rows, about.grid
    taken = [
        (rows.minute_of(r.during.lower), rows.minute_of(r.during.upper))
        for r in rows.reservations
        if r.patient_id == patient_id
    ]
    said = [row for row in about.windows[patient_id] if _holds(rows, row)]
    if said:
        spans = [
            (_span(rows, window), window.preferred, _modes(window))
            for window in joined_windows(
                SaidWindow(
                    weekday=row.weekday,
                    starts_at=row.starts_at,
                    ends_at=row.ends_at,
                    preferred=row.preferred,
                    on_site=row.on_site,
                    video=row.video,
                )
                for row in said
            )
        ]
    else:
        now = [one.span for one in about.calendar.of_patient(patient_id)]
        for row in about.enrollments[patient_id]:
            if row.ends_on is None and row.group_id in about.groups:
                now += [span for _, span in meetings_of(rows, about.groups[row.group_id])]
        also = [
            span
            for group in rows.groups
            if tracks and {track.pk for track in group.tracks.all()} & set(tracks)
            for _, span in meetings_of(rows, group)
        ]
        spans = [(span, True, frozenset(Mode)) for span in joined(now)]
        spans += [(span, False, frozenset(Mode)) for span in joined([*now, *also])]
    found = []
    for span, preferred, modes in spans:
        for part in _without(span, taken):
            start, end = -(-part.start // grid) * grid, part.end // grid * grid
            if start < end:
                found.append(Window(Span(start, end), preferred, modes))
    found.sort(key=lambda one: (one.span.start, one.span.end, not one.preferred))
    return tuple(dict.fromkeys(found)), not said


def _without(span: Span, taken: Sequence[tuple[int, int]]) -> list[Span]:
    parts = [span]
    for start, end in taken:
        parts = [
            piece
            for part in parts
            for piece in (Span(part.start, min(part.end, start)), Span(max(part.start, end), part.end))
            if piece.start < piece.end
        ]
    return parts


def _holds(rows: WeekRows, row: Any) -> bool:
    day = rows.starts_on + timedelta(days=(row.weekday - rows.starts_on.weekday()) % 7)
    return bool(row.first_on <= day and (row.last_on is None or day <= row.last_on))


def _span(rows: WeekRows, window: SaidWindow) -> Span:
    midnight = (window.weekday - rows.starts_on.weekday()) % 7 * DAY
    starts, ends = window.starts_at, window.ends_at
    return Span(midnight + starts.hour * 60 + starts.minute, midnight + ends.hour * 60 + ends.minute)


def _modes(window: SaidWindow) -> frozenset[Mode]:
    return frozenset(([Mode.ON_SITE] if window.on_site else []) + ([Mode.VIDEO] if window.video else []))


def _doses(about: _About, patient_id: int, wanted: Wanted) -> tuple[dict[str, int], tuple[Owed, ...]]:
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


def _led_by_nobody(about: _About, patient_id: int) -> set[str]:
    """Kinds of sessions for her alone whose leader is away: ordered or not, they were promised and want a mend."""
    return {
        one.treatment
        for one in about.calendar.of_patient(patient_id)
        if one.single and one.treatment in load_defaults().owed_kinds and not _led(about, one)
    }


def _led(about: _About, one: Stand) -> bool:
    """Whether everybody who leads it is there for the whole of it."""
    return all(
        any(span.holds(one.span) for span in about.facilitators[f"s{leader}"].available)
        for leader in one.leaders
        if f"s{leader}" in about.facilitators
    )


def _owed(about: _About, patient_id: int, kind: str, minutes: int) -> list[Owed]:
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


def _starts(about: _About, leaders: Sequence[str], minutes: int, also: int | None = None) -> tuple[int, ...]:
    """The half hours at which one of the leaders is there for the whole session."""
    every = load_defaults().owed_every
    found = {
        start
        for leader in leaders
        for span in about.facilitators[leader].available
        for start in range(-(-span.start // every) * every, span.end - minutes + 1, every)
    }
    return tuple(sorted(found if also is None else found | {also}))


def _used_to(rows: WeekRows, offers: dict[str, Offer]) -> dict[int, tuple[tuple[str, int], ...]]:
    """The seats of the week before, as far as the same offer can begin at the same time again."""
    found: dict[int, dict[tuple[str, int], None]] = defaultdict(dict)
    for occurrence in rows.before:
        start, end = rows.span_of(occurrence)
        offer = offers.get(f"g{occurrence.group_id}-{end - start}")
        if offer is None or start + 7 * DAY not in offer.starts:
            continue
        for seat in rows.seats_in[occurrence.pk]:
            found[seat.patient_id][(offer.id, start + 7 * DAY)] = None
    return {patient: tuple(sorted(seats)) for patient, seats in found.items()}
