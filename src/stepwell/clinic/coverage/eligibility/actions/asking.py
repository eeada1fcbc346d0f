"""Putting a question: once for one click, with a number of its own, and a job that sends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Category, Purpose, named_key
from stepwell.clinic.coverage.eligibility import policies, queries, rules
from stepwell.clinic.coverage.eligibility.models import (
    ControlNumber,
    EligibilityRequest,
    QuestionState,
    VerificationRule,
)
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.people.rules import birth_date_fault
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day

JOB = "stepwell.edi.timers.send_question"


@transaction.atomic
def ask_for_policy(
    *,
    by: Actor,
    at: datetime,
    policy: Policy,
    once_key: str,
    in_network: bool | None = None,
    subscriber: Mapping[str, Any] | None = None,
) -> EligibilityRequest:
    """Ask the policy's payer. The same `once_key` again finds the first question.

    `subscriber`: `given`, `family` and, if known, `birth_date` of whoever holds the plan, when the patient does not.
    Raises `Refused` when the payer cannot be asked, when no consent covers it (42 CFR Part 2), or when a
    question is under way.
    """
    patient = policy.patient
    policies.may_ask(by, patient.site_id)
    found = EligibilityRequest.objects.filter(once_key=once_key, policy=policy).first()
    if found is not None:
        return found
    today = site_day(patient.site, at)
    if policy.ends_on is not None and policy.ends_on < today:
        raise Refused("This coverage has ended. Record the new policy first; nothing was asked.")
    permitted = consent.permits(
        patient,
        recipient_key=named_key(policy.payer.name),
        recipient_class="health_plans",
        purpose=Purpose.PAYMENT,
        category=Category.BILLING,
        at=at,
    )
    if not permitted.permitted:
        raise Refused(
            f"Nothing was asked: the plan would learn of the treatment. {' '.join(permitted.reasons)}"
        )
    holder = dict(subscriber or {})
    if policy.relation != "self" and not (holder.get("given") and holder.get("family")):
        raise Refused("Write the first and last name of the person whose plan it is; nothing was asked.")
    if holder.get("birth_date"):
        _sensible(holder["birth_date"], today)
    return _ask(
        by=by,
        at=at,
        site=patient.site,
        payer=policy.payer,
        once_key=once_key,
        service_types=rules.load_asking().service_types,
        on=today,
        patient=patient,
        policy=policy,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        sex=patient.sex_for_screening,
        member_id=policy.member_id,
        group_number=policy.group_number,
        relation=policy.relation,
        subscriber_given=holder.get("given") or "",
        subscriber_family=holder.get("family") or "",
        subscriber_birth_date=holder.get("birth_date"),
        in_network=in_network,
    )


@transaction.atomic
def ask_for_inquiry(
    *,
    by: Actor,
    at: datetime,
    inquiry: Inquiry,
    payer: Payer,
    given_name: str,
    family_name: str,
    birth_date: date,
    member_id: str,
    agreed: bool,
    once_key: str,
    in_network: bool | None = None,
) -> EligibilityRequest:
    """Ask for somebody who has no record yet, with the general service type alone.

    There is no signed consent at this point: `agreed` says that the person was told that the plan will see
    who asks, and wants it. Raises `Refused` without it.
    """
    policies.may_ask_for_an_inquiry(by, inquiry.site_id)
    found = EligibilityRequest.objects.filter(once_key=once_key, inquiry=inquiry).first()
    if found is not None:
        return found
    today = site_day(inquiry.site, at)
    if not agreed:
        raise Refused(
            "Ask first: the plan will see that this program asks. Tick the box once they agree; nothing was asked."
        )
    _sensible(birth_date, today)
    return _ask(
        by=by,
        at=at,
        site=inquiry.site,
        payer=payer,
        once_key=once_key,
        service_types=rules.load_asking().for_an_inquiry,
        on=today,
        inquiry=inquiry,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        birth_date=birth_date,
        member_id=member_id.strip(),
        in_network=in_network,
    )


def _sensible(birth_date: date, today: date) -> None:
    if fault := birth_date_fault(birth_date, today):
        raise Refused(f"The date of birth {fault}. Correct it; nothing was asked.")


def _ask(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    payer: Payer,
    once_key: str,
    service_types: tuple[str, ...],
    **facts: Any,
) -> EligibilityRequest:
    objection = queries.objection_to_asking(site, payer)
    if objection:
        raise Refused(f"{objection} Nothing was asked.")
    told = ("given_name", "family_name", "member_id", "subscriber_given", "subscriber_family")
    written = (facts[name] for name in told if facts.get(name))
    unreadable = next((text for text in written if not rules.can_be_written(text)), None)
    if unreadable is not None:
        raise Refused(
            f"Payers read the letters A to Z only, and “{unreadable}” has none of them. "
            "Write it as on the card, or ask by phone; nothing was asked."
        )
    number = ControlNumber.objects.create(drawn_at=at)
    try:
        with transaction.atomic():
            row = EligibilityRequest.objects.create(
                site=site,
                payer=payer,
                once_key=once_key,
                service_types=list(service_types),
                asked_at=at,
                asked_by_id=by.staff_id,
                number=number,
                trace=f"SW{number.pk:09d}",
                next_try_at=at,
                **facts,
            )
    except IntegrityError as twice:
        # The same click arrived twice at once, or another one is under way.
        same = EligibilityRequest.objects.filter(once_key=once_key).first()
        if same is not None and same.site_id == site.pk:
            return same
        raise Refused(
            "This payer is being asked already. Wait for the answer; nothing was asked twice."
        ) from twice
    _call_a_worker(row)
    announce(f"eligibility:{row.pk}")
    trail.record(
        by=by,
        at=at,
        action="coverage.ask",
        subject=f"EligibilityRequest {row.pk}",
        patient_id=row.patient_id,
        detail={"payer": payer.pk, "policy": row.policy_id, "inquiry": row.inquiry_id},
    )
    return row


@transaction.atomic
def set_verification_rule(
    *, by: Actor, at: datetime, site: Site, starts_on: date, every_days: int | None, at_month_start: bool
) -> VerificationRule:
    """When benefits of admitted patients are verified again at this site, from a day on."""
    policies.may_set_rule(by, site)
    if every_days is None and not at_month_start:
        raise Refused("Choose a number of days, the start of each month, or both; nothing was saved.")
    row, made = VerificationRule.objects.get_or_create(
        site=site,
        starts_on=starts_on,
        defaults={
            "every_days": every_days,
            "at_month_start": at_month_start,
            "set_at": at,
            "set_by_id": by.staff_id,
        },
    )
    if not made:
        raise Refused("There is a rule from that day already. Choose a later day.")
    trail.record(by=by, at=at, action="coverage.verification_rule", subject=f"VerificationRule {row.pk}")
    return row


@transaction.atomic
def set_payer_number(*, by: Actor, at: datetime, payer: Payer, payer_code: str) -> Payer:
    """The payer's number at the clearinghouse; empty: it is asked by phone."""
    need(by, Permission.COVERAGE_RECORD)
    row = Payer.objects.select_for_update().get(pk=payer.pk)
    row.payer_code = payer_code.strip()
    row.save(update_fields=["payer_code"])
    trail.record(by=by, at=at, action="coverage.payer_number", subject=f"Payer {row.pk}")
    return row


def _call_a_worker(row: EligibilityRequest) -> None:
    # At call time: the machinery is ready only after the models are.
    from procrastinate.contrib.django import app

    if row.state == QuestionState.QUEUED:
        app.configure_task(JOB).defer(request_id=row.pk)
