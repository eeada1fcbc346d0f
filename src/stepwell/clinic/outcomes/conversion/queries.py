"""Reading what became of every inquiry of the last months, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.outcomes.conversion.rules import Conversion, Course, conversion
from stepwell.clinic.site_days import site_day

MONTHS = 12


@dataclass(frozen=True)
class Report:
    """The counts, and the first day of the first month that is in them."""

    found: Conversion
    since: date


def conversion_of(by: Actor, *, at: datetime, months: int = MONTHS) -> Report:
    """What became of everybody who asked in the last `months`, this one included, at the sites where `by` may see
    outcomes. One statement."""
    since = _first_of(site_day(by.home, at), months)
    sites = list(by.sites_with(Permission.OUTCOMES_READ))
    with connection.cursor() as cursor:
        cursor.execute(_COURSES, {"sites": sites, "since": since})
        rows = cursor.fetchall()
    return Report(conversion(_course(*row) for row in rows), since)


def _first_of(today: date, months: int) -> date:
    first = today.replace(day=1)
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _course(
    month: date,
    source: str,
    heard_from: str,
    received_at: datetime,
    tried_at: datetime | None,
    reached_at: datetime | None,
    booked_at: datetime | None,
    came_at: datetime | None,
    admitted_at: datetime | None,
    first_session_at: datetime | None,
    ended: str | None,
    reason: str | None,
) -> Course:
    return Course(
        month=month,
        source=source,
        heard_from=heard_from,
        received_at=received_at,
        tried_at=tried_at,
        reached_at=reached_at,
        booked_at=booked_at,
        came_at=came_at,
        admitted_at=admitted_at,
        first_session_at=first_session_at,
        lost=(reason or "not_said") if ended in ("screened_out", "closed") and admitted_at is None else "",
    )


# An admission belongs to the last request before it: who asked again later is not counted in for the first.
_COURSES = """
SELECT date_trunc('month', i.received_at AT TIME ZONE s.zone)::date, i.source, i.heard_from, i.received_at,
  e.tried_at, e.reached_at, e.booked_at, k.came_at, p.admitted_at, f.first_at, d.kind, d.reason
FROM clinic_inquiry i JOIN clinic_site s ON s.id = i.site_id
LEFT JOIN LATERAL (
  SELECT min(at) FILTER (WHERE kind IN ('attempted', 'answered', 'booked', 'screened_out', 'safety')) AS tried_at,
    min(at) FILTER (WHERE kind IN ('answered', 'booked', 'screened_out')) AS reached_at,
    min(at) FILTER (WHERE kind = 'booked') AS booked_at
  FROM clinic_inquiryevent WHERE inquiry_id = i.id) e ON true
LEFT JOIN LATERAL (
  SELECT min(arrived_at) AS came_at FROM clinic_intakeappointment
  WHERE inquiry_id = i.id AND cancelled_at IS NULL) k ON true
LEFT JOIN LATERAL (
  SELECT v.kind, v.reason FROM clinic_inquiryevent v
  WHERE v.inquiry_id = i.id AND v.kind NOT IN ('attempted', 'danger', 'safety')
  ORDER BY v.at DESC, v.id DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (
  SELECT c.admitted_at, c.closed_at FROM clinic_episode c
  WHERE c.patient_id = i.patient_id AND c.admitted_at >= i.received_at
    AND NOT EXISTS (SELECT 1 FROM clinic_inquiry later WHERE later.patient_id = i.patient_id
      AND later.received_at > i.received_at AND later.received_at <= c.admitted_at)
  ORDER BY c.admitted_at LIMIT 1) p ON true
LEFT JOIN LATERAL (
  SELECT min(o.starts) AS first_at FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
  WHERE a.patient_id = i.patient_id AND a.outcome = 'present' AND o.starts >= p.admitted_at
    AND (p.closed_at IS NULL OR o.starts <= p.closed_at)) f ON p.admitted_at IS NOT NULL
WHERE i.site_id = ANY(%(sites)s) AND (i.received_at AT TIME ZONE s.zone)::date >= %(since)s
ORDER BY i.received_at
"""
