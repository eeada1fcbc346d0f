"""Within how many minutes a site answers: set by its director from a day on; what was promised before stays."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.models import AnswerTime
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def set_answer_time(
    *, by: Actor, at: datetime, site: Site, usual_minutes: int, urgent_minutes: int, starts_on: date
) -> AnswerTime:
    """From `starts_on` on the site answers within so many open minutes, and with danger within so many by the clock.

    Set twice for one day, the later holds. Raises `Refused` for a day that is over and for odd times.
    """
    policies.may_set_answer_time(by, site)
    fault = rules.answer_times_fault(usual_minutes, urgent_minutes, starts_on, site_day(site, at))
    if fault:
        raise Refused(fault)
    row = AnswerTime.objects.create(
        site=site,
        usual_minutes=usual_minutes,
        urgent_minutes=urgent_minutes,
        starts_on=starts_on,
        set_at=at,
        set_by_id=by.staff_id,
    )
    announce(f"inquiries:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.set_answer_time",
        subject=f"AnswerTime {row.pk}",
        detail={"usual": usual_minutes, "urgent": urgent_minutes, "from": starts_on.isoformat()},
    )
    return row
