"""May this person order, collect or review a test? Each returns the id of the staff member or raises `Denied`."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.policies import signing_staff
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied


def may_order(by: Actor, site_id: int) -> int:
    """A test for one person, or random days for many."""
    need(by, Permission.DRUG_TEST_ORDER, site_id=site_id)
    return signing_staff(by)


def may_collect(by: Actor, patient: Patient) -> int:
    """Taking the specimen, and entering what the laboratory says."""
    need(by, Permission.DRUG_TEST_COLLECT, site_id=patient.site_id)
    return signing_staff(by)


def may_review(by: Actor, patient: Patient) -> int:
    """Looking at a result and answering for it: whoever orders tests."""
    return may_order(by, patient.site_id)


def may_take_in(by: Actor) -> None:
    """What a laboratory sends is taken in by Stepwell itself, never by a page."""
    if not by.is_system:
        raise Denied("Results of laboratories are taken in by the listener or the command, not by a person.")


def may_file(by: Actor, site_id: int | None) -> int:
    """Deciding about a report that waits: who collects at its site; where the site is not known, a director."""
    if site_id is None:
        need(by, Permission.STAFF_MANAGE)
    else:
        need(by, Permission.DRUG_TEST_COLLECT, site_id=site_id)
    return signing_staff(by)
