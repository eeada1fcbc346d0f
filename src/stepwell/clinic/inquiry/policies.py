"""Who may ask for help, and who may work on an inquiry."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.inquiry.models import Inquiry, InquirySource
from stepwell.clinic.people.models import Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_receive(by: Actor, site_id: int, source: str) -> None:
    """Anybody on the public page; everything else is written by staff of the site."""
    if by.user_id is None and not by.is_system:
        if source != InquirySource.WEB:
            raise Denied("Sign in to write down an inquiry that came by phone or referral.")
        return
    need(by, Permission.INQUIRY_WORK, site_id=site_id)


def may_work(by: Actor, inquiry: Inquiry) -> None:
    """Staff whose role at the inquiry's site includes it."""
    need(by, Permission.INQUIRY_WORK, site_id=inquiry.site_id)


def may_register(by: Actor, inquiry: Inquiry) -> None:
    """Making the patient's record needs both: the inquiry and the register."""
    may_work(by, inquiry)
    need(by, Permission.PEOPLE_REGISTER, site_id=inquiry.site_id)


def may_set_answer_time(by: Actor, site: Site) -> None:
    """Who sets up the site promises how soon it answers."""
    need(by, Permission.STAFF_MANAGE, site_id=site.pk)
