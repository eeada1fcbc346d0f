"""Lenders that are named to people who ask, as information only."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.assistance import policies
from stepwell.clinic.coverage.assistance.models import FinancingPartner
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused


@transaction.atomic
def add_lender(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    words_en: str,
    words_es: str,
    contact: str,
    source: str,
    starts_on: date,
    ends_on: date | None = None,
) -> FinancingPartner:
    """A lender that is named to people who ask. Information only."""
    policies.may_decide_funds(by, site.pk)
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day is before the first. Check the two dates; nothing was saved.")
    row = FinancingPartner.objects.create(
        site=site,
        name=name.strip(),
        words_en=words_en.strip(),
        words_es=words_es.strip(),
        contact=contact.strip(),
        source=source.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        at=at,
        by_id=by.staff_id,
    )
    trail.record(by=by, at=at, action="coverage.lender", subject=f"FinancingPartner {row.pk}")
    return row


@transaction.atomic
def end_lender(*, by: Actor, at: datetime, lender: FinancingPartner, ends_on: date) -> FinancingPartner:
    """The lender is not named any more after that day."""
    policies.may_decide_funds(by, lender.site_id)
    if ends_on < lender.starts_on:
        raise Refused("The last day is before the first. Check the date; nothing was saved.")
    lender.ends_on = ends_on
    lender.save(update_fields=["ends_on"])
    trail.record(by=by, at=at, action="coverage.lender_ends", subject=f"FinancingPartner {lender.pk}")
    return lender
