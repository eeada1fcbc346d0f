"""Authorizations by the day on which they run out.

What is attended and booked comes in as an argument: sessions and hours are later steps (`hours.queries.days_of`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateField, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.authorization import rules
from stepwell.clinic.authorization.models import (
    Authorization,
    AuthorizationDecision,
    AuthorizationDecisionOutcome,
)
from stepwell.clinic.coverage.models import Benefits, Policy
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode

APPROVED = (AuthorizationDecisionOutcome.APPROVED, AuthorizationDecisionOutcome.PARTLY)
Minutes = Mapping[date, int]
"""Minutes on each local day."""


@dataclass(frozen=True)
class OnList:
    """One authorization in force: the row (with `outcome`, `number`, `units_approved`, `level_approved`,
    `from_day`, `to_day` of the newest decision), where it stands, and `chain`: what was asked for the days after,
    the next in front."""

    row: Any
    standing: rules.Standing
    chain: tuple[Any, ...] = ()

    @property
    def runs_out_on(self) -> date:
        """The day of the first session that exceeds it, or its last day."""
        return self.standing.projected_exhaustion_date or self.row.to_day


def authorizations_for(by: Actor) -> Any:
    """Every authorization of the patients whom `by` may see, with what its newest decision says, in one query."""
    last = AuthorizationDecision.objects.filter(authorization=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Authorization.objects.filter(patient__in=patients_for(by, Permission.AUTHORIZATION_READ))
        .annotate(
            outcome=Subquery(last.values("outcome")[:1], output_field=CharField()),
            number=Subquery(last.values("number")[:1], output_field=CharField()),
            units_approved=Subquery(last.values("units")[:1], output_field=IntegerField()),
            level_approved=Subquery(last.values("level")[:1], output_field=CharField()),
            from_day=Subquery(last.values("starts_on")[:1], output_field=DateField()),
            to_day=Subquery(last.values("ends_on")[:1], output_field=DateField()),
        )
        .select_related("patient__site", "policy__payer", "asked_by")
    )


def in_force(by: Actor, on: date) -> list[Any]:
    """Approved, of people in treatment, not ended; or ended with nothing newer asked or approved. One query."""
    newer = _newer()
    return list(
        authorizations_for(by)
        .filter(Exists(_open_episode("patient")), outcome__in=APPROVED)
        .filter(Q(to_day__gte=on) | ~Exists(newer))
        .order_by("to_day", "pk")
    )


def follow_ons(by: Actor, rows: Collection[Any]) -> dict[int, list[Any]]:
    """Patient id -> everything that was asked of the payer for them and not denied, by first day. One query."""
    found: dict[int, list[Any]] = {}
    standing = Q(outcome__isnull=True) | ~Q(outcome=AuthorizationDecisionOutcome.DENIED)
    asked = authorizations_for(by).filter(standing, patient__in={row.patient_id for row in rows})
    for row in asked.order_by("starts_on", "pk"):
        found.setdefault(row.patient_id, []).append(row)
    return found


def standings(
    rows: Iterable[Any],
    attended: Mapping[int, Minutes],
    booked: Mapping[int, Minutes],
    on: date,
    after: Mapping[int, Collection[Any]] | None = None,
) -> list[OnList]:
    """Where each stands, what runs out first in front and what is followed by another one last.

    `attended`, `booked`: patient id -> minutes a day. `after`: what `follow_ons` found.
    """
    rule = rules.load_review_rule()
    rows = list(rows)
    chains = {row.pk: _chain(row, (after or {}).get(row.patient_id, ())) for row in rows}
    found = [
        OnList(
            row,
            rules.standing(
                as_rule(row),
                _uses(attended.get(row.patient_id, {})),
                _uses(booked.get(row.patient_id, {})),
                on,
                rule=rule,
                after=[as_follow_on(later) for later in chains[row.pk]],
            ),
            chains[row.pk],
        )
        for row in rows
    ]
    calm = (rules.Tone.GOOD, rules.Tone.ASKED)
    return sorted(
        found,
        key=lambda f: (
            f.standing.followed_by is not None and f.standing.tone in calm,
            f.runs_out_on,
            f.standing.review_due,
            f.row.pk,
        ),
    )


def _chain(row: Any, asked: Iterable[Any]) -> tuple[Any, ...]:
    """Those for the same service that reach further, by first day."""
    return tuple(
        later
        for later in asked
        if later.pk != row.pk
        and later.service_code == row.service_code
        and (later.to_day or later.ends_on) > row.to_day
    )


def _newer() -> QuerySet[Authorization]:
    """What was asked for the same service and later days than the row's own `to_day`, and not denied."""
    last = AuthorizationDecision.objects.filter(authorization=OuterRef("pk")).order_by("-at", "-pk")
    rows = Authorization.objects.filter(
        patient=OuterRef("patient"), service_code=OuterRef("service_code"), ends_on__gt=OuterRef("to_day")
    ).annotate(said=Subquery(last.values("outcome")[:1], output_field=CharField()))
    found: QuerySet[Authorization] = rows.filter(
        Q(said__isnull=True) | ~Q(said=AuthorizationDecisionOutcome.DENIED)
    )
    return found


def span(rows: Collection[Any], on: date) -> tuple[date, date]:
    """First and last day on which attendance and bookings matter for these rows."""
    first = min((row.from_day for row in rows), default=on)
    last = max((row.to_day for row in rows), default=on)
    return first, max(last, on) + rules.load_asking().bookings_after_end


