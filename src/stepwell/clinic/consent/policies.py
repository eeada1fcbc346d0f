"""May this person record, revoke or read a consent?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_record(by: Actor, patient: Patient) -> None:
    need(by, Permission.CONSENT_RECORD, site_id=patient.site_id)


def may_revoke(by: Actor, patient: Patient) -> None:
    """Staff who record consents, and always the patient: the right to revoke is the patient's (2.31(a)(6))."""
    if by.patient_id is not None:
        if by.patient_id != patient.pk:
            raise Denied("Only the patient can take back this consent.")
        return
    may_record(by, patient)
