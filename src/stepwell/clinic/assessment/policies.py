"""May this person record or see an assessment? Each returns nothing or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.models import LobbyTurn
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


def may_escalate(by: Actor) -> None:
    """Telling others of an alert: Stepwell itself, by the timer."""
    if not by.is_system:
        raise Denied("Alerts are passed on by Stepwell itself.")


def may_open_lobby_turn(by: Actor) -> None:
    """Typing a code on the tablet: a device without a login, and nobody who is logged in."""
    if by.user_id is not None:
        raise Denied("A code for the tablet is typed on a device where nobody is logged in.")


def may_end_lobby_turn(by: Actor, turn: LobbyTurn) -> None:
    """The device that has the turn (it acts for the patient), or staff who assess."""
    if by.patient_id is not None and by.patient_id == turn.patient_id:
        return
    may_record(by, turn.patient)


def may_load_wording(by: Actor) -> None:
    """Bringing an instrument's words: Stepwell itself, by the command. Who may use them is a matter of licence."""
    if not by.is_system:
        raise Denied(
            "Words of an instrument are brought by whoever runs the server, with `stepwell instruments load`."
        )
