"""May this person move somebody with all that belongs to it, or make a hand-over packet?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.policies import need


def may_hand_over(by: Actor, site_id: int) -> int:
    """Whoever decides about the level; the id of the staff member. The steps ask for the rest themselves."""
    need(by, Permission.PLACEMENT_DECIDE, site_id=site_id)
    return signing_staff(by)
