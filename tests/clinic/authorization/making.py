"""Makes authorizations for tests, by the real actions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.authorization import actions
from stepwell.clinic.authorization.models import Authorization
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Patient
from tests.clinic.coverage.making import make_policy
from tests.making import NOW, actor, make_staff


def ask(patient: Patient, *, policy: Policy | None = None, at: datetime = NOW, **facts: Any) -> Authorization:
    """Twelve days of H0015 at level 2.1 from 16 March to 12 April."""
    asked = {
        "service_code": "H0015",
        "level": "2.1",
        "unit": "day",
        "units_asked": 12,
        "starts_on": date(2026, 3, 16),
        "ends_on": date(2026, 4, 12),
        **facts,
    }
    return actions.request_authorization(
        by=actor(make_staff(patient.site, Role.UTILIZATION)),
        at=at,
        patient=patient,
        policy=policy or make_policy(patient),
        **asked,
    )


def approve(row: Authorization, *, at: datetime = NOW, **facts: Any) -> Authorization:
    answer = {
        "outcome": "approved",
        "number": f"A-{row.pk}",
        "units": row.units_asked,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        **facts,
    }
    by = actor(make_staff(row.patient.site, Role.UTILIZATION))
    actions.record_decision(by=by, at=at, authorization=row, **answer)
    return row


def authorized(patient: Patient, *, policy: Policy | None = None, **facts: Any) -> Authorization:
    """Asked for and approved as asked."""
    return approve(ask(patient, policy=policy, **facts))
