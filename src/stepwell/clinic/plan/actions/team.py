"""Who treats the patient, and in which part."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Staff
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import policies, queries
from stepwell.clinic.plan.models import CareTeamMember
from stepwell.clinic.refusal import Refused


@transaction.atomic
def add_to_care_team(*, by: Actor, at: datetime, episode: Episode, staff: Staff, role: str) -> CareTeamMember:
    """From now on. Raises `Refused` for somebody who is in the team, has left, or works elsewhere."""
    policies.may_write(by, episode)
    if episode.closed_at is not None:
        raise Refused("The episode is closed; its care team cannot be changed any more.")
    if not role.strip():
        raise Refused("Say what the person does in the care team.")
    left = staff.ends_on is not None and staff.ends_on < queries.site_day(episode, at)
    if staff.site_id != episode.site_id or left:
        raise Refused(f"{staff.name} does not work at this site; choose somebody who does.")
    try:
        with transaction.atomic():
            member = CareTeamMember.objects.create(
                episode=episode, staff=staff, role=role.strip()[:40], starts_at=at
            )
    except IntegrityError as twice:  # in_the_care_team_once
        raise Refused(f"{staff.name} is in the care team already.") from twice
    trail.record(
        by=by,
        at=at,
        action="plan.add_to_care_team",
        subject=f"CareTeamMember {member.pk}",
        patient_id=episode.patient_id,
        detail={"staff": staff.pk},
    )
    return member


@transaction.atomic
def end_in_care_team(*, by: Actor, at: datetime, member: CareTeamMember) -> CareTeamMember:
    """Until now. Raises `Refused` the second time."""
    policies.may_write(by, member.episode)
    locked = CareTeamMember.objects.select_for_update().get(pk=member.pk)
    if locked.ends_at is not None:
        raise Refused("This person has left the care team already.")
    if locked.starts_at >= at:
        raise Refused("This person joined the care team just now; wait a moment and try again.")
    locked.ends_at = at
    locked.save(update_fields=["ends_at"])
    trail.record(
        by=by,
        at=at,
        action="plan.end_in_care_team",
        subject=f"CareTeamMember {locked.pk}",
        patient_id=member.episode.patient_id,
        detail={"staff": locked.staff_id},
    )
    return locked
