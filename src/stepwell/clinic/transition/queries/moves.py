"""Moves that no payer has been asked about."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.authorization.models import Authorization
from stepwell.clinic.coverage.models import Benefits, Policy
from stepwell.clinic.placement.models import Episode, Placement


def moves_to_authorize(by: Actor, on: date) -> list[Any]:
    """Open episodes whose level no payer was asked for since the last move, where a policy wants to be asked.

    Each with `level`, `moved_at`, `payer`. One statement: derived, so that nothing has to be remembered or ticked off.
    """
    last = Placement.objects.filter(episode=OuterRef("pk")).order_by("-number")
    heard = Benefits.objects.filter(policy=OuterRef("pk")).order_by("-verified_at", "-pk")
    wants = (
        Policy.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on), patient=OuterRef("patient"), starts_on__lte=on
        )
        .annotate(asks=Subquery(heard.values("authorization_required")[:1]))
        .filter(asks=True)
    )
    asked = Authorization.objects.filter(
        patient=OuterRef("patient"), level=OuterRef("level"), ends_on__gte=on
    )
    rows: Any = (
        Episode.objects.filter(
            patient__site_id__in=by.sites_with(Permission.AUTHORIZATION_READ), closed_at__isnull=True
        )
        .annotate(
            level=Subquery(last.values("level")[:1]),
            moved_at=Subquery(last.values("starts_at")[:1]),
            kind=Subquery(last.values("kind")[:1]),
            payer=Subquery(wants.order_by("priority").values("payer__name")[:1]),
        )
        .filter(Exists(wants), ~Exists(asked), kind__in=["step_up", "step_down"])
        .select_related("patient", "site")
        .order_by("moved_at", "pk")
    )
    return list(rows)
