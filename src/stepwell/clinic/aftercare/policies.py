"""May this person write for after the discharge? Returns the id of the staff member, or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_write(by: Actor, site_id: int) -> int:
    """Summary, continuing care, calls."""
    need(by, Permission.AFTERCARE_WRITE, site_id=site_id)
    if by.staff_id is None:
        raise Denied("Only a member of staff can do this, because the record names who did it.")
    return by.staff_id


def may_sign(by: Actor, site_id: int) -> int:
    """A summary is signed by somebody with a credential who writes notes of treatment."""
    staff_id = may_write(by, site_id)
    if not by.credential:
        raise Denied("A discharge summary is signed with a credential, and none of yours is valid today.")
    return staff_id
