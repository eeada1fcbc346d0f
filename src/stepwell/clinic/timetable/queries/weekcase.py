"""The case of a week: what `weekplan` needs to know of a site's week, from the rows of the clinic, and the way back.

In the case everybody and everything has a number with a letter: rooms `r7`, staff `s3`, patients `p12`, a group and the
minutes it meets `g5-90`, a session that one patient is owed `o12-individual-1`, a session on the calendar `c812`. No
name and no word about anybody leaves the database with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from stepwell.accounts.actor import Actor
from stepwell.clinic.timetable.models import Week, WeekVersion
from stepwell.clinic.timetable.queries.case_of_patients import patients_of
from stepwell.clinic.timetable.queries.case_of_sessions import Calendar, calendar_of
from stepwell.clinic.timetable.queries.case_of_site import facilitators_of, offers_of, rooms_of
from stepwell.clinic.timetable.queries.patient_rows import Tellings
from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows, week_rows
from weekplan.case import Case
from weekplan.nonsense import Nonsense
from weekplan.sense import refuse_the_impossible


@dataclass(frozen=True)
class WeekCase:
    """The case with the rows behind it.

    `outsiders`: occurrence id -> patients who sit in it and are not in the case (nothing ordered, discharged since):
    their seats stay as they are. `guessed`: patients without windows, planned at the times they come now;
    `unmet`: sentences about what is ordered and nobody offers.
    """

    week: Week
    rows: WeekRows
    case: Case
    calendar: Calendar
    guessed: tuple[int, ...] = ()
    unmet: tuple[str, ...] = ()
    outsiders: dict[int, tuple[int, ...]] = field(default_factory=dict)


def case_of(by: Actor, week: Week, at: datetime, *, version: WeekVersion | None = None) -> WeekCase:
    """The week as a case at `at`. Locked sessions of `version` stay as they are in it. A fixed number of statements.

    `weekplan.reading.case_from_json(case_to_json(found.case))` gives the same case again.
    """
    rows = week_rows(by, week, at)
    return case_from(week, rows, _locked(version))


def case_from(week: Week, rows: WeekRows, locked: Iterable[object] = ()) -> WeekCase:
    """As `case_of`, from rows that were read before; `locked` are planned sessions with their seats."""
    grid = _grid(rows)
    told = Tellings()
    calendar = calendar_of(rows, grid, tuple(locked))
    rooms = rooms_of(rows, grid)
    facilitators = facilitators_of(rows, grid)
    offers = offers_of(rows, grid, calendar)
    patients = patients_of(rows, grid, calendar, offers, facilitators, told)
    named = {patient.id for patient in patients}
    standing, more_offers, outsiders = calendar.standing(named, patients, offers)
    case = Case(
        name=f"{rows.site.pk}, week of {rows.starts_on.isoformat()}",
        zone=rows.site.zone,
        starts_on=rows.starts_on.isoformat(),
        grid=grid,
        closed=frozenset((one.on - rows.starts_on).days for one in rows.closures),
        now=min(7 * DAY, max(0, rows.minute_of(rows.at))),
        rooms=rooms,
        facilitators=facilitators,
        offers=(*offers, *more_offers),
        patients=patients,
        standing=standing,
    )
    case = _possible(case, rows, told)
    return WeekCase(
        week=week,
        rows=rows,
        case=case,
        calendar=calendar,
        guessed=tuple(told.guessed),
        unmet=tuple(dict.fromkeys(told.unmet)),
        outsiders=outsiders,
    )


def _possible(case: Case, rows: WeekRows, told: Tellings) -> Case:
    """Without what no week could give, each said in a sentence: a group that nobody may lead stops no planning."""
    names = {f"g{group.pk}": group.name for group in rows.groups}
    while True:
        try:
            refuse_the_impossible(case)
        except Nonsense as wrong:
            place = int(wrong.path.split("[")[1].split("]")[0])
            if wrong.path.startswith("offers"):
                offer = case.offers[place]
                told.unmet.append(f"{names.get(offer.id.split('-')[0], 'A group')}: {wrong.sentence}")
                changed = replace(offer, times=(0, 0))
                case = replace(case, offers=(*case.offers[:place], changed, *case.offers[place + 1 :]))
            else:
                told.unmet.append(wrong.sentence)
                one = replace(case.patients[place], doses=_offered(case, place))
                case = replace(case, patients=(*case.patients[:place], one, *case.patients[place + 1 :]))
        else:
            return case


def _offered(case: Case, place: int) -> tuple[tuple[str, int], ...]:
    patient = case.patients[place]
    given = {offer.kind for offer in case.offers} | {owed.kind for owed in patient.owed}
    return tuple((kind, minutes) for kind, minutes in patient.doses if kind in given)


def _locked(version: WeekVersion | None) -> list[object]:
    if version is None:
        return []
    return list(version.sessions.filter(locked=True).prefetch_related("seats").order_by("starts", "pk"))


def _grid(rows: WeekRows) -> int:
    """15 minutes, or 5 where something on the calendar does not lie on quarters of an hour."""
    times = [m.starts_at.minute for group in rows.groups for m in group.meetings.all()]
    times += [m.minutes for group in rows.groups for m in group.meetings.all()]
    for occurrence in rows.occurrences:
        times += rows.span_of(occurrence)
    return 15 if all(minute % 15 == 0 for minute in times) else 5
