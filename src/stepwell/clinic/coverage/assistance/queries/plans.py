"""Reading payment plans: where they stand, whom to remind and how, which a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage.assistance import rules
from stepwell.clinic.coverage.assistance.models import (
    AgreementReview,
    PaymentAgreement,
    PlanInstalment,
    ReviewOutcome,
)
from stepwell.clinic.coverage.rules import Money, load_plan_rules
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.people.rules import Channel, ContactDecision, contact_rules_of, may_contact


def agreements_of(by: Actor, patient: Patient) -> list[PaymentAgreement]:
    return list(_agreements(by).filter(patient=patient).order_by("-recorded_at", "-pk"))


def agreement_for(by: Actor, patient: Patient, agreement_id: int) -> PaymentAgreement:
    """Raises `PaymentAgreement.DoesNotExist`, also for a stranger's."""
    return _agreements(by).filter(patient=patient).get(pk=agreement_id)


def instalment_for(by: Actor, instalment_id: int) -> PlanInstalment:
    """Raises `PlanInstalment.DoesNotExist`, also for a stranger's."""
    rows = PlanInstalment.objects.filter(agreement__in=_agreements(by))
    return rows.select_related("agreement__patient__site").prefetch_related("reminders").get(pk=instalment_id)


def standing_of(agreement: PaymentAgreement, today: date) -> rules.PlanStanding:
    """Where the plan stands on a day."""
    return rules.plan_standing(
        [_owed(one) for one in agreement.instalments.all()],
        today=today,
        rules=load_plan_rules(),
        missed_at_review=max((one.missed for one in agreement.reviews.all()), default=0),
    )


def has_ended(agreement: PaymentAgreement) -> bool:
    """A person ended it."""
    return any(one.outcome != ReviewOutcome.GOES_ON for one in agreement.reviews.all())


def reminder_for(instalment: PlanInstalment, today: date) -> rules.Reminder | None:
    """Whether a reminder of this payment is due; none once a person has ended the plan."""
    if instalment.agreement.reviews.exclude(outcome=ReviewOutcome.GOES_ON).exists():
        return None
    return _reminder(instalment, today)


def may_reach(patient: Patient, channel: Channel, at: datetime) -> ContactDecision:
    """Whether the person may be reached on this channel now, and the neutral words for it."""
    return may_contact(contact_rules_of(patient), channel, at.astimezone(ZoneInfo(patient.site.zone)))


@dataclass(frozen=True)
class ToRemind:
    """One person to remind: of which payment, why, and each channel that is allowed now with its words."""

    instalment: PlanInstalment
    patient: Patient
    kind: rules.Reminder
    ways: tuple[tuple[Channel, ContactDecision], ...]
    why_not: str


@dataclass(frozen=True)
class PlansAtWork:
    """Plans of which somebody is to be reminded, and plans at which a person must look."""

    remind: tuple[ToRemind, ...]
    review: tuple[tuple[PaymentAgreement, rules.PlanStanding], ...]


def plans_at_work(by: Actor, at: datetime) -> PlansAtWork:
    """Both lists, the longest due first. A fixed number of queries."""
    open_ones = PlanInstalment.objects.filter(paid__lt=F("amount")).values("agreement")
    rows = [one for one in _agreements(by).filter(pk__in=open_ones).order_by("pk") if not has_ended(one)]
    remind: list[ToRemind] = []
    review = []
    for agreement in rows:
        patient = agreement.patient
        today = at.astimezone(ZoneInfo(patient.site.zone)).date()
        standing = standing_of(agreement, today)
        if standing.review_due:
            review.append((agreement, standing))
        for one in agreement.instalments.all():
            due = _reminder(one, today)
            if due is not None:
                remind.append(_to_remind(one, patient, due, at))
    remind.sort(key=lambda one: (one.instalment.due_on, one.instalment.pk))
    return PlansAtWork(tuple(remind), tuple(review))


def _agreements(by: Actor) -> QuerySet[PaymentAgreement]:
    rows = PaymentAgreement.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ))
    return rows.select_related("patient__site", "recorded_by").prefetch_related(
        Prefetch("instalments", queryset=PlanInstalment.objects.order_by("number")),
        "instalments__reminders",
        Prefetch("reviews", queryset=AgreementReview.objects.select_related("by").order_by("-at", "-pk")),
    )


def _reminder(instalment: PlanInstalment, today: date) -> rules.Reminder | None:
    told = frozenset(rules.Reminder(one.kind) for one in instalment.reminders.all())
    return rules.reminder_due(_owed(instalment), today=today, told=told, rules=rules.load_assistance())


def _to_remind(one: PlanInstalment, patient: Patient, due: rules.Reminder, at: datetime) -> ToRemind:
    found = [(channel, may_reach(patient, channel, at)) for channel in Channel]
    ways = tuple((channel, said) for channel, said in found if said.allowed)
    return ToRemind(one, patient, due, ways, "" if ways else found[0][1].reason)


def _owed(row: Any) -> rules.Owed:
    return rules.Owed(
        number=row.number, due_on=row.due_on, amount=Money.of(row.amount), paid=Money.of(row.paid)
    )
