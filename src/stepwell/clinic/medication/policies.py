"""May this person record, order, stop, give, or report? Each returns the id of the staff member or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need


def may_record(by: Actor, patient: Patient) -> int:
    """What the person says they take and do not tolerate: whoever assesses writes it down."""
    need(by, Permission.ASSESSMENT_RECORD, site_id=patient.site_id)
    return signing_staff(by)


def may_order(by: Actor, patient: Patient) -> int:
    """Orders and their end belong to the prescriber."""
    need(by, Permission.MEDICATION_ORDER, site_id=patient.site_id)
    return signing_staff(by)


def may_give(by: Actor, patient: Patient) -> int:
    """Doses given, refused or held."""
    need(by, Permission.MEDICATION_GIVE, site_id=patient.site_id)
    return signing_staff(by)


def may_report(by: Actor, patient: Patient) -> int | None:
    """A side effect: a clinician, or the patient about themselves (then None)."""
    if by.patient_id is not None and by.patient_id == patient.pk:
        return None
    return may_record(by, patient)


def may_watch(by: Actor, patient: Patient) -> int:
    """Withdrawal: whoever gives medicines rates the scales."""
    need(by, Permission.MEDICATION_GIVE, site_id=patient.site_id)
    return signing_staff(by)
