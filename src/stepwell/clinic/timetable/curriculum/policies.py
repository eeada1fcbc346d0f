"""May this person add a curriculum, give it to a group, choose the topic of a session?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied
from stepwell.clinic.timetable.models import Occurrence


def may_set_up(by: Actor, site_id: int) -> None:
    """Curricula of the site, and which one a group follows."""
    need(by, Permission.TIMETABLE_MANAGE, site_id=site_id)


def may_choose_topic(by: Actor, occurrence: Occurrence) -> None:
    """Who leads the session, and the director for everybody."""
    if by.is_system or by.may(Permission.TIMETABLE_MANAGE, occurrence.site_id):
        return
    leads = by.staff_id is not None and by.staff_id in (
        occurrence.facilitator_id,
        occurrence.cofacilitator_id,
    )
    if not (leads and by.may(Permission.NOTE_WRITE, occurrence.site_id)):
        raise Denied("Only who leads this session, or the program director, can change its topic.")
