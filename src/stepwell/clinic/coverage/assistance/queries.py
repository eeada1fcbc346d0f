"""Reading help with the price: applications, funds, authorized visits, plans, and what of it waits for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Prefetch, Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Purpose, named_key
from stepwell.clinic.coverage.assistance import rules
from stepwell.clinic.coverage.assistance.models import (
    AgreementReview,
    Award,
    EapReferral,
    FeeApplication,
    FeeDecision,
    FinancingPartner,
    Fund,
    FundEntry,
    FundRequest,
    PaymentAgreement,
    PlanInstalment,
    ReviewOutcome,
)
from stepwell.clinic.coverage.models import FeeDetermination
from stepwell.clinic.coverage.rules import (
    Grant,
    Money,
    Region,
    guideline_on,
    load_plan_rules,
    load_schedule,
)
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.people.rules import Channel, ContactDecision, ContactRules, may_contact


def applications_of(by: Actor, patient: Patient) -> list[FeeApplication]:
    """The patient's applications with their decisions, newest first."""
    rows = _applications(by).filter(patient=patient)
    return list(rows.order_by("-recorded_at", "-pk"))


def application_for(by: Actor, patient: Patient, application_id: int) -> FeeApplication:
    """Raises `FeeApplication.DoesNotExist`, also for a stranger's."""
    return _applications(by).filter(patient=patient).get(pk=application_id)


def _applications(by: Actor) -> QuerySet[FeeApplication]:
    rows = FeeApplication.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ))
    decisions = FeeDecision.objects.select_related("determination", "by").order_by("-at", "-pk")
    return rows.select_related("patient__site", "recorded_by").prefetch_related(
        "incomes", "proofs__by", Prefetch("decisions", queryset=decisions)
    )


def proposal_for(application: FeeApplication, on: date) -> rules.Proposal | None:
    """What the rule proposes on a day; None while nothing was seen. Raises LookupError without a guideline."""
    proofs = [one.kind for one in application.proofs.all()]
    if not proofs:
        return None
    return rules.propose(
        [
            rules.Income(source=one.source, amount=Money.of(one.amount), period=one.period)
            for one in application.incomes.all()
        ],
        application.household,
        proofs,
        guideline=guideline_on(on, Region(application.region)),
        schedule=load_schedule(),
        rules=rules.load_assistance(),
        on=on,
    )


@dataclass(frozen=True)
class Renewal:
    """A sliding fee that ends soon or has ended. `waiting`: it rests on the person's own word alone."""

    determination: FeeDetermination
    patient: Patient
    on_own_word: bool
    ended: bool


