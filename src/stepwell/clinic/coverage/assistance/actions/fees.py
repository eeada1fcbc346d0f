"""The sliding fee by application: household and income as told, what was seen of it, a person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.assistance import policies, queries, rules
from stepwell.clinic.coverage.assistance.models import (
    FeeApplication,
    FeeDecision,
    IncomeTold,
    ProofSeen,
)
from stepwell.clinic.coverage.models import FeeDetermination
from stepwell.clinic.coverage.rules import load_schedule
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused

_MOST = Decimal("99999999.99")


@transaction.atomic
def apply_for_fee(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    household: int,
    incomes: Sequence[Mapping[str, Any]],
    region: str = "contiguous",
) -> FeeApplication:
    """Write down household and income by source. `incomes`: source, amount and period each; none is no income.

    Raises `Refused` for a source or period that is not on the list, and for more than 99 million a year.
    """
    policies.may_record(by, patient.site_id)
    known = rules.load_assistance()
    if any(one["source"] not in known.incomes or one["period"] not in known.periods for one in incomes):
        raise Refused("Choose where the income comes from and how often. Nothing was saved.")
    if sum((one["amount"] * known.periods[one["period"]] for one in incomes), Decimal(0)) > _MOST:
        raise Refused(
            "This comes to more than 99 million dollars a year. Check the amounts; nothing was saved."
        )
    row = FeeApplication.objects.create(
        patient=patient,
        household=household,
        region=region,
        applied_on=_day(at, patient),
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    IncomeTold.objects.bulk_create(
        IncomeTold(application=row, source=one["source"], amount=one["amount"], period=one["period"])
        for one in incomes
    )
    _entry(by, at, "coverage.fee_application", patient, f"FeeApplication {row.pk}")
    return row


@transaction.atomic
def see_proof(
    *, by: Actor, at: datetime, application: FeeApplication, kind: str, what: str, seen_on: date
) -> ProofSeen:
    """Write down what was looked at, and when; no copy is kept. Raises `Refused` for a day in the future."""
    policies.may_record(by, application.patient.site_id)
    if kind not in {one.key for one in rules.load_assistance().proofs}:
        raise Refused("Choose what was seen from the list. Nothing was saved.")
    if not what.strip():
        raise Refused("Say what was seen, such as two pay stubs of February.")
    if seen_on > _day(at, application.patient):
        raise Refused("The day on which it was seen is in the future. Check the date; nothing was saved.")
    row = ProofSeen.objects.create(
        application=application, kind=kind, what=what.strip(), seen_on=seen_on, at=at, by_id=by.staff_id
    )
    _entry(by, at, "coverage.fee_proof", application.patient, f"FeeApplication {application.pk}")
    return row


@transaction.atomic
def decide_fee(
    *, by: Actor, at: datetime, application: FeeApplication, pay_class: str, because: str = ""
) -> FeeDecision:
    """A person decides; the rule proposes. Makes the `FeeDetermination` that prices and charges ask for.

    `pay_class` is a class of the schedule, or empty for no discount. A decision that differs from the proposal
    needs a reason. On the person's own word it holds for the grace, and is decided once more with documents.
    """
    patient = application.patient
    policies.may_record(by, patient.site_id)
    today = _day(at, patient)
    try:
        proposal = queries.proposal_for(application, today)
        chosen = rules.chosen(pay_class, load_schedule())
    except LookupError as unknown:
        raise Refused(f"The sliding fee could not be decided: {unknown}") from unknown
    if proposal is None:
        raise Refused(
            "Nothing was seen yet. Write down what was seen, or that the person signed a statement."
        )
    proposed = proposal.determination.class_key or ""
    if chosen.key != proposed and not because.strip():
        raise Refused("This differs from what the rule proposes. Say why; nothing was saved.")
    if FeeDecision.objects.filter(application=application, provisional=False).exists():
        raise Refused("This application was decided already. Take a new one if something changed.")
    try:
        with transaction.atomic():
            determination = FeeDetermination.objects.create(
                patient=patient,
                household=application.household,
                annual_income=proposal.determination.annual_income.amount,
                region=application.region,
                edition=proposal.determination.guideline_edition,
                percent_of_guideline=proposal.determination.percent_of_poverty,
                discount=chosen.discount,
                nominal=None if chosen.nominal is None else chosen.nominal.amount,
                valid_from=today,
                valid_until=proposal.valid_until,
                decided_at=at,
                decided_by_id=by.staff_id,
            )
            row = FeeDecision.objects.create(
                application=application,
                determination=determination,
                proposed_class=proposed,
                decided_class=chosen.key,
                provisional=proposal.provisional,
                words=list(proposal.reasons),
                because=because.strip(),
                at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as twice:  # fee_decided_once_each_way
        raise Refused(
            "This was decided on the person's own word already. Write down the documents that were seen first."
        ) from twice
    _entry(by, at, "coverage.fee", patient, f"FeeDetermination {determination.pk}")
    return row


def _day(at: datetime, patient: Patient) -> date:
    return at.astimezone(ZoneInfo(patient.site.zone)).date()


def _entry(by: Actor, at: datetime, action: str, patient: Patient, subject: str) -> None:
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient.pk)
