"""What the earlier steps wrote, counted by the database: five statements whatever the size of the program."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.outcomes import rules
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.rules import Level


@dataclass(frozen=True)
class AttendanceWeek:
    """Sessions of one week by how they ended."""

    starts_on: date
    present: int
    excused: int
    unexcused: int


@dataclass(frozen=True)
class HoursWeek:
    """Minutes of whole patient-weeks in care; `met` of `patients` reached what was ordered."""

    starts_on: date
    ordered: int
    delivered: int
    patients: int
    met: int


@dataclass(frozen=True)
class CourseOfEpisode:
    """One episode of the cohort, with whose it is."""

    facts: rules.Episode
    patient_id: int


@dataclass(frozen=True)
class Outcomes:
    """Everything on the page. `census`: level of care -> people in an open episode."""

    census: dict[str, int]
    attendance: tuple[AttendanceWeek, ...]
    attendance_rate: rules.Rate
    hours: tuple[HoursWeek, ...]
    retention: tuple[rules.Retention, ...]
    completion: rules.Rate
    endings: dict[str, int]
    changes: tuple[tuple[rules.Instrument, rules.ScoreChange], ...]
    since: date


def suppression_for(by: Actor) -> rules.SuppressionRule:
    """Small numbers are held back from whoever may not open the charts behind them; a director sees names anyway."""
    rule = rules.load_suppression_rule()
    return replace(rule, smallest_shown=0) if by.may(Permission.CHART_READ) else rule


def outcomes(by: Actor, *, at: datetime) -> Outcomes:
    """The whole page for the sites where `by` may see outcomes, in five statements."""
    measures, rule = rules.load_measures(), suppression_for(by)
    today, starts = _today(by, at), _weeks(by, at)
    sites = list(by.sites_with(Permission.OUTCOMES_READ))
    since = today - timedelta(days=measures.cohort_days)
    attendance = _attendance(sites, starts, at)
    cohort = [one.facts for one in _cohort(sites, since)]
    totals = Counter(
        {
            "present": sum(week.present for week in attendance),
            "excused": sum(week.excused for week in attendance),
            "unexcused": sum(week.unexcused for week in attendance),
        }
    )
    return Outcomes(
        census=_census(sites),
        attendance=attendance,
        attendance_rate=rules.attendance_rate(totals.elements(), rule),
        hours=_hours(sites, starts),
        retention=tuple(rules.retention(cohort, day, today, rule) for day in measures.retention_days),
        completion=rules.completion(cohort, rule),
        endings=dict(Counter(one.reason.value for one in cohort if one.reason is not None)),
        changes=_changes(sites, since, rule),
        since=since,
    )


def names(by: Actor, measure: str, *, at: datetime) -> list[Patient]:
    """The people behind a figure, by name. `measure`: 'level-2-1', 'stayed-30', 'left-30' or an ending such as
    'ended-completed'. Raises `Patient.DoesNotExist` for any other. Two statements."""
    measures, today = rules.load_measures(), _today(by, at)
    sites = list(by.sites_with(Permission.OUTCOMES_READ))
    kind, _, rest = measure.partition("-")
    if kind == "level" and rest.replace("-", ".") in {level.value for level in Level}:
        ids = _at_level(sites, rest.replace("-", "."))
    elif kind == "ended" and rest in set(rules.EndReason):
        cohort = _cohort(sites, today - timedelta(days=measures.cohort_days))
        ids = [one.patient_id for one in cohort if one.facts.reason == rest]
    elif kind in ("stayed", "left") and rest in {str(day) for day in measures.retention_days}:
        day = int(rest)
        cohort = _cohort(sites, today - timedelta(days=measures.cohort_days))
        due = [one for one in cohort if one.facts.admitted_on + timedelta(days=day) <= today]
        ids = [one.patient_id for one in due if rules.retained(one.facts, day) == (kind == "stayed")]
    else:
        raise Patient.DoesNotExist
    seen = patients_for(by, Permission.CHART_READ).filter(pk__in=ids)
    return list(seen.order_by("family_name", "given_name", "pk"))


_LEVELS = """
SELECT e.patient_id, (SELECT p.level FROM clinic_placement p WHERE p.episode_id = e.id ORDER BY p.number DESC LIMIT 1)
FROM clinic_episode e WHERE e.closed_at IS NULL AND e.site_id = ANY(%(sites)s)
"""

_CENSUS = """
SELECT p.level, count(*) FROM clinic_episode e
JOIN LATERAL (SELECT level FROM clinic_placement WHERE episode_id = e.id ORDER BY number DESC LIMIT 1) p ON true
WHERE e.closed_at IS NULL AND e.site_id = ANY(%(sites)s) AND p.level <> '' GROUP BY 1 ORDER BY 1
"""

_ATTENDANCE = """
SELECT o.local_date - ((o.local_date - %(first)s) %% 7), a.outcome, count(*)
FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
WHERE o.site_id = ANY(%(sites)s) AND o.local_date >= %(first)s AND o.local_date < %(end)s
  AND o.cancelled_at IS NULL AND o.ends <= %(now)s
