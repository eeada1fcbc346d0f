"""May this person record, revoke or read a consent?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent import rules
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


def may_disclose_without_consent(by: Actor, patient: Patient, basis: str) -> None:
    """What cannot wait: whoever treats or receives the patient. Every other ground: who leads or watches."""
    need(by, Permission.DISCLOSURE_WITHOUT_CONSENT, site_id=patient.site_id)
    if basis not in {ground.key for ground in grounds_for(by, patient)}:
        raise Denied(
            "Disclosures on this ground are decided by the program director or the compliance officer. Ask one."
        )


def grounds_for(by: Actor, patient: Patient) -> list[rules.Basis]:
    """The grounds on which `by` may record a disclosure of this patient, in the order they are offered."""
    if not by.may(Permission.DISCLOSURE_WITHOUT_CONSENT, patient.site_id) and not by.is_system:
        return []
    leads = by.is_system or by.may(Permission.DISCLOSURE_READ, patient.site_id)
    return [one for one in rules.load_bases() if leads or one.decided_by is rules.DecidedBy.CARE]
