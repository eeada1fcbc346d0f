"""What the first page of a chart says beside its head and its timeline, in one statement.

Each part carries the permission of its step; a part that the role may not see is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
from psycopg.types.numeric import Int8

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import send
from stepwell.clinic.people.models import Patient


@dataclass(frozen=True)
class Front:
    """The parts as plain data; an absent part was not asked for or holds nothing.

    `scores`: instrument -> newest complete filling and the one before. `objectives`: those of the plan in force
    that are not met. `given`: kind of treatment -> minutes attended in this episode. `notes`, `homework`, `tests`,
    `authorization`, `consents`, `follow_ups`, `draft`: what may be due.
    """

    scores: list[Mapping[str, Any]] = field(default_factory=list)
    objectives: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[Mapping[str, Any]] = field(default_factory=list)
    homework: list[Mapping[str, Any]] = field(default_factory=list)
    tests: list[Mapping[str, Any]] = field(default_factory=list)
    authorization: Mapping[str, Any] | None = None
    consents: list[Mapping[str, Any]] = field(default_factory=list)
    follow_ups: list[Mapping[str, Any]] = field(default_factory=list)
    plans: list[Mapping[str, Any]] = field(default_factory=list)
    team: list[Mapping[str, Any]] = field(default_factory=list)
    rated_at: str | None = None
    given: Mapping[str, int] = field(default_factory=dict)


_PARTS: dict[str, tuple[P, str]] = {
    "scores": (P.ASSESSMENT_READ, """
        WITH RECURSIVE one(instrument) AS (
            (SELECT s.instrument FROM clinic_screening s WHERE s.patient_id = %(p)s ORDER BY s.instrument LIMIT 1)
            UNION ALL
            SELECT (SELECT s.instrument FROM clinic_screening s
                    WHERE s.patient_id = %(p)s AND s.instrument > one.instrument ORDER BY s.instrument LIMIT 1)
            FROM one WHERE one.instrument IS NOT NULL)
        SELECT json_agg(x ORDER BY x.instrument, x.n) FROM (
            SELECT one.instrument, s.total, s.band, s.taken_at, s.complete,
                   row_number() OVER (PARTITION BY one.instrument ORDER BY s.taken_at DESC, s.id DESC) AS n
            FROM one, LATERAL (
                SELECT s.id, s.total, s.band, s.taken_at, s.complete FROM clinic_screening s
                WHERE s.patient_id = %(p)s AND s.instrument = one.instrument
                  AND s.complete AND s.entered_in_error_at IS NULL
                ORDER BY s.taken_at DESC, s.id DESC LIMIT 2) s) x"""),
    "objectives": (P.PLAN_READ, """
        SELECT json_agg(json_build_object('number', b.number || '.' || g.number || '.' || o.number,
                   'measure', o.measure, 'target', o.target, 'due_on', o.due_on) ORDER BY o.due_on, o.id)
        FROM clinic_objective o JOIN clinic_goal g ON g.id = o.goal_id
        JOIN clinic_problem b ON b.id = g.problem_id JOIN clinic_plan l ON l.id = b.plan_id
        JOIN clinic_episode e ON e.id = l.episode_id
        WHERE e.patient_id = %(p)s AND e.closed_at IS NULL
          AND l.signed_at IS NOT NULL AND l.superseded_at IS NULL
          AND NOT EXISTS (SELECT FROM clinic_objectiveverdict v WHERE v.objective_id = o.id
                          AND v.verdict IN ('met', 'discontinued'))"""),
    "plans": (P.PLAN_READ, """
        SELECT json_agg(json_build_object('version', l.version, 'signed_at', l.signed_at,
                   'by_patient', EXISTS (SELECT FROM clinic_plansignature s
                                         WHERE s.plan_id = l.id AND s.role = 'patient')) ORDER BY l.version)
        FROM clinic_plan l JOIN clinic_episode e ON e.id = l.episode_id
        WHERE e.patient_id = %(p)s AND e.closed_at IS NULL AND l.superseded_at IS NULL"""),
    "team": (P.PLAN_READ, """
        SELECT json_agg(json_build_object('name', f.name, 'role', c.role) ORDER BY c.starts_at, c.id)
        FROM clinic_careteammember c JOIN clinic_staff f ON f.id = c.staff_id
        JOIN clinic_episode e ON e.id = c.episode_id
        WHERE e.patient_id = %(p)s AND e.closed_at IS NULL AND c.ends_at IS NULL"""),
    "given": (P.HOURS_READ, """
        SELECT json_object_agg(x.treatment, x.minutes) FROM (
            SELECT o.treatment, sum(a.minutes) AS minutes
            FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
            JOIN clinic_episode e ON e.patient_id = a.patient_id AND e.closed_at IS NULL
            WHERE a.patient_id = %(p)s AND a.minutes > 0 AND o.starts >= e.admitted_at AND o.ends <= %(now)s
              AND o.cancelled_at IS NULL
            GROUP BY o.treatment) x"""),
    "notes": (P.NOTE_READ, """
        SELECT json_agg(json_build_object('session', o.id, 'title', o.title, 'ends', o.ends,
                   'who', f.short_name, 'cosign', n.signed_at IS NOT NULL) ORDER BY o.ends)
        FROM clinic_attendance a JOIN clinic_occurrence o ON o.id = a.occurrence_id
        LEFT JOIN clinic_note n ON n.occurrence_id = o.id LEFT JOIN clinic_staff f ON f.id = o.facilitator_id
        WHERE a.patient_id = %(p)s AND a.outcome = 'present' AND o.ends <= %(now)s
          AND o.cancelled_at IS NULL
          AND (n.signed_at IS NULL OR (n.cosigner_id IS NOT NULL AND n.cosigned_at IS NULL))"""),
    "homework": (P.RECOVERY_READ, """
        SELECT json_agg(json_build_object('title', h.title, 'due_on', h.due_on, 'answered_at', a.at,
                   'family', h.family_member_id IS NOT NULL) ORDER BY h.due_on)
        FROM clinic_homework h LEFT JOIN clinic_homeworkanswer a ON a.homework_id = h.id
        LEFT JOIN clinic_homeworkreview r ON r.homework_id = h.id
        WHERE h.patient_id = %(p)s AND r.id IS NULL AND (a.id IS NOT NULL OR h.due_on <= %(today)s)"""),
    "tests": (P.DRUG_TEST_READ, """
        SELECT json_agg(json_build_object('panel', t.panel, 'due_on', t.due_on, 'result_at', r.at)
                         ORDER BY t.due_on)
        FROM clinic_testorder t LEFT JOIN clinic_collection c ON c.order_id = t.id
        LEFT JOIN clinic_panelresult r ON r.order_id = t.id
        WHERE t.patient_id = %(p)s
          AND ((c.id IS NULL AND t.due_on <= %(today)s) OR (r.id IS NOT NULL AND r.reviewed_at IS NULL))"""),
    "authorization": (P.AUTHORIZATION_READ, """
        SELECT json_build_object('units', d.units, 'unit', u.unit, 'ends_on', d.ends_on, 'number', d.number,
                   'days_used', (SELECT count(DISTINCT o.local_date) FROM clinic_attendance a
                                 JOIN clinic_occurrence o ON o.id = a.occurrence_id
                                 WHERE a.patient_id = %(p)s AND a.minutes > 0
                                   AND o.local_date BETWEEN d.starts_on AND d.ends_on),
                   'minutes_used', (SELECT coalesce(sum(a.minutes), 0) FROM clinic_attendance a
                                 JOIN clinic_occurrence o ON o.id = a.occurrence_id
                                 WHERE a.patient_id = %(p)s
                                   AND o.local_date BETWEEN d.starts_on AND d.ends_on),
                   'asked_at', (SELECT max(n.asked_at) FROM clinic_authorization n
                                WHERE n.patient_id = %(p)s AND n.ends_on > d.ends_on
                                  AND n.starts_on <= greatest(d.ends_on + 1, %(today)s)
                                  AND NOT EXISTS (SELECT FROM clinic_authorizationdecision l
                                                  WHERE l.authorization_id = n.id AND l.outcome <> 'pended')))
        FROM clinic_authorizationdecision d JOIN clinic_authorization u ON u.id = d.authorization_id
        WHERE u.patient_id = %(p)s AND d.outcome IN ('approved', 'partly')
        ORDER BY d.ends_on DESC, d.at DESC LIMIT 1"""),
    "consents": (P.CONSENT_READ, """
        SELECT json_agg(json_build_object('to', c.recipient_name, 'expires_on', c.expires_on)
                         ORDER BY c.expires_on)
        FROM clinic_consent c
        WHERE c.patient_id = %(p)s AND c.signed_at IS NOT NULL AND c.superseded_at IS NULL
          AND c.expires_on BETWEEN %(today)s AND %(today)s + 14
          AND NOT EXISTS (SELECT FROM clinic_consentrevocation w
                          WHERE w.consent_id = c.id AND w.party_key = '')"""),
    "follow_ups": (P.AFTERCARE_READ, """
        SELECT json_agg(json_build_object('day', f.day, 'due_on', f.due_on) ORDER BY f.due_on)
        FROM clinic_followup f JOIN clinic_episode e ON e.id = f.episode_id
        WHERE e.patient_id = %(p)s AND f.due_on <= %(today)s
          AND NOT EXISTS (SELECT FROM clinic_followupattempt t
                          WHERE t.follow_up_id = f.id AND t.outcome <> 'not_reached')"""),
    "rated_at": (P.PLACEMENT_READ, """
        SELECT to_jsonb(max(r.at)) FROM clinic_dimensionalrating r WHERE r.patient_id = %(p)s"""),
}  # fmt: skip


def front_of(by: Actor, patient: Patient, *, at: datetime, today: date) -> Front:
    """The parts that the role of `by` may see; `today` is the day at the patient's site."""
    return ask_front(by, patient, at=at, today=today)()


def ask_front(by: Actor, patient: Patient, *, at: datetime, today: date) -> Callable[[], Front]:
    """Sends the statement (`clinic.ahead`); what is given back waits for the parts."""
    names = tuple(name for name, (permission, _) in _PARTS.items() if by.may(permission, patient.site_id))
    if not names:
        return Front
    answer = send(_statement(names), {"p": Int8(patient.pk), "now": at, "today": today})
    return lambda: _front(names, answer.rows()[0])


@cache
def _statement(names: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(f"({_PARTS[name][1]})::text" for name in names)


def _front(names: tuple[str, ...], row: tuple[Any, ...]) -> Front:
    parts = {name: orjson.loads(text) for name, text in zip(names, row, strict=True) if text is not None}
    return Front(**{name: part for name, part in parts.items() if part is not None})
