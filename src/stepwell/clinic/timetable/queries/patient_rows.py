"""What is on file about the patients of a week, looked up once for all, and what planners are told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from stepwell.clinic.people.rules import SessionKind, may_lead
from stepwell.clinic.timetable.queries.case_of_sessions import Calendar
from stepwell.clinic.timetable.queries.case_of_site import _held, meetings_of, topic_id
from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows
from stepwell.clinic.timetable.rules.planning import Order, load_defaults
from weekplan.case import Facilitator, Offer


@dataclass
class Tellings:
    """What planners are told beside the case."""

    guessed: list[int] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)


class About:
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
