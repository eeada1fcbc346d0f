"""Reading follow-ups of referrals: who was sent on, and whether they arrived there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.inquiry.models import Inquiry, ReferralFollowUp
from stepwell.clinic.people.models import Site, Staff
from stepwell.clinic.site_days import LocalDay


def follow_ups_for(by: Actor) -> QuerySet[ReferralFollowUp]:
    """Follow-ups of the sites where `by` may see inquiries."""
    return ReferralFollowUp.objects.filter(
        referral__inquiry__site_id__in=by.sites_with(Permission.INQUIRY_READ)
    )


def follow_ups_waiting(by: Actor, today: date) -> QuerySet[ReferralFollowUp]:
    """Those that are due by a day: counted beside 'Inquiries'."""
    return follow_ups_for(by).filter(done_at__isnull=True, due_on__lte=today)


def follow_ups_open(by: Actor, at: datetime) -> list[ReferralFollowUp]:
    """Everybody sent on of whom nobody knows yet whether they arrived, the day due first; `.due` says since when."""
    rows: Any = follow_ups_for(by).filter(done_at__isnull=True)
    return list(
        rows.annotate(today=LocalDay(Value(at), F("referral__inquiry__site__zone")))
        .select_related("referral__inquiry__site", "referral__by", "who")
        .order_by("due_on", "pk")
    )


def follow_ups_of(inquiry: Inquiry) -> list[ReferralFollowUp]:
    """All follow-ups of an inquiry that was found for the person asking, in their order."""
    rows = ReferralFollowUp.objects.filter(referral__inquiry=inquiry)
    return list(rows.select_related("referral", "who", "done_by").order_by("planned_at", "pk"))


def who_follows_up(site: Site, on: date) -> list[Staff]:
    """Staff of the site on a day, for the choice of who asks."""
    return list(
        Staff.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), site=site).order_by(
            "short_name", "pk"
        )
    )
