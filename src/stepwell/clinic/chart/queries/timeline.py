"""What happened to one person, newest first: one statement over the tables of every step.

Each branch carries the permission of its step: a role sees in the timeline exactly what it sees in the tabs.
Every branch is cut to one page before the union, so that the statement costs the same at 3 and at 3,000 events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import orjson
from psycopg.types.numeric import Int8

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import send
from stepwell.clinic.people.models import Patient

PAGE = 50


class Event(NamedTuple):
    """`kind` says which step it came from, `facts` holds the codes and figures that its line is worded from."""

    at: datetime
    kind: str
    number: int
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Up to 50 events and, if there are older ones, the word that asks for them (`after` of `happened`)."""

    events: tuple[Event, ...]
    older: str | None


_BRANCHES: tuple[tuple[str, P, str], ...] = (
    ("screening", P.ASSESSMENT_READ, """
        SELECT s.taken_at AS at, 'screening' AS kind, s.id AS number,
               json_build_object('instrument', s.instrument, 'total', s.total, 'band', s.band,
                                  'complete', s.complete, 'flags', jsonb_array_length(s.flags)) AS facts
        FROM clinic_screening s WHERE s.patient_id = %(p)s AND s.entered_in_error_at IS NULL
          AND s.taken_at <= %(before)s"""),
    ("interview", P.ASSESSMENT_READ, """
        SELECT i.at, 'interview', i.id, '{}'::json
        FROM clinic_intakeinterview i WHERE i.patient_id = %(p)s AND i.at <= %(before)s"""),
    ("alert", P.ASSESSMENT_READ, """
        SELECT a.raised_at AS at, 'alert', a.id,
               json_build_object('sentence', a.sentence, 'severity', a.severity, 'done', k.at)
        FROM clinic_alert a LEFT JOIN clinic_alertacknowledgement k ON k.alert_id = a.id
        WHERE a.patient_id = %(p)s AND a.raised_at <= %(before)s"""),
    ("rating", P.ASSESSMENT_READ, """
        SELECT r.at, 'rating', r.id,
               json_build_object('ratings', json_build_array(r.d1, r.d2, r.d3, r.d4, r.d5, r.d6))
        FROM clinic_dimensionalrating r WHERE r.patient_id = %(p)s AND r.at <= %(before)s"""),
    ("placement", P.PLACEMENT_READ, """
        SELECT m.starts_at AS at, 'placement', m.id, json_build_object('kind', m.kind, 'level', m.level)
        FROM clinic_placement m JOIN clinic_episode e ON e.id = m.episode_id
        WHERE e.patient_id = %(p)s AND m.starts_at <= %(before)s"""),
    ("plan_signature", P.PLAN_READ, """
        SELECT g.at, 'plan_signature', g.id,
               json_build_object('role', g.role, 'name', g.name, 'version', l.version)
        FROM clinic_plansignature g JOIN clinic_plan l ON l.id = g.plan_id
        JOIN clinic_episode e ON e.id = l.episode_id
        WHERE e.patient_id = %(p)s AND g.at <= %(before)s"""),
    ("plan_review", P.PLAN_READ, """
        SELECT v.at, 'plan_review', v.id, json_build_object('outcome', v.outcome, 'next', v.next_due_on)
        FROM clinic_planreview v JOIN clinic_plan l ON l.id = v.plan_id
        JOIN clinic_episode e ON e.id = l.episode_id
        WHERE e.patient_id = %(p)s AND v.at <= %(before)s"""),
    ("consent", P.CONSENT_READ, """
        SELECT c.signed_at AS at, 'consent', c.id, json_build_object('to', c.recipient_name)
        FROM clinic_consent c
        WHERE c.patient_id = %(p)s AND c.signed_at IS NOT NULL AND c.signed_at <= %(before)s"""),
    ("consent_revoked", P.CONSENT_READ, """
        SELECT w.at, 'consent_revoked', w.id, json_build_object('to', c.recipient_name)
        FROM clinic_consentrevocation w JOIN clinic_consent c ON c.id = w.consent_id
        WHERE c.patient_id = %(p)s AND w.at <= %(before)s"""),
    ("note", P.NOTE_READ, """
        SELECT n.signed_at AS at, 'note', n.id,
               json_build_object('title', o.title, 'minutes', n.minutes, 'day', o.local_date,
                                  'session', o.id, 'late', n.late)
        FROM (SELECT t.minutes, n.id, n.signed_at, n.late, n.occurrence_id FROM clinic_notepart t JOIN clinic_note n ON n.id = t.note_id
              WHERE t.patient_id = %(p)s AND n.signed_at IS NOT NULL AND n.signed_at <= %(before)s
                AND NOT EXISTS (SELECT FROM clinic_attendance d WHERE d.occurrence_id = n.occurrence_id
                                AND d.patient_id = t.patient_id AND d.outcome <> 'present')
              ORDER BY n.signed_at DESC LIMIT %(limit)s) n
        JOIN clinic_occurrence o ON o.id = n.occurrence_id"""),
    ("absence", P.TIMETABLE_READ, """
        SELECT o.starts AS at, 'absence', d.id,
               json_build_object('title', o.title, 'outcome', d.outcome)
        FROM clinic_attendance d JOIN clinic_occurrence o ON o.id = d.occurrence_id
        WHERE d.patient_id = %(p)s AND d.outcome <> 'present' AND o.starts <= %(before)s"""),
    ("medication_order", P.MEDICATION_READ, """
        SELECT x.at, 'medication_order', x.id,
               json_build_object('name', x.name, 'dose', x.dose, 'unit', x.unit, 'frequency', x.frequency)
        FROM clinic_medicationorder x WHERE x.patient_id = %(p)s AND x.at <= %(before)s"""),
    ("dose", P.MEDICATION_READ, """
        SELECT s.at, 'dose', s.id,
               json_build_object('name', x.name, 'outcome', s.outcome, 'amount', s.amount, 'unit', x.unit)
        FROM clinic_dose s JOIN clinic_medicationorder x ON x.id = s.order_id
        WHERE x.patient_id = %(p)s AND s.at <= %(before)s"""),
    ("side_effect", P.MEDICATION_READ, """
        SELECT f.at, 'side_effect', f.id, json_build_object('effect', f.effect, 'severity', f.severity)
        FROM clinic_sideeffect f WHERE f.patient_id = %(p)s AND f.at <= %(before)s"""),
    ("test_result", P.DRUG_TEST_READ, """
        SELECT r.at, 'test_result', r.id,
               json_build_object('panel', t.panel, 'method', r.method, 'reading', r.reading,
                                  'validity', r.validity, 'reviewed', r.reviewed_at)
        FROM clinic_panelresult r JOIN clinic_testorder t ON t.id = r.order_id
        WHERE t.patient_id = %(p)s AND r.at <= %(before)s"""),
    ("test_refused", P.DRUG_TEST_READ, """
        SELECT c.at, 'test_refused', c.id, json_build_object('panel', t.panel)
        FROM clinic_collection c JOIN clinic_testorder t ON t.id = c.order_id
        WHERE t.patient_id = %(p)s AND c.refused AND c.at <= %(before)s"""),
    ("check_in", P.RECOVERY_READ, """
        SELECT c.at, 'check_in', c.id,
               json_build_object('mood', c.mood, 'craving', c.craving, 'sleep', c.sleep_hours, 'used', c.used)
        FROM clinic_checkin c WHERE c.patient_id = %(p)s AND c.at <= %(before)s"""),
    ("recovery_plan", P.RECOVERY_READ, """
        SELECT r.at, 'recovery_plan', r.id, json_build_object('kind', r.kind, 'version', r.version)
        FROM clinic_recoveryplan r WHERE r.patient_id = %(p)s AND r.at <= %(before)s"""),
    ("homework", P.RECOVERY_READ, """
        SELECT a.at, 'homework', a.id, json_build_object('title', h.title)
        FROM clinic_homeworkanswer a JOIN clinic_homework h ON h.id = a.homework_id
        WHERE h.patient_id = %(p)s AND a.at <= %(before)s"""),
    ("authorization", P.AUTHORIZATION_READ, """
        SELECT d.at, 'authorization', d.id,
               json_build_object('outcome', d.outcome, 'units', d.units, 'unit', u.unit, 'until', d.ends_on)
        FROM clinic_authorizationdecision d JOIN clinic_authorization u ON u.id = d.authorization_id
        WHERE u.patient_id = %(p)s AND d.at <= %(before)s"""),
    ("follow_up", P.AFTERCARE_READ, """
        SELECT t.at, 'follow_up', t.id, json_build_object('outcome', t.outcome, 'day', f.day)
        FROM clinic_followupattempt t JOIN clinic_followup f ON f.id = t.follow_up_id
        JOIN clinic_episode e ON e.id = f.episode_id
        WHERE e.patient_id = %(p)s AND t.at <= %(before)s"""),
)  # fmt: skip

