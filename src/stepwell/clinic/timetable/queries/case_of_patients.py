"""Who is planned, how much of the week is ordered for each and what they are used to, as a case has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from stepwell.clinic.coverage.rules import Unit, at_level, rule_on
from stepwell.clinic.timetable.queries.case_of_owed import doses_and_owed
from stepwell.clinic.timetable.queries.case_of_sessions import Calendar
from stepwell.clinic.timetable.queries.case_of_windows import windows_of_patient
from stepwell.clinic.timetable.queries.patient_rows import About, Tellings
from stepwell.clinic.timetable.queries.week_rows import WeekRows
from stepwell.clinic.timetable.rules.planning import Wanted, load_defaults, wanted_in
from weekplan.case import Facilitator, Offer, Patient


def patients_of(
    rows: WeekRows,
    grid: int,
    calendar: Calendar,
    offers: Sequence[Offer],
    facilitators: Sequence[Facilitator],
    told: Tellings,
) -> tuple[Patient, ...]:
    """Everybody in treatment who is ordered something in this week, in the order of their numbers."""
    about = About(rows, grid, calendar, offers, facilitators, told)
    found = []
    for patient_id in sorted(rows.patients):
        wanted = wanted_in(about.orders[patient_id], rows.starts_on)
        if wanted is not None and wanted.minutes:
            found.append(_patient(about, patient_id, wanted))
    named = {one.id for one in found}
    return tuple(_among(one, named) for one in found)


def _patient(about: About, patient_id: int, wanted: Wanted) -> Patient:
    defaults = load_defaults()
    stands = about.calendar.of_patient(patient_id)
    tracks = _tracks(about, patient_id)
    windows, guessed = windows_of_patient(about, patient_id, tracks)
    if guessed:
        about.told.guessed.append(patient_id)
    doses, owed = doses_and_owed(about, patient_id, wanted)
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


def _countable(about: About, patient_id: int) -> int:
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


def _day_most(about: About, patient_id: int, wanted: Wanted) -> int:
    """The hours of the program's band on its fewest days; a site without a program has the default."""
    level = about.level.get(patient_id, "")
    program = next((p for p in about.rows.programs if p.level == level), None)
    if program is None:
        return load_defaults().day_most
    return max(load_defaults().day_most, -(-wanted.minutes // max(1, wanted.days[1])))


def _tracks(about: About, patient_id: int) -> list[int]:
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
