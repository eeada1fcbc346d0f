"""A patient's record: made once, looked for first, changed with a trace."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.people import policies, queries
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.rules import PersonFacts, birth_date_fault, phone_digits
from stepwell.clinic.refusal import Refused

_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that look alike
_ONE_AT_A_TIME = 427202  # two desks registering the same person at once: the second sees the first's record


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
    others: Collection[int] | None = None,
    code: str = "",
) -> Patient:
    """Make a record. `facts` are further columns of `Patient`; `code` is drawn at random unless given.

    With `others` (ids of people on file whom somebody looked at and found to be other people; possibly none)
    probable duplicates are looked for again, and one that is not among them refuses the record. Without it,
    nobody was asked: for hand-offs and timers, whose records a person checks later. Raises `Refused`.
    """
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=site.pk)
    _check_birth_date(birth_date, site, at)
    columns = with_digits(facts or {})
    if others is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        asked = PersonFacts(
            given_name=given_name,
            family_name=family_name,
            preferred_name=columns.get("preferred_name", ""),
            birth_date=birth_date,
            phone=columns.get("phone", ""),
            email=columns.get("email", ""),
        )
        alike = [patient.pk for patient, _ in queries.duplicates_of(by, asked) if patient.pk not in others]
        if alike:
            raise Refused(
                "Somebody very like this is on file already. Look at the records below first; nothing was saved."
            )
    patient = Patient.objects.create(
        code=code or new_code(),
        site=site,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        birth_date=birth_date,
        made_at=at,
        made_by=by.name,
        **columns,
    )
    trail.record(
        by=by,
        at=at,
        action="people.register",
        subject=f"Patient {patient.pk}",
        patient_id=patient.pk,
        detail={"not_the_same_as": sorted(others)} if others else {},
    )
    return patient


@transaction.atomic
def change_patient(*, by: Actor, at: datetime, patient: Patient, facts: Mapping[str, Any]) -> Patient:
    """Change columns of the record; the trail keeps which, not what, so that it holds no names."""
    policies.may_change_only_facts(facts)
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=patient.site_id)
    locked = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)
    if "birth_date" in facts:
        _check_birth_date(facts["birth_date"], locked.site, at)
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
        found["phone_digits"] = phone_digits(found["phone"])[-20:]
    return found


def _check_birth_date(birth_date: date, site: Site, at: datetime) -> None:
    if fault := birth_date_fault(birth_date, at.astimezone(ZoneInfo(site.zone)).date()):
        raise Refused(f"The date of birth {fault}. Check the year; nothing was saved.")
