"""May this person record or see an assessment? Each returns nothing or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def signing_staff(by: Actor) -> int:
    """The id of the staff member who signs a row. Denied for everybody else, Stepwell itself too."""
    if by.staff_id is None:
        raise Denied("Only a member of staff can do this, because the record names who did it.")
    return by.staff_id


def may_record(by: Actor, patient: Patient) -> int:
    """Interviews, ratings, diagnoses. Returns the id of the staff member."""
    need(by, Permission.ASSESSMENT_RECORD, site_id=patient.site_id)
    return signing_staff(by)


def may_fill(by: Actor, patient: Patient) -> int | None:
    """A questionnaire: staff who assess, or the patient about themselves (then None)."""
    if by.patient_id is not None and by.patient_id == patient.pk:
        return None
    return may_record(by, patient)


def may_raise_alert(by: Actor, patient: Patient) -> None:
    """Anybody who takes part in the care, the patient's own words, or Stepwell itself."""
    if by.patient_id is not None and by.patient_id == patient.pk:
        return
    need(by, Permission.CHART_READ, site_id=patient.site_id)


def may_acknowledge(by: Actor, patient: Patient) -> int:
    """Saying what was done about an alert. Returns the id of the staff member."""
    need(by, Permission.ALERT_ACKNOWLEDGE, site_id=patient.site_id)
    return signing_staff(by)
