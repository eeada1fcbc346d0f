"""Every write about people: register a patient, change the record, contacts, family."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.people import policies
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.refusal import Refused

_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that look alike


@transaction.atomic
def register_patient(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    given_name: str,
    family_name: str,
    birth_date: date,
    facts: Mapping[str, Any] | None = None,
) -> Patient:
    """Make a record. `facts` are further columns of `Patient`. Raises `Refused` for a birth date ahead of today."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=site.pk)
    if birth_date > at.date():
        raise Refused("The date of birth is in the future. Check the year; nothing was saved.")
    patient = Patient.objects.create(
        code=new_code(),
        site=site,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        birth_date=birth_date,
        made_at=at,
        made_by=by.name,
        **with_digits(facts or {}),
    )
    trail.record(
        by=by, at=at, action="people.register", subject=f"Patient {patient.pk}", patient_id=patient.pk
    )
    return patient


@transaction.atomic
def change_patient(*, by: Actor, at: datetime, patient: Patient, facts: Mapping[str, Any]) -> Patient:
    """Change columns of the record; the trail keeps which, not what, so that it holds no names."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=patient.site_id)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    changed = {k: v for k, v in with_digits(facts).items() if getattr(locked, k) != v}
    if not changed:
        return locked
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changed))
    trail.record(
        by=by,
        at=at,
        action="people.change",
        subject=f"Patient {locked.pk}",
        patient_id=locked.pk,
        detail={"changed": sorted(changed)},
    )
    return locked


def new_code() -> str:
    """Six letters and figures at random: says nothing about the person or the order of coming."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(6))


def with_digits(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the digits of the phone, by which it is found."""
    found = dict(facts)
    if "phone" in found:
        found["phone_digits"] = "".join(c for c in found["phone"] if c.isdigit())[-10:]
    return found
