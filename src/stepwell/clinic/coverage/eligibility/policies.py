"""Who may ask a payer electronically, and who may decide about an answer that found no question."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.eligibility.models import EligibilityAnswer
from stepwell.clinic.people.models import Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_ask(by: Actor, site_id: int) -> None:
    """Whoever records coverage at the site."""
    need(by, Permission.COVERAGE_RECORD, site_id=site_id)


def may_ask_for_an_inquiry(by: Actor, site_id: int) -> None:
    """Whoever records coverage and works on inquiries at the site."""
    need(by, Permission.INQUIRY_WORK, site_id=site_id)
    may_ask(by, site_id)


def may_decide(by: Actor, answer: EligibilityAnswer) -> None:
    """Whoever records coverage at the site it was sent to; where that is not known, a director."""
    if answer.site_id is None:
        need(by, Permission.STAFF_MANAGE)
        return
    may_ask(by, answer.site_id)


def only_the_worker(by: Actor) -> None:
    """What is carried to payers and back is done by Stepwell itself, never by a page."""
    if not by.is_system:
        raise Denied("Questions and answers are carried by the job worker, not by a person.")


def may_set_rule(by: Actor, site: Site) -> None:
    """Who sets up the site decides when benefits are verified again."""
    need(by, Permission.STAFF_MANAGE, site_id=site.pk)
