"""The plan on a device that was handed to the patient: found by the device's key alone."""

from __future__ import annotations

import hashlib
from datetime import datetime

from stepwell.clinic.plan.models import Plan, PlanHandOver
from stepwell.clinic.plan.queries.plans import _due, _with_reasons, whole


def handed_over(number: int, key: str, at: datetime) -> tuple[PlanHandOver, Plan] | None:
    """The open hand-over of that key with its plan, whole; None when it has ended or never was."""
    row = (
        PlanHandOver.objects.select_related("opened_by")
        .filter(pk=number, key_hash=hash_of_key(key), closed_at__isnull=True, ends_at__gt=at)
        .first()
    )
    if row is None:
        return None
    plans = _with_reasons(_due(Plan.objects.filter(pk=row.plan_id))).select_related(
        "episode__patient__site", "begun_by", "cosigner"
    )
    plan: Plan = whole(plans).get()
    return row, plan


def hash_of_key(key: str) -> str:
    """What is kept of a key: only its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()
