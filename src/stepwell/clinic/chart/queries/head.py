"""The head of a chart: who, at which level since when, what was decided, what alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.hours.queries import with_orders
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.queries import with_current
from stepwell.clinic.plan.queries import with_order
from stepwell.clinic.prepared import Prepared

_EPISODE = """
(SELECT jsonb_build_object(
    'admitted_at', e.admitted_at, 'closed_at', e.closed_at, 'planned_weeks', e.planned_weeks,
    'plan_signed_at', (SELECT min(p.signed_at) FROM clinic_plan p WHERE p.episode_id = e.id),
    'moves', (SELECT jsonb_agg(jsonb_build_object('kind', m.kind, 'level', m.level, 'at', m.starts_at)
                               ORDER BY m.number) FROM clinic_placement m WHERE m.episode_id = e.id))
 FROM clinic_episode e WHERE e.patient_id = clinic_patient.id ORDER BY e.admitted_at DESC LIMIT 1)
"""

_ALERTS = """
(SELECT jsonb_agg(jsonb_build_object('number', a.id, 'sentence', a.sentence, 'severity', a.severity,
                                     'raised_at', a.raised_at)
                  ORDER BY a.severity DESC, a.raised_at DESC)
 FROM clinic_alert a
 WHERE a.patient_id = clinic_patient.id
   AND NOT EXISTS (SELECT FROM clinic_alertacknowledgement k WHERE k.alert_id = a.id))
"""


@dataclass(frozen=True)
class Move:
    """A step in the level of care: kind of `placement.models.PlacementKind`, level from `at` on."""

    kind: str
    level: str
    at: datetime


@dataclass(frozen=True)
class OpenAlert:
    """Something nobody has acknowledged yet."""

    number: int
    sentence: str
    severity: str
    raised_at: datetime


@dataclass(frozen=True)
class Head:
    """The newest episode and what is open. All is None or empty for somebody who was never admitted."""

    admitted_at: datetime | None
    closed_at: datetime | None
    planned_weeks: int | None
    plan_signed_at: datetime | None
    moves: tuple[Move, ...]
    alerts: tuple[OpenAlert, ...]

    @property
    def in_treatment(self) -> bool:
        return self.admitted_at is not None and self.closed_at is None


def chart_patient(by: Actor, code: str, permission: Permission, *, on: date) -> Patient:
    """The patient of a chart with everything its head shows, in one query.

    Beside the columns of `with_current`, `with_order` and `with_orders`: what `head_of` reads. Raises `Patient.DoesNotExist`
    for a stranger's record and a missing one alike.
    """
    found: Patient = _WITH_HEAD.one(Patient.DoesNotExist, by, permission, on, code=code.upper())
    return found


def _with_head(by: Actor, permission: Permission, on: date, *, code: str) -> Any:
    rows = with_orders(with_order(with_current(patients_for(by, permission).select_related("site")), on))
    return rows.annotate(
        episode_facts=RawSQL(_EPISODE, (), output_field=JSONField()),  # noqa: S611 - constant text
        alert_facts=RawSQL(_ALERTS, (), output_field=JSONField()),  # noqa: S611 - constant text
    ).filter(code=code)


_WITH_HEAD = Prepared(_with_head)


def head_of(by: Actor, patient: Any) -> Head:
    """The head, without what the role of `by` may not see. No query of its own."""
    facts: Mapping[str, Any] = patient.episode_facts or {}
    sees_levels = by.may(Permission.PLACEMENT_READ, patient.site_id)
    sees_alerts = by.may(Permission.ASSESSMENT_READ, patient.site_id)
    return Head(
        admitted_at=_instant(facts.get("admitted_at")),
        closed_at=_instant(facts.get("closed_at")),
        planned_weeks=facts.get("planned_weeks"),
        plan_signed_at=_instant(facts.get("plan_signed_at")),
        moves=tuple(
            Move(m["kind"], m["level"] if sees_levels else "", datetime.fromisoformat(m["at"]))
            for m in facts.get("moves") or ()
        ),
        alerts=tuple(
            OpenAlert(a["number"], a["sentence"], a["severity"], datetime.fromisoformat(a["raised_at"]))
            for a in patient.alert_facts or ()
            if sees_alerts
        ),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