_NEEDED = frozenset(permission for _, permission, _ in _BRANCHES)


def happened(by: Actor, patient: Patient, *, at: datetime, after: str = "") -> Page:
    """One page of the timeline as it stands at `at`. `after` is an earlier page's `older`; anything else begins anew.

    Sessions to come and the like are not there yet: only what lies before `at`.
    """
    return ask_happened(by, patient, at=at, after=after)()


def ask_happened(by: Actor, patient: Patient, *, at: datetime, after: str = "") -> Callable[[], Page]:
    """Sends the statement (`clinic.ahead`); what is given back waits for the page."""
    before, seen = _place(after) or (at, 0)
    may = {permission: by.may(permission, patient.site_id) for permission in _NEEDED}
    kinds = tuple(kind for kind, permission, _ in _BRANCHES if may[permission])
    if not kinds:
        return lambda: Page((), None)
    asked = {"p": Int8(patient.pk), "before": before, "limit": Int8(seen + PAGE + 1), "seen": Int8(seen)}
    answer = send(_statement(kinds), asked)
    return lambda: _page(answer.rows(), before, seen)


@cache
def _statement(kinds: tuple[str, ...]) -> str:
    cut = "(SELECT at, kind, number, facts::text FROM ({}) AS b(at, kind, number, facts) ORDER BY at DESC LIMIT %(limit)s)"
    return (
        " UNION ALL ".join(cut.format(sql) for kind, _, sql in _BRANCHES if kind in kinds)
        + " ORDER BY at DESC, kind, number DESC LIMIT %(limit)s OFFSET %(seen)s"
    )


def _page(rows: list[tuple[Any, ...]], before: datetime, seen: int) -> Page:
    shown = [Event(when, kind, n, orjson.loads(facts)) for when, kind, n, facts in rows[:PAGE]]
    if len(rows) <= PAGE:
        return Page(tuple(shown), None)
    last = shown[-1].at
    already = sum(event.at == last for event in shown) + (seen if last == before else 0)
    return Page(tuple(shown), f"{last.isoformat()}~{already}")


def _place(after: str) -> tuple[datetime, int] | None:
    """Where an earlier page ended: the instant of its last event, and how many of that instant were shown."""
    instant, _, count = after.partition("~")
    try:
        before = datetime.fromisoformat(instant)
        seen = int(count)
    except ValueError:
        return None
    return (before, seen) if before.tzinfo and 0 <= seen < 10_000 else None
