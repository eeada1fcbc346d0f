"""May this person work on the money? Returns the id of the staff member, or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_work(by: Actor, site_id: int | None = None) -> int:
    """Charge, void, post, state: the biller."""
    need(by, Permission.BILLING_WORK, site_id=site_id)
    if by.staff_id is None:
        raise Denied("Only a member of staff can do this, because the record names who did it.")
    return by.staff_id