def pending(by: Actor) -> list[Any]:
    """Asked for and not decided yet, the oldest first."""
    undecided = Q(outcome__isnull=True) | Q(outcome=AuthorizationDecisionOutcome.PENDED)
    return list(authorizations_for(by).filter(undecided).order_by("asked_at", "pk"))


def denied(by: Actor, since: date) -> list[Any]:
    """Denied since a day, the newest first: somebody decides about an appeal."""
    lately = AuthorizationDecision.objects.filter(authorization=OuterRef("pk"), at__date__gte=since)
    return list(
        authorizations_for(by)
        .filter(Exists(lately), outcome=AuthorizationDecisionOutcome.DENIED)
        .order_by("-asked_at", "-pk")
    )


def unasked(by: Actor, on: date) -> list[Patient]:
    """In treatment under a policy that wants an authorization, and none was ever asked for. One query."""
    heard = Benefits.objects.filter(policy=OuterRef("pk")).order_by("-verified_at", "-pk")
    wants = Policy.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), patient=OuterRef("pk"), starts_on__lte=on
    ).annotate(asks=Subquery(heard.values("authorization_required")[:1]))
    return list(
        patients_for(by, Permission.AUTHORIZATION_READ)
        .filter(Exists(_open_episode("pk")), Exists(wants.filter(asks=True)))
        .exclude(Exists(Authorization.objects.filter(patient=OuterRef("pk"))))
        .annotate(payer=Subquery(wants.filter(asks=True).order_by("priority").values("payer__name")[:1]))
        .order_by("family_name", "given_name", "pk")
    )


def waiting(by: Actor, on: date) -> QuerySet[Authorization]:
    """Undecided ones, and those in force whose last day calls for a review: the count in the rail.

    Units used are not looked at here; the list does.
    """
    last = AuthorizationDecision.objects.filter(authorization=OuterRef("pk")).order_by("-at", "-pk")
    rows = Authorization.objects.filter(
        patient__site_id__in=by.sites_with(Permission.AUTHORIZATION_RECORD)
    ).annotate(
        outcome=Subquery(last.values("outcome")[:1], output_field=CharField()),
        to_day=Subquery(last.values("ends_on")[:1], output_field=DateField()),
    )
    due = Q(Exists(_open_episode("patient")), ~Exists(_newer()), outcome__in=APPROVED, to_day__lte=_watch(on))
    found: QuerySet[Authorization] = rows.filter(
        Q(outcome__isnull=True) | Q(outcome=AuthorizationDecisionOutcome.PENDED) | due
    )
    return found


def authorization(by: Actor, number: int) -> Any:
    """One authorization with its newest decision. Raises `Authorization.DoesNotExist` for a stranger's."""
    return authorizations_for(by).get(pk=number)


def decisions_of(row: Authorization) -> list[AuthorizationDecision]:
    """Every answer of the payer, newest first."""
    return list(row.decisions.select_related("recorded_by").order_by("-at", "-pk"))


def authorizations_of(by: Actor, patient: Patient) -> list[Any]:
    """Every authorization of the patient, newest first."""
    return list(authorizations_for(by).filter(patient=patient).order_by("-starts_on", "-pk"))


def authorized_level(by: Actor, patient: Patient, on: date) -> str:
    """The level of care the payer authorized for a day, such as '2.1'; '' when none does."""
    row = (
        authorizations_for(by)
        .filter(patient=patient, outcome__in=APPROVED, from_day__lte=on, to_day__gte=on)
        .order_by("-asked_at", "-pk")
        .first()
    )
    return (row.level_approved or row.level) if row else ""


def approvals_of(by: Actor, patient_ids: Collection[int]) -> dict[int, list[Any]]:
    """Patient id -> approved authorizations, the one that ends first in front: what billing charges against."""
    found: dict[int, list[Any]] = {number: [] for number in patient_ids}
    rows = authorizations_for(by).filter(patient__in=patient_ids, outcome__in=APPROVED)
    for row in rows.order_by("to_day", "pk"):
        found[row.patient_id].append(row)
    return found


def as_rule(row: Any) -> rules.Authorization:
    """An approved row of `authorizations_for` as the rule takes it."""
    return rules.Authorization(
        number=row.number,
        unit=rules.Unit(row.unit),
        approved=Decimal(row.units_approved),
        starts_on=row.from_day,
        ends_on=row.to_day,
        codes=frozenset({row.service_code}),
    )


def as_follow_on(row: Any) -> rules.FollowOn:
    """A row of `authorizations_for` that was not denied, as what comes after another one."""
    approved = row.outcome in APPROVED
    zone = ZoneInfo(row.patient.site.zone)
    return rules.FollowOn(
        starts_on=row.from_day if approved else row.starts_on,
        ends_on=row.to_day if approved else row.ends_on,
        asked_on=row.asked_at.astimezone(zone).date(),
        number=row.number if approved else "",
        id=row.pk,
    )


def _uses(minutes: Minutes) -> list[rules.Use]:
    return [rules.Use(on=day, minutes=amount) for day, amount in minutes.items() if amount > 0]


def _open_episode(patient: str) -> QuerySet[Episode]:
    return Episode.objects.filter(patient=OuterRef(patient), closed_at__isnull=True)


def _watch(on: date) -> date:
    """The last day an authorization may end on for its review to be due on the day `on`."""
    left, day = rules.load_review_rule().business_days_before_end, on
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5:
            left -= 1
    return day
