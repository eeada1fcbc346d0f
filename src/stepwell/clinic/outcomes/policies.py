"""May this person see how the program does? Returns nothing, or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.policies import need


def may_see_names(by: Actor) -> None:
    """From a figure to the people behind it: only for those who may open their charts."""
    need(by, Permission.OUTCOMES_READ)
    need(by, Permission.CHART_READ)
