"""What is due for each of many people, for the patients list: one statement for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P


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
    authorized_until: date | None = None


_STATEMENT = """
SELECT p.id,
  (SELECT count(*) FROM clinic_alert a WHERE a.patient_id = p.id
     AND NOT EXISTS (SELECT FROM clinic_alertacknowledgement k WHERE k.alert_id = a.id)),
  EXISTS (SELECT FROM clinic_alert a WHERE a.patient_id = p.id AND a.severity = 'urgent'
     AND NOT EXISTS (SELECT FROM clinic_alertacknowledgement k WHERE k.alert_id = a.id)),
  (SELECT count(*) FROM clinic_attendance d JOIN clinic_occurrence o ON o.id = d.occurrence_id
     LEFT JOIN clinic_note n ON n.occurrence_id = o.id
   WHERE d.patient_id = p.id AND d.outcome = 'present' AND o.ends <= %(now)s AND o.cancelled_at IS NULL
     AND n.signed_at IS NULL),
  (SELECT count(*) FROM clinic_testorder t LEFT JOIN clinic_collection c ON c.order_id = t.id
     LEFT JOIN clinic_panelresult r ON r.order_id = t.id
   WHERE t.patient_id = p.id
     AND ((c.id IS NULL AND t.due_on <= %(today)s) OR (r.id IS NOT NULL AND r.reviewed_at IS NULL))),
  (SELECT count(*) FROM clinic_homework h JOIN clinic_homeworkanswer a ON a.homework_id = h.id
     LEFT JOIN clinic_homeworkreview r ON r.homework_id = h.id
   WHERE h.patient_id = p.id AND r.id IS NULL),
  EXISTS (SELECT FROM clinic_episode e WHERE e.patient_id = p.id AND e.closed_at IS NULL)
    AND NOT EXISTS (SELECT FROM clinic_plan l JOIN clinic_episode e ON e.id = l.episode_id
                    WHERE e.patient_id = p.id AND e.closed_at IS NULL AND l.signed_at IS NOT NULL),
  (SELECT coalesce((SELECT v.next_due_on FROM clinic_planreview v WHERE v.plan_id = l.id
                    ORDER BY v.at DESC, v.id DESC LIMIT 1), l.review_due_on)
   FROM clinic_plan l JOIN clinic_episode e ON e.id = l.episode_id
   WHERE e.patient_id = p.id AND e.closed_at IS NULL AND l.signed_at IS NOT NULL AND l.superseded_at IS NULL
   LIMIT 1),
  (SELECT max(d.ends_on) FROM clinic_authorizationdecision d
     JOIN clinic_authorization u ON u.id = d.authorization_id
   WHERE u.patient_id = p.id AND d.outcome IN ('approved', 'partly'))
FROM clinic_patient p WHERE p.id = ANY(%(ids)s) AND p.site_id = ANY(%(sites)s)
"""


def due_of(by: Actor, patient_ids: Iterable[int], *, at: datetime, today: date) -> dict[int, Due]:
    """Patient id -> what is due, for those of `patient_ids` whose chart `by` may open."""
    ids, sites = list(patient_ids), list(by.sites_with(P.CHART_READ))
    if not ids or not sites:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"ids": ids, "sites": sites, "now": at, "today": today})
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


_NEEDED = (
    P.ASSESSMENT_READ,
    P.NOTE_READ,
    P.DRUG_TEST_READ,
    P.RECOVERY_READ,
    P.PLAN_READ,
    P.AUTHORIZATION_READ,
)
