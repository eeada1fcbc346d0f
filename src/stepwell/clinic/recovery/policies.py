"""May this person check in, keep a plan, give, answer or review homework?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.recovery.models import Homework
from stepwell.clinic.refusal import Denied


def may_check_in(by: Actor, patient: Patient) -> None:
    """A check-in is the patient's own word: nobody speaks for them."""
    if by.patient_id is None or by.patient_id != patient.pk:
        raise Denied("Only the patient can check in. Write what they told you into a note instead.")


def may_write_plan(by: Actor, patient: Patient) -> int | None:
    """Staff who care for the patient, or the patient (then None): the plan is theirs."""
    if by.patient_id is not None and by.patient_id == patient.pk:
        return None
    return may_give_homework(by, patient)


def may_give_homework(by: Actor, patient: Patient) -> int:
    """Giving and reviewing homework."""
    need(by, Permission.RECOVERY_WRITE, site_id=patient.site_id)
    return signing_staff(by)


def may_answer(by: Actor, homework: Homework) -> None:
    """Whoever it was given to, and nobody else. Whether a consent still permits it is the action's question."""
    if homework.family_member_id is None:
        mine = by.patient_id is not None and by.patient_id == homework.patient_id
    else:
        mine = homework.family_member_id in by.family_ids
    if not mine:
        raise Denied("This homework was given to somebody else.")
