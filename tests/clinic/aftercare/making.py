"""Makes people who were discharged, by the real actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.aftercare import actions, rules
from stepwell.clinic.aftercare.models import FollowUp
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.models import Episode
from tests.clinic.timetable.making import admit
from tests.making import NOW, TODAY, actor, make_patient, make_staff

WHOLE = {section.key: f"About {section.title.lower()}." for section in rules.load_summary_sections()}


def discharge(episode: Episode, *, days_ago: int = 30, reason: str = "completed", **facts: Any) -> Episode:
    placement.discharge(
        by=actor(make_staff(episode.site, Role.DIRECTOR)),
        at=NOW - timedelta(days=days_ago),
        episode=episode,
        reason=reason,
        because="The work here is done.",
        **facts,
    )
    return Episode.objects.get(pk=episode.pk)


def discharged(
    site: Site, given_name: str = "Ana", *, days_ago: int = 30, reason: str = "completed", **facts: Any
) -> Episode:
    """Admitted 60 days before, discharged so many days ago; may be called at any time."""
    patient: Patient = make_patient(site, given_name, may_call=True, phone="555-0101", **facts)
    on: date = TODAY - timedelta(days=days_ago + 60)
    return discharge(admit(patient, on=on), days_ago=days_ago, reason=reason)


def planned(episode: Episode, day: int = 30) -> FollowUp:
    """The call of that day; all calls of everybody are planned by it."""
    actions.plan_follow_ups(by=stepwell_itself(), at=NOW)
    return FollowUp.objects.get(episode=episode, day=day)
