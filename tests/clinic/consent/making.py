from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.consent import actions
from stepwell.clinic.consent.models import Consent
from stepwell.clinic.people.models import FamilyMember, Patient
from tests.making import NOW, actor, make_staff


def elements(**changed: Any) -> dict[str, Any]:
    """A complete consent to tell a named person of attendance and schedule."""
    return {
        "kind": "specific",
        "discloser": "Peachtree IOP",
        "information": ["attendance", "schedule"],
        "recipient_kind": "named",
        "recipient_name": "Maria Reyes",
        "recipient_key": "person:maria",
        "purposes": ["family_support"],
        "expiry": "on",
        "expires_on": date(2027, 3, 18),
        "right_to_revoke_stated": True,
        "redisclosure_stated": True,
        "consequences_stated": True,
        "signed_by": "Ana Reyes",
        **changed,
    }


def give_consent(patient: Patient, *, at: datetime = NOW, **changed: Any) -> Consent:
    by = actor(make_staff(patient.site, Role.COUNSELOR))
    return actions.record_consent(by=by, at=at, patient=patient, elements=elements(**changed))


def consent_for_family(member: FamilyMember, *information: str, at: datetime = NOW) -> Consent:
    return give_consent(
        member.patient,
        at=at,
        recipient_name=member.name,
        recipient_key=f"family:{member.pk}",
        information=list(information) or ["attendance", "schedule", "homework"],
    )