GROUP BY 1, 2
"""

# Only whole weeks in care: the first and the last week of an episode would make everybody look short.
_HOURS = """
WITH care AS (
  SELECT w.starts_on::date AS week, e.patient_id, e.id AS episode,
    (SELECT t.minutes_per_week FROM clinic_treatmentorder t
     WHERE t.episode_id = e.id AND t.starts_on <= w.starts_on ORDER BY t.starts_on DESC LIMIT 1) AS ordered
  FROM generate_series(%(first)s::date, %(last)s::date, interval '7 days') AS w(starts_on)
  JOIN clinic_episode e ON e.site_id = ANY(%(sites)s)
  JOIN clinic_site s ON s.id = e.site_id
  WHERE (e.admitted_at AT TIME ZONE s.zone)::date <= w.starts_on
    AND (e.closed_at IS NULL OR (e.closed_at AT TIME ZONE s.zone)::date >= w.starts_on::date + 7)),
got AS (
  SELECT a.patient_id, o.local_date - ((o.local_date - %(first)s) %% 7) AS week, sum(a.minutes) AS minutes
  FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
  WHERE o.site_id = ANY(%(sites)s) AND o.local_date >= %(first)s AND o.local_date < %(end)s
    AND o.cancelled_at IS NULL
  GROUP BY 1, 2)
SELECT c.week, sum(c.ordered), sum(coalesce(g.minutes, 0)), count(*),
  count(*) FILTER (WHERE coalesce(g.minutes, 0) >= c.ordered)
FROM care c LEFT JOIN got g ON g.patient_id = c.patient_id AND g.week = c.week
WHERE c.ordered > 0 GROUP BY 1
"""

# Levels are compared by the order of their codes ('1' < '2.1' < '3.7'), which sort as numbers.
_COHORT = """
SELECT e.id, e.patient_id, (e.admitted_at AT TIME ZONE s.zone)::date, (e.closed_at AT TIME ZONE s.zone)::date,
  (SELECT max(o.local_date) FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
   WHERE a.patient_id = e.patient_id AND a.outcome = 'present' AND o.starts >= e.admitted_at
     AND (e.closed_at IS NULL OR o.starts <= e.closed_at)),
  (SELECT p.discharge_reason FROM clinic_placement p WHERE p.episode_id = e.id AND p.kind = 'discharge'),
  (SELECT l.levels[1]::numeric > l.levels[2]::numeric FROM (SELECT array_agg(p.level ORDER BY p.number DESC) AS levels
     FROM clinic_placement p WHERE p.episode_id = e.id AND p.level <> '') l)
FROM clinic_episode e JOIN clinic_site s ON s.id = e.site_id
WHERE e.site_id = ANY(%(sites)s) AND (e.admitted_at AT TIME ZONE s.zone)::date >= %(since)s
"""

# From two weeks before admission (the intake) until a week after discharge.
_SCORES = """
SELECT c.instrument, (array_agg(c.score ORDER BY c.taken_at))[1], (array_agg(c.score ORDER BY c.taken_at DESC))[1], count(*)
FROM (SELECT e.id AS episode, n.instrument, n.taken_at,
        CASE WHEN i.part = 'total' THEN n.total ELSE (n.subscales->>i.part)::numeric END AS score
      FROM clinic_screening n
      JOIN unnest(%(keys)s::text[], %(parts)s::text[]) AS i(key, part) ON i.key = n.instrument
      JOIN clinic_episode e ON e.patient_id = n.patient_id AND e.site_id = ANY(%(sites)s) AND e.admitted_at >= %(since)s
        AND n.taken_at >= e.admitted_at - interval '14 days'
        AND (e.closed_at IS NULL OR n.taken_at <= e.closed_at + interval '7 days')
      WHERE n.complete AND n.entered_in_error_at IS NULL) c
