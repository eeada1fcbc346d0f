"""What the worker does with a question: takes it, keeps what it sends, and says how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.consent import actions as consents
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Category, Purpose, named_key
from stepwell.clinic.coverage.eligibility import policies, rules
from stepwell.clinic.coverage.eligibility.models import EligibilityRequest, QuestionState
from stepwell.clinic.refusal import Refused

HELD = timedelta(minutes=5)
"""How long a worker has a question for itself; one that died holds nobody up for longer."""


@dataclass(frozen=True)
class Claim:
    """A question that this worker sends now. `payload` is what an earlier attempt sent, to be sent again as it is."""

    request_id: int
    question: rules.Question
    payload: str


@transaction.atomic
def claim_question(*, by: Actor, at: datetime, request_id: int) -> Claim | None:
    """Takes a question that waits; None when another worker has it, it is not due, or it was sent."""
    policies.only_the_worker(by)
    row = (
        EligibilityRequest.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("payer", "site", "number", "patient")
        .filter(pk=request_id, state=QuestionState.QUEUED, next_try_at__lte=at)
        .first()
    )
    if row is None:
        return None
    objection = _consent_is_missing(row, at)
    if objection:
        _end(by, at, row, QuestionState.FAILED, f"Not sent. {objection}")
        return None
    row.attempts += 1
    row.next_try_at = at + HELD
    row.save(update_fields=["attempts", "next_try_at"])
    _tell(by, at, row, "claim_question", attempts=row.attempts)
    return Claim(row.pk, _question(row), row.payload)


@transaction.atomic
def keep_payload(*, by: Actor, at: datetime, request_id: int, payload: str) -> str:
    """Keeps what is about to be sent, before it is sent; once kept it never changes. Returns what is kept."""
    policies.only_the_worker(by)
    row = EligibilityRequest.objects.select_for_update().get(pk=request_id)
    if not row.payload:
        row.payload, row.payload_hash = payload, sha256(payload.encode()).hexdigest()
        row.save(update_fields=["payload", "payload_hash"])
        _tell(by, at, row, "keep_payload")
    return row.payload


@transaction.atomic
def question_sent(*, by: Actor, at: datetime, request_id: int) -> None:
    """It is with the clearinghouse. The disclosure to the plan is accounted for, once."""
    policies.only_the_worker(by)
    row = (
        EligibilityRequest.objects.select_for_update(of=("self",))
        .select_related("payer", "patient__site")
        .get(pk=request_id)
    )
    first_time = row.sent_at is None
    row.sent_at = row.sent_at or at
    if row.state == QuestionState.QUEUED:
        row.state, row.next_try_at, row.message = QuestionState.SENT, None, ""
    row.save(update_fields=["state", "sent_at", "next_try_at", "message"])
    if first_time and row.patient is not None:
        try:
            with transaction.atomic():
                consents.disclose(by=by, at=at, patient=row.patient, recipient=row.payer.name, **_disclosed(row),
                                  information=frozenset({Category.BILLING}),
                                  what="Name, birth date and member number, to ask what the plan covers.")  # fmt: skip
        except Refused:
            # Revoked between taking and sending: it is out, so it is said in the trail below.
            pass
    _tell(by, at, row, "question_sent")


@transaction.atomic
def question_failed(*, by: Actor, at: datetime, request_id: int, because: str, again: bool) -> None:
    """It could not be sent, or came back refused. With `again` it is tried later, as often as the data file says."""
    policies.only_the_worker(by)
    row = EligibilityRequest.objects.select_for_update().get(pk=request_id)
    if row.state not in (QuestionState.QUEUED, QuestionState.SENT):
        return
    wait = rules.try_again_after(row.attempts, rules.load_asking().tries_after) if again else None
    if wait is None:
        _end(by, at, row, QuestionState.FAILED, f"{because} Ask by phone, or ask again later.")
        return
    row.state, row.next_try_at, row.message = QuestionState.QUEUED, at + wait, because
    row.save(update_fields=["state", "next_try_at", "message"])
    _tell(by, at, row, "question_failed", attempts=row.attempts)


@transaction.atomic
def give_up_unanswered(*, by: Actor, at: datetime) -> int:
    """Questions sent so many days ago that no answer will come have failed. Returns how many."""
    policies.only_the_worker(by)
    days = rules.load_asking().no_answer_after
    rows = EligibilityRequest.objects.select_for_update(skip_locked=True).filter(
        Q(sent_at__lt=at - timedelta(days=days)), state=QuestionState.SENT
    )
    given_up = 0
    for row in rows.order_by("pk"):
        _end(by, at, row, QuestionState.FAILED, f"No answer came within {days} days. Ask again, or by phone.")
        given_up += 1
    return given_up


def _end(by: Actor, at: datetime, row: EligibilityRequest, state: QuestionState, message: str) -> None:
    row.state, row.ended_at, row.next_try_at, row.message = state, at, None, message
    row.save(update_fields=["state", "ended_at", "next_try_at", "message"])
    _tell(by, at, row, f"question_{state.value}")


def _tell(by: Actor, at: datetime, row: EligibilityRequest, verb: str, **detail: Any) -> None:
    announce(f"eligibility:{row.pk}")
    trail.record(
        by=by,
        at=at,
        action=f"coverage.{verb}",
        subject=f"EligibilityRequest {row.pk}",
        patient_id=row.patient_id,
        detail=detail,
    )


def _disclosed(row: EligibilityRequest) -> dict[str, Any]:
    return {
        "recipient_key": named_key(row.payer.name),
        "recipient_class": "health_plans",
        "purpose": Purpose.PAYMENT,
    }


def _consent_is_missing(row: EligibilityRequest, at: datetime) -> str:
    """It may have been revoked since the click."""
    if row.patient is None:
        return ""
    found = consent.permits(row.patient, category=Category.BILLING, at=at, **_disclosed(row))
    return "" if found.permitted else " ".join(found.reasons)


def _question(row: EligibilityRequest) -> rules.Question:
    person = rules.Insured(
        given_name=row.given_name,
        family_name=row.family_name,
        birth_date=row.birth_date,
        sex=row.sex,
        member_id=row.member_id if row.relation == "self" else "",
    )
    own = row.relation == "self"
    holder = person if own else rules.Insured(
        given_name=row.subscriber_given,
        family_name=row.subscriber_family,
        birth_date=row.subscriber_birth_date,
        member_id=row.member_id,
    )  # fmt: skip
    return rules.Question(
        control_number=row.number.pk,
        trace=row.trace,
        asked_at=row.asked_at,
        payer_name=row.payer.name,
        payer_code=row.payer.payer_code,
        provider_name=row.site.name,
        provider_npi=row.site.npi,
        subscriber=holder,
        patient=None if own else person,
        group_number=row.group_number,
        service_types=tuple(row.service_types),
        on=row.on,
    )
