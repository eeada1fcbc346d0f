"""What is due for each of many people, for the patients list: one statement for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.plan.rules import Event, days_after, moves, relapse_alerts


@dataclass(frozen=True)
class Due:
    """Counts of what waits for somebody, and the next dates. A role sees only what its tabs would show."""

    alerts: int = 0
    urgent: bool = False
    notes: int = 0
    tests: int = 0
    homework: int = 0
    no_plan: bool = False
    review_on: date | None = None
    authorized_until: date | None = (
        None  # what was approved or, when more was asked for, until when that would last
    )


# Each table is gathered once for all the people: asked for one after another, five hundred would each look up every
# session they ever attended.
_STATEMENT = """
SELECT p.id, coalesce(alerts.n, 0), coalesce(alerts.urgent, false), coalesce(notes.n, 0), coalesce(tests.n, 0),
  coalesce(homework.n, 0), coalesce(NOT treated.planned, false), plans.due_on, authorized.until
FROM clinic_patient p
LEFT JOIN (
  SELECT a.patient_id, count(*) AS n, bool_or(a.severity = 'urgent') AS urgent FROM clinic_alert a
  WHERE a.patient_id = ANY(%(ids)s)
    AND NOT EXISTS (SELECT FROM clinic_alertacknowledgement k WHERE k.alert_id = a.id)
  GROUP BY a.patient_id) alerts ON alerts.patient_id = p.id
LEFT JOIN (
  SELECT d.patient_id, count(*) AS n
  FROM clinic_attendance d JOIN clinic_occurrence o ON o.id = d.occurrence_id
  WHERE d.patient_id = ANY(%(ids)s) AND d.outcome = 'present' AND o.ends <= %(now)s AND o.cancelled_at IS NULL
    AND NOT EXISTS (SELECT FROM clinic_note n WHERE n.occurrence_id = o.id AND n.signed_at IS NOT NULL)
  GROUP BY d.patient_id) notes ON notes.patient_id = p.id
LEFT JOIN (
  SELECT t.patient_id, count(*) AS n FROM clinic_testorder t LEFT JOIN clinic_collection c ON c.order_id = t.id
    LEFT JOIN clinic_panelresult r ON r.order_id = t.id
  WHERE t.patient_id = ANY(%(ids)s)
    AND ((c.id IS NULL AND t.due_on <= %(today)s) OR (r.id IS NOT NULL AND r.reviewed_at IS NULL))
  GROUP BY t.patient_id) tests ON tests.patient_id = p.id
LEFT JOIN (
  SELECT h.patient_id, count(*) AS n FROM clinic_homework h JOIN clinic_homeworkanswer a ON a.homework_id = h.id
  WHERE h.patient_id = ANY(%(ids)s)
    AND NOT EXISTS (SELECT FROM clinic_homeworkreview r WHERE r.homework_id = h.id)
  GROUP BY h.patient_id) homework ON homework.patient_id = p.id
LEFT JOIN (
  SELECT e.patient_id, bool_or(l.id IS NOT NULL) AS planned FROM clinic_episode e
    LEFT JOIN clinic_plan l ON l.episode_id = e.id AND l.signed_at IS NOT NULL
  WHERE e.patient_id = ANY(%(ids)s) AND e.closed_at IS NULL
  GROUP BY e.patient_id) treated ON treated.patient_id = p.id
LEFT JOIN (
  SELECT e.patient_id, min(least(coalesce(v.next_due_on, l.review_due_on),
    ((SELECT m.starts_at FROM clinic_placement m WHERE m.episode_id = e.id AND m.kind = ANY(%(moves)s)
       AND m.starts_at > coalesce(v.at, l.signed_at) ORDER BY m.starts_at LIMIT 1) AT TIME ZONE s.zone)::date
       + %(after_move)s,
    ((SELECT a.raised_at FROM clinic_alert a WHERE a.patient_id = e.patient_id AND a.kind = ANY(%(relapses)s)
       AND a.raised_at > coalesce(v.at, l.signed_at) ORDER BY a.raised_at LIMIT 1) AT TIME ZONE s.zone)::date
       + %(after_relapse)s)) AS due_on
  FROM clinic_plan l JOIN clinic_episode e ON e.id = l.episode_id JOIN clinic_site s ON s.id = e.site_id
    LEFT JOIN LATERAL (SELECT r.next_due_on, r.at FROM clinic_planreview r WHERE r.plan_id = l.id
                       ORDER BY r.at DESC, r.id DESC LIMIT 1) v ON true
  WHERE e.patient_id = ANY(%(ids)s) AND e.closed_at IS NULL AND l.signed_at IS NOT NULL AND l.superseded_at IS NULL
  GROUP BY e.patient_id) plans ON plans.patient_id = p.id
LEFT JOIN (
  SELECT u.patient_id, max(coalesce(d.ends_on, u.ends_on)) AS until FROM clinic_authorization u
    LEFT JOIN LATERAL (SELECT l.outcome, l.ends_on FROM clinic_authorizationdecision l
                       WHERE l.authorization_id = u.id ORDER BY l.at DESC, l.id DESC LIMIT 1) d ON true
  WHERE u.patient_id = ANY(%(ids)s) AND d.outcome IS DISTINCT FROM 'denied'
  GROUP BY u.patient_id HAVING bool_or(d.outcome IN ('approved', 'partly'))) authorized ON authorized.patient_id = p.id
WHERE p.id = ANY(%(ids)s) AND p.site_id = ANY(%(sites)s)
"""


def due_of(by: Actor, patient_ids: Iterable[int], *, at: datetime, today: date) -> dict[int, Due]:
    """Patient id -> what is due, for those of `patient_ids` whose chart `by` may open."""
    ids, sites = list(patient_ids), list(by.sites_with(P.CHART_READ))
    if not ids or not sites:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"ids": ids, "sites": sites, "now": at, "today": today, **_sooner()})
        rows = cursor.fetchall()
    sees = {permission: by.may(permission) for permission in _NEEDED}
    return {
        number: Due(
            alerts=alerts if sees[P.ASSESSMENT_READ] else 0,
            urgent=urgent and sees[P.ASSESSMENT_READ],
            notes=notes if sees[P.NOTE_READ] else 0,
            tests=tests if sees[P.DRUG_TEST_READ] else 0,
            homework=homework if sees[P.RECOVERY_READ] else 0,
            no_plan=no_plan and sees[P.PLAN_READ],
            review_on=review_on if sees[P.PLAN_READ] else None,
            authorized_until=until if sees[P.AUTHORIZATION_READ] else None,
        )
        for number, alerts, urgent, notes, tests, homework, no_plan, review_on, until in rows
    }


def _sooner() -> dict[str, Any]:
    """What brings a plan's review forward (`plan.rules`)."""
    return {
        "moves": list(moves()),
        "relapses": list(relapse_alerts()),
        "after_move": days_after(Event.TRANSFER),
        "after_relapse": days_after(Event.RELAPSE),
    }


_NEEDED = (
    P.ASSESSMENT_READ,
    P.NOTE_READ,
    P.DRUG_TEST_READ,
    P.RECOVERY_READ,
    P.PLAN_READ,
    P.AUTHORIZATION_READ,
)