def renewals_due(by: Actor, today: date) -> list[Renewal]:
    """The newest determination of each patient that ends within the rule's days or ended as long ago."""
    ahead = timedelta(days=rules.load_assistance().renew_ahead_days)
    mine = patients_for(by, Permission.COVERAGE_READ)
    newest = (
        FeeDetermination.objects.filter(patient__in=mine)
        .order_by()
        .values("patient")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    rows = FeeDetermination.objects.filter(
        pk__in=newest, valid_until__gte=today - ahead, valid_until__lte=today + ahead, discount__gt=0
    )
    found = rows.select_related("patient", "decision").order_by("valid_until", "pk")
    return [
        Renewal(
            row,
            row.patient,
            on_own_word=hasattr(row, "decision") and row.decision.provisional,
            ended=row.valid_until <= today,
        )
        for row in found
    ]


def applications_waiting(by: Actor) -> list[FeeApplication]:
    """Applications that nobody has decided, oldest first."""
    return list(_applications(by).filter(decisions__isnull=True).order_by("recorded_at", "pk"))


def funds_of(by: Actor) -> list[Fund]:
    """The funds of the sites whose coverage `by` reads."""
    rows = Fund.objects.filter(site_id__in=by.sites_with(Permission.COVERAGE_READ))
    return list(rows.select_related("site").order_by("name"))


def fund_for(by: Actor, fund_id: int) -> Fund:
    """Raises `Fund.DoesNotExist`, also for a fund of another site."""
    return Fund.objects.select_related("site").get(
        pk=fund_id, site_id__in=by.sites_with(Permission.FUND_DECIDE)
    )


def ledger_of(fund: Fund) -> list[FundEntry]:
    rows = FundEntry.objects.filter(fund=fund).select_related("award__patient", "by")
    return list(rows.order_by("-at", "-pk"))


def open_funds(site_ids: Collection[int], on: date) -> list[Fund]:
    """Funds to which one may apply on a day and that have something free; for the desk and for the public."""
    rows = Fund.objects.filter(
        Q(closes_on__isnull=True) | Q(closes_on__gte=on),
        site_id__in=site_ids,
        opens_on__lte=on,
        available__gt=0,
    )
    return list(rows.order_by("name"))


def requests_waiting(by: Actor) -> list[FundRequest]:
    """Requests to funds that the director has not decided, oldest first."""
    rows = FundRequest.objects.filter(
        patient__in=patients_for(by, Permission.COVERAGE_READ), decision__isnull=True
    )
    return list(rows.select_related("fund", "patient").order_by("recorded_at", "pk"))


def requests_of(by: Actor, patient: Patient) -> list[FundRequest]:
    rows = FundRequest.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return list(
        rows.select_related("fund", "decision__award", "decision__by").order_by("-recorded_at", "-pk")
    )


def request_for(by: Actor, patient: Patient, request_id: int) -> FundRequest:
    """Raises `FundRequest.DoesNotExist`, also for a stranger's."""
    rows = FundRequest.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return rows.select_related("fund__site", "patient__site", "decision").get(pk=request_id)


def award_for(by: Actor, patient: Patient, award_id: int) -> Award:
    """Raises `Award.DoesNotExist`, also for a stranger's."""
    rows = Award.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    entries = FundEntry.objects.select_related("by").order_by("at", "pk")
    return (
        rows.select_related("fund__site", "decision__by", "patient")
        .prefetch_related(Prefetch("entries", queryset=entries))
        .get(pk=award_id)
    )


def grants_of(patient: Patient) -> list[Grant]:
    """The patient's awards with something left, as the price of an episode reads them; oldest first."""
    rows = Award.objects.filter(patient=patient, left__gt=0).select_related("fund").order_by("at", "pk")
    return [Grant(name=row.fund.name, balance=Money.of(row.left)) for row in rows]


def referrals_of(by: Actor, patient: Patient) -> list[EapReferral]:
    rows = EapReferral.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return list(rows.order_by("-starts_on", "-pk"))


def employer_may_hear(referral: EapReferral, at: datetime) -> rules.EmployerMayHear:
    """What the consents on file let the employer be told now. Nothing is disclosed by asking."""
    decisions = {
        category: consent.permits(
            referral.patient,
            recipient_key=named_key(referral.employer),
            purpose=Purpose.EMPLOYMENT,
            category=category,
            at=at,
        )
        for category in rules.MAY_EVER_BE_ASKED
    }
    return rules.employer_may_hear(
        formal=referral.formal,
        permitted=[category for category, found in decisions.items() if found.permitted],
        reasons=tuple(dict.fromkeys(reason for found in decisions.values() for reason in found.reasons)),
    )


def agreements_of(by: Actor, patient: Patient) -> list[PaymentAgreement]:
    return list(_agreements(by).filter(patient=patient).order_by("-recorded_at", "-pk"))


def agreement_for(by: Actor, patient: Patient, agreement_id: int) -> PaymentAgreement:
    """Raises `PaymentAgreement.DoesNotExist`, also for a stranger's."""
    return _agreements(by).filter(patient=patient).get(pk=agreement_id)


def instalment_for(by: Actor, instalment_id: int) -> PlanInstalment:
    """Raises `PlanInstalment.DoesNotExist`, also for a stranger's."""
    rows = PlanInstalment.objects.filter(agreement__in=_agreements(by))
    return rows.select_related("agreement__patient__site").prefetch_related("reminders").get(pk=instalment_id)


def _agreements(by: Actor) -> QuerySet[PaymentAgreement]:
    rows = PaymentAgreement.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ))
    return rows.select_related("patient__site", "recorded_by").prefetch_related(
        Prefetch("instalments", queryset=PlanInstalment.objects.order_by("number")),
        "instalments__reminders",
        Prefetch("reviews", queryset=AgreementReview.objects.select_related("by").order_by("-at", "-pk")),
    )


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
    allowed = ContactRules(
        may_call=patient.may_call,
        may_voicemail=patient.may_voicemail,
        may_text=patient.may_text,
        may_email=patient.may_email,
        may_mail=patient.may_mail,
        safe_times=patient.safe_times,
        contact_warning=patient.contact_warning,
    )
    return may_contact(allowed, channel, at.astimezone(ZoneInfo(patient.site.zone)))


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


def lenders(site_ids: Iterable[int], on: date | None = None) -> list[FinancingPartner]:
    """The lenders named at these sites, with `on` those that are shown that day."""
    rows = FinancingPartner.objects.filter(site_id__in=list(site_ids))
    if on is not None:
        rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    return list(rows.select_related("site").order_by("name", "pk"))


def lender_for(by: Actor, lender_id: int) -> FinancingPartner:
    """Raises `FinancingPartner.DoesNotExist`, also for another site's."""
    return FinancingPartner.objects.get(pk=lender_id, site_id__in=by.sites_with(Permission.FUND_DECIDE))


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
