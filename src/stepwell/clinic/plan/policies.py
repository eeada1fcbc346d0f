"""May this person write, sign or review a plan? Returns the id of the staff member, or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.policies import need
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan.models import Plan, PlanHandOver
from stepwell.clinic.refusal import Denied

LIBRARIES = Permission.TIMETABLE_MANAGE
"""Who takes texts in for a site: whoever sets up its programs."""


def may_write(by: Actor, episode: Episode) -> int:
    """Write, sign, review, order: the roles that answer for treatment."""
    need(by, Permission.PLAN_WRITE, site_id=episode.site_id)
    return signing_staff(by)


def may_cosign(by: Actor, plan: Plan) -> int:
    """The supervisor named on the plan, with a role that co-signs. Returns the supervisor's staff id."""
    need(by, Permission.NOTE_COSIGN, site_id=plan.episode.site_id)
    if by.staff_id is None or by.staff_id != plan.cosigner_id:
        who = plan.cosigner.name if plan.cosigner else "nobody"
        raise Denied(f"This plan waits for the co-signature of {who}.")
    return by.staff_id


def signs_as_patient(by: Actor, episode: Episode) -> bool:
    """Whether it is the patient's own login. Everybody else needs leave to write plans."""
    if by.patient_id is not None and by.patient_id == episode.patient_id:
        return True
    may_write(by, episode)
    return False


def may_hand_over(by: Actor, episode: Episode) -> int:
    """Handing a device to the patient with the plan on it: who writes plans."""
    return may_write(by, episode)


def signs_on_device(by: Actor, hand_over: PlanHandOver) -> None:
    """Only the device itself signs on a hand-over, and only on its own."""
    if by.user_id is not None or by.name != f"Device handed over {hand_over.pk}":
        raise Denied("This plan was handed over on another device.")
