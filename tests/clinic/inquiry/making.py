"""Makes requests for help, and a site that is open, for the tests of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from stepwell.accounts.actor import the_public
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Site, SiteHours
from tests.making import NOW

TOMORROW_AT_TEN = datetime(2026, 3, 19, 14, 0, tzinfo=UTC)  # a Thursday, 10 am in New York


def make_inquiry(site: Site, *, name: str = "Ana Reyes", at: datetime = NOW, **facts: Any) -> Inquiry:
    """From the public page, by phone only, as the real action makes it."""
    once_key = facts.pop("once_key", "")
    return actions.receive_inquiry(
        by=the_public(),
        at=at,
        site=site,
        name=name,
        once_key=once_key,
        facts={"phone": "404-555-0199", "may_call": True, **facts},
    )


def open_on_weekdays(site: Site, opens: time = time(8), closes: time = time(17)) -> None:
    SiteHours.objects.bulk_create(
        SiteHours(site=site, weekday=day, opens=opens, closes=closes) for day in range(5)
    )
