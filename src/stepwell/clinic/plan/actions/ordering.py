"""The ordered weekly dose: what the hours ledger measures against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.refusal import Refused


@transaction.atomic
def order_treatment(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    minutes_per_week: int,
    days_least: int,
    days_most: int,
    doses: Mapping[str, int],
    starts_on: date | None = None,
) -> TreatmentOrder:
    """Order minutes a week on so many days from a day on; earlier orders stay and end there.

    `doses`: code of `rules.Kind` -> minutes a week, at most the whole. Raises `Refused` for what does not
    fit, a day before admission, a day that has an order already, or a closed episode.
    """
    staff_id = policies.may_write(by, episode)
    locked = Episode.objects.select_for_update(of=("self",)).select_related("site").get(pk=episode.pk)
    if locked.closed_at is not None:
        raise Refused("The episode is closed; nothing can be ordered any more.")
    rules.may_order(minutes_per_week, days_least, days_most, doses)
    first = starts_on or queries.site_day(locked, at)
    if first < queries.site_day(locked, locked.admitted_at):
        raise Refused("The order starts before the admission; correct the date.")
    try:
        with transaction.atomic():
            order = TreatmentOrder.objects.create(
                episode=locked,
                minutes_per_week=minutes_per_week,
                days_least=days_least,
                days_most=days_most,
                doses=dict(doses),
                starts_on=first,
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:  # one_order_from_a_day
        raise Refused(
            "There is an order from that day already; let the new one start a day later."
        ) from twice
    trail.record(
        by=by,
        at=at,
        action="plan.order_treatment",
        subject=f"TreatmentOrder {order.pk}",
        patient_id=locked.patient_id,
        detail={"minutes_per_week": minutes_per_week, "days": [days_least, days_most], "from": first},
    )
    return order
