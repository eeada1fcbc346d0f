"""May this person decide about the level of care? Returns the id of the staff member, or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.policies import need


def may_recommend(by: Actor, site_id: int) -> int:
    """Asking the rule is open to whoever assesses or decides."""
    if not by.may(Permission.ASSESSMENT_RECORD, site_id):
        need(by, Permission.PLACEMENT_DECIDE, site_id=site_id)
    return signing_staff(by)


def may_decide(by: Actor, site_id: int) -> int:
    """Admit, step up, step down, transfer, discharge."""
    need(by, Permission.PLACEMENT_DECIDE, site_id=site_id)
    return signing_staff(by)


def may_take_table(by: Actor, site_id: int) -> None:
    """The program director for the site; the command line, which has the whole database."""
    need(by, Permission.STAFF_MANAGE, site_id=site_id)
