"""Minutes attended by kind of treatment, of one patient over a span of days. One statement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries.statements import whose_hours
from stepwell.clinic.sessions.models import Attendance


def delivered_by_kind(by: Actor, patient: Any, *, first: date, at: datetime) -> dict[str, int]:
    """Kind of treatment -> minutes attended in sessions from the local day `first` on that are over at `at`."""
    rows = (
        Attendance.objects.filter(
            patient__in=whose_hours(by).filter(pk=patient.pk),
            occurrence__local_date__gte=first,
            occurrence__ends__lte=at,
            occurrence__cancelled_at__isnull=True,
            minutes__gt=0,
        )
        .order_by()
        .values_list("occurrence__treatment")
        .annotate(minutes=Sum("minutes"))
    )
    return {kind: int(minutes) for kind, minutes in rows}
