"""Reading which lenders are named."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.assistance.models import FinancingPartner


def lenders(site_ids: Iterable[int], on: date | None = None) -> list[FinancingPartner]:
    """The lenders named at these sites, with `on` those that are shown that day."""
    rows = FinancingPartner.objects.filter(site_id__in=list(site_ids))
    if on is not None:
        rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    return list(rows.select_related("site").order_by("name", "pk"))


def lender_for(by: Actor, lender_id: int) -> FinancingPartner:
    """Raises `FinancingPartner.DoesNotExist`, also for another site's."""
    return FinancingPartner.objects.get(pk=lender_id, site_id__in=by.sites_with(Permission.FUND_DECIDE))