WHERE c.score IS NOT NULL
GROUP BY c.episode, c.instrument
"""


def _census(sites: list[int]) -> dict[str, int]:
    return dict(_rows(_CENSUS, sites=sites))


def _at_level(sites: list[int], level: str) -> list[int]:
    return [patient for patient, found in _rows(_LEVELS, sites=sites) if found == level]


def _attendance(sites: list[int], starts: list[date], at: datetime) -> tuple[AttendanceWeek, ...]:
    end = starts[-1] + timedelta(days=7)
    counted: dict[date, dict[str, int]] = {day: {} for day in starts}
    for week, outcome, count in _rows(_ATTENDANCE, sites=sites, first=starts[0], end=end, now=at):
        counted[week][outcome] = count
    return tuple(
        AttendanceWeek(day, of.get("present", 0), of.get("excused", 0), of.get("unexcused", 0))
        for day, of in counted.items()
    )


def _hours(sites: list[int], starts: list[date]) -> tuple[HoursWeek, ...]:
    end = starts[-1] + timedelta(days=7)
    rows = _rows(_HOURS, sites=sites, first=starts[0], last=starts[-1], end=end)
    found = {week: HoursWeek(week, int(o), int(d), patients, met) for week, o, d, patients, met in rows}
    return tuple(found.get(day, HoursWeek(day, 0, 0, 0, 0)) for day in starts)


def _cohort(sites: list[int], since: date) -> list[CourseOfEpisode]:
    return [
        CourseOfEpisode(
            facts=rules.Episode(
                id=number,
                admitted_on=admitted,
                ended_on=ended,
                last_attended_on=attended,
                reason=_ending(reason, bool(higher)) if reason else None,
            ),
            patient_id=patient,
        )
        for number, patient, admitted, ended, attended, reason, higher in _rows(
            _COHORT, sites=sites, since=since
        )
    ]


def _ending(slug: str, higher: bool) -> rules.EndReason:
    """The reason of placement in the words of the measures; a transfer says in which direction."""
    if slug == "transferred":
        return rules.EndReason.TRANSFERRED_HIGHER if higher else rules.EndReason.TRANSFERRED
    return {
        "completed": rules.EndReason.COMPLETED,
        "dropped-out": rules.EndReason.LEFT,
        "terminated": rules.EndReason.TERMINATED,
        "incarcerated": rules.EndReason.INCARCERATED,
        "died": rules.EndReason.DECEASED,
    }.get(slug, rules.EndReason.OTHER)


def _changes(
    sites: list[int], since: date, rule: rules.SuppressionRule
) -> tuple[tuple[rules.Instrument, rules.ScoreChange], ...]:
    followed = rules.load_measures().instruments
    rows = _rows(
        _SCORES, sites=sites, since=since, keys=[i.key for i in followed], parts=[i.of for i in followed]
    )
    pairs: dict[str, list[rules.ScorePair]] = {i.key: [] for i in followed}
    for instrument, first, last, taken in rows:
        pairs[instrument].append(rules.ScorePair(first=float(first), last=float(last) if taken > 1 else None))
    return tuple((i, rules.score_change(pairs[i.key], rule, at_least=i.better_by)) for i in followed)


def _weeks(by: Actor, at: datetime) -> list[date]:
    """First days of the last whole weeks at the home site, oldest first; the running week is left out."""
    first = by.home.week_starts_on if by.home else 0
    today = _today(by, at)
    running = today - timedelta(days=(today.weekday() - first) % 7)
    count = rules.load_measures().weeks_shown
    return [running - timedelta(days=7 * back) for back in range(count, 0, -1)]


def _today(by: Actor, at: datetime) -> date:
    return at.astimezone(ZoneInfo(by.home.zone if by.home else "UTC")).date()


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
