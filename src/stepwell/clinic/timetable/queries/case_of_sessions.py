"""What stands on the calendar of a week already, as a case has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows
from weekplan.case import Fixed, Mode, Offer, Patient, Span, Standing


@dataclass(frozen=True)
class Stand:
    """A session that stands: of the calendar, or locked in a version and not published yet.

    `people`: who has a seat and did not miss it. `absent`: who did; the seat is theirs and gives them nothing.
    `lost`: patient id -> minutes of a session that was held and was not attended in full.
    """

    id: str
    occurrence_id: int | None
    group_id: int | None
    kind: str
    treatment: str
    span: Span
    mode: Mode
    room_id: int | None
    leaders: tuple[int, ...]
    people: tuple[int, ...]
    absent: tuple[int, ...] = ()
    fixed: Fixed = Fixed.NO
    lost: Mapping[int, int] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """For one person alone."""
        return self.group_id is None and len(self.people) + len(self.absent) == 1


@dataclass(frozen=True)
class Calendar:
    """All that stands in the week. `owed`: id of a session on the calendar -> the owed session that it gives."""

    rows: WeekRows
    stands: tuple[Stand, ...]
    owed: dict[str, str] = field(default_factory=dict)

    def of_group(self, group_id: int) -> list[Span]:
        return [one.span for one in self.stands if one.group_id == group_id]

    def of_patient(self, patient_id: int) -> list[Stand]:
        return self._by_patient.get(patient_id, [])

    @property
    def _by_patient(self) -> dict[int, list[Stand]]:
        if not self._kept:
            found: dict[int, list[Stand]] = defaultdict(list)
            for one in self.stands:
                for patient in one.people:
                    found[patient].append(one)
            self._kept.append(found)
        return self._kept[0]

    _kept: list[dict[int, list[Stand]]] = field(default_factory=list, compare=False, repr=False)

    def standing(
        self, named: set[str], patients: Sequence[Patient], offers: Sequence[Offer]
    ) -> tuple[tuple[Standing, ...], tuple[Offer, ...], dict[int, tuple[int, ...]]]:
        """The sessions for the case, offers that only name single ones of them, and who sits in them from outside."""
        known = {offer.id: offer for offer in offers}
        leading = {staff.pk for staff in self.rows.staff}
        found, more, outside = [], [], {}
        for one in self.stands:
            people = tuple(f"p{p}" for p in one.people if f"p{p}" in named)
            outsiders = (*(p for p in one.people if f"p{p}" not in named), *one.absent)
            if outsiders and one.occurrence_id is not None:
                outside[one.occurrence_id] = outsiders
            leaders = tuple(f"s{s}" for s in one.leaders if s in leading)
            owed = self.owed.get(one.id) if people else None
            offer = f"g{one.group_id}-{one.span.minutes}" if one.group_id else ""
            fixed = one.fixed
            if owed is None and offer not in known:
                offer = f"x{one.id}"
                fixed = Fixed.LOCKED if fixed is Fixed.NO else fixed
                more.append(_only_names(offer, one, people, len(outsiders), len(leaders)))
            elif owed is None:
                leaders = leaders[: known[offer].leaders]
            found.append(
                Standing(
                    id=one.id,
                    offer=None if owed else offer,
                    owed=owed,
                    span=one.span,
                    mode=one.mode,
                    room=f"r{one.room_id}" if one.room_id and one.mode is Mode.ON_SITE else None,
                    leaders=leaders[:1] if owed else leaders,
                    people=people,
                    fixed=fixed,
                    others=0 if owed else len(outsiders),
                )
            )
        return tuple(found), tuple(more), outside


def calendar_of(rows: WeekRows, grid: int, locked: Sequence[Any]) -> Calendar:
    """The sessions of the week; `locked` planned ones as they are in their version, in place of what they continue."""
    instead = {one.occurrence_id: one for one in locked if one.occurrence_id is not None}
    stands = [
        _of_plan(rows, one, grid) if one is not None else _of_calendar(rows, occurrence, grid)
        for occurrence in rows.occurrences
        for one in [instead.get(occurrence.pk) if not _has_begun(rows, occurrence) else None]
    ]
    stands += [_of_plan(rows, one, grid) for one in locked if one.occurrence_id is None]
    return Calendar(rows, tuple(one for one in stands if 0 <= one.span.start < 7 * DAY))


def _has_begun(rows: WeekRows, occurrence: Any) -> bool:
    return bool(
        occurrence.starts <= rows.at or any(s.outcome is not None for s in rows.seats_in[occurrence.pk])
    )


def _of_calendar(rows: WeekRows, occurrence: Any, grid: int) -> Stand:
    seats = rows.seats_in[occurrence.pk]
    begun = _has_begun(rows, occurrence)
    span = _on_grid(rows, occurrence, grid)
    absent = tuple(s.patient_id for s in seats if s.outcome not in (None, "present"))
    return Stand(
        id=f"c{occurrence.pk}",
        occurrence_id=occurrence.pk,
        group_id=occurrence.group_id,
        kind=occurrence.kind,
        treatment=occurrence.treatment,
        span=span,
        mode=mode_of(occurrence.mode, occurrence.room_id),
        room_id=occurrence.room_id,
        leaders=_leaders(occurrence),
        people=tuple(s.patient_id for s in seats if s.patient_id not in absent),
        absent=absent,
        fixed=Fixed.DELIVERED if begun else Fixed.NO,
        lost={
            s.patient_id: span.minutes - s.attended
            for s in seats
            if s.outcome == "present" and s.left is not None and s.attended < span.minutes
        },
    )


def _of_plan(rows: WeekRows, session: Any, grid: int) -> Stand:
    return Stand(
        id=f"c{session.occurrence_id}" if session.occurrence_id else f"n{session.pk}",
        occurrence_id=session.occurrence_id,
        group_id=session.group_id,
        kind=session.kind,
        treatment=session.treatment,
        span=_on_grid(rows, session, grid),
        mode=mode_of(session.mode, session.room_id),
        room_id=session.room_id,
        leaders=_leaders(session),
        people=tuple(sorted(seat.patient_id for seat in session.seats.all())),
        fixed=Fixed.LOCKED,
    )


def mode_of(mode: str, room_id: int | None) -> Mode:
    """One mode for a session that may be held both ways: on site where it has a room."""
    if mode == "both":
        return Mode.ON_SITE if room_id else Mode.VIDEO
    return Mode(mode)


def _on_grid(rows: WeekRows, session: Any, grid: int) -> Span:
    """The span, made longer to the grid where somebody booked between its points."""
    start, end = rows.span_of(session)
    start = start // grid * grid
    return Span(start, max(start + grid, -(-end // grid) * grid))


def _leaders(session: Any) -> tuple[int, ...]:
    return tuple(one for one in (session.facilitator_id, session.cofacilitator_id) if one is not None)


def _only_names(offer: str, one: Stand, people: Iterable[str], outsiders: int, leaders: int) -> Offer:
    """An offer that nobody can be given: it only says what a single session on the calendar is."""
    members = frozenset(people)
    return Offer(
        id=offer,
        kind=one.treatment,
        minutes=one.span.minutes,
        least=1,
        good=1,
        most=max(1, len(members) + outsiders),
        modes=frozenset({one.mode}),
        times=(0, 0),
        each=1,
        starts=(),
        leaders=min(2, max(1, leaders)),
        members=members,
    )
