"""Who records help with the price, and who decides about a site's money."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.policies import need


def may_record(by: Actor, site_id: int) -> None:
    """Applications, fee decisions, referrals and plans: those who record coverage."""
    need(by, Permission.COVERAGE_RECORD, site_id=site_id)


def may_decide_funds(by: Actor, site_id: int) -> None:
    """Funds, awards and the list of lenders: the program director."""
    need(by, Permission.FUND_DECIDE, site_id=site_id)
