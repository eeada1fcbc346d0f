"""What came back: kept as it is, given to its question, read into benefits; the rest waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from json import dumps

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.eligibility import policies, queries, rules
from stepwell.clinic.coverage.eligibility.models import (
    AnswerState,
    EligibilityAnswer,
    EligibilityFile,
    EligibilityRequest,
    QuestionState,
)
from stepwell.clinic.coverage.models import Benefits, Policy
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Received:
    """What became of a file: how many answers found their question, how many wait; nothing when it was here already."""

    new: bool
    matched: int = 0
    waiting: int = 0
    repeated: int = 0


@transaction.atomic
def receive_file(
    *,
    by: Actor,
    at: datetime,
    content: bytes,
    via: str,
    name: str = "",
    held: str,
    answers: Sequence[rules.Answer] = (),
    receipts: Sequence[rules.Receipt] = (),
    problem: str = "",
    request_id: int | None = None,
) -> Received:
    """Keep a file as it came and give each answer in it to its question. The same file or answer again changes nothing.

    `problem`: why it could not be read; it then waits for a person, whole: at the site of the question `request_id`
    with which it came, where that is known.
    """
    policies.only_the_worker(by)
    key = sha256(content).hexdigest()
    file, made = EligibilityFile.objects.get_or_create(
        content_key=key,
        defaults={"content": content, "name": name[:200], "via": via, "received_at": at, "held": held[:200]},
    )
    if not made:
        return Received(new=False)
    matched = waiting = repeated = 0
    for position, answer in enumerate(answers, start=1):
        row = _take(by, at, file, position, answer)
        if row is None:
            repeated += 1
        elif row.state == AnswerState.MATCHED:
            matched += 1
        else:
            waiting += 1
    for receipt in receipts:
        _receipt(by, at, receipt)
    if problem or not (answers or receipts):
        came_with = EligibilityRequest.objects.select_related("site").filter(pk=request_id or 0).first()
        EligibilityAnswer.objects.create(
            file=file, position=0, content_key=key, state=AnswerState.WAITING, received_at=at,
            because=(problem or f"The file holds {held}, which is not looked for here.")[:300],
            site=came_with.site if came_with is not None else _only_site(),
        )  # fmt: skip
        waiting += 1
    trail.record(
        by=by,
        at=at,
        action="coverage.receive_file",
        subject=f"EligibilityFile {file.pk}",
        detail={"via": via, "matched": matched, "waiting": waiting, "repeated": repeated},
    )
    return Received(new=True, matched=matched, waiting=waiting, repeated=repeated)


@transaction.atomic
def match_answer(
    *, by: Actor, at: datetime, answer: EligibilityAnswer, request: EligibilityRequest
) -> EligibilityAnswer:
    """A person says to which question a waiting answer belongs."""
    policies.may_decide(by, answer)
    policies.may_ask(by, request.site_id)
    row = EligibilityAnswer.objects.select_for_update().get(pk=answer.pk)
    if row.state != AnswerState.WAITING or row.reading is None:
        raise Refused("This answer waits no more, or could not be read. Nothing was changed.")
    row.decided_at, row.decided_by_id = at, by.staff_id
    _give(by, at, row, EligibilityRequest.objects.select_for_update().get(pk=request.pk), _read_back(row))
    return row


@transaction.atomic
def set_aside(*, by: Actor, at: datetime, answer: EligibilityAnswer, because: str) -> None:
    """An answer that belongs to nobody here, or a file that cannot be read: kept, and out of the queue."""
    policies.may_decide(by, answer)
    row = EligibilityAnswer.objects.select_for_update().get(pk=answer.pk)
    if row.state != AnswerState.WAITING:
        raise Refused("This answer waits no more. Nothing was changed.")
    if not because.strip():
        raise Refused("Say why it is set aside; nothing was changed.")
    row.state, row.because = AnswerState.SET_ASIDE, because.strip()[:300]
    row.decided_at, row.decided_by_id = at, by.staff_id
    row.save(update_fields=["state", "because", "decided_at", "decided_by"])
    trail.record(by=by, at=at, action="coverage.set_answer_aside", subject=f"EligibilityAnswer {row.pk}")


@transaction.atomic
def adopt_answer(*, by: Actor, at: datetime, answer: EligibilityAnswer, policy: Policy) -> Benefits:
    """An answer that came while the patient was an inquiry becomes benefits of the policy recorded since."""
    policies.may_ask(by, policy.patient.site_id)
    row = (
        EligibilityAnswer.objects.select_for_update(of=("self",))
        .select_related("request__inquiry")
        .get(pk=answer.pk)
    )
    asked = row.request
    if asked is None or asked.inquiry is None or asked.inquiry.patient_id != policy.patient_id:
        raise Refused("This answer belongs to somebody else. Nothing was changed.")
    if row.benefits_id is not None:
        raise Refused("These benefits are on file already. Nothing was changed.")
    if asked.payer_id != policy.payer_id or asked.member_id != policy.member_id:
        raise Refused(
            "The answer is about another plan or member number than this policy. Nothing was changed."
        )
    benefits = _benefits(by, row.received_at, policy, asked, _read_back(row))
    row.benefits = benefits
    row.save(update_fields=["benefits"])
    trail.record(
        by=by,
        at=at,
        action="coverage.adopt_answer",
        subject=f"EligibilityAnswer {row.pk}",
        patient_id=policy.patient_id,
    )
    return benefits


def _take(
    by: Actor, at: datetime, file: EligibilityFile, position: int, answer: rules.Answer
) -> EligibilityAnswer | None:
    """One answer of a file; None when the same was here before, in whatever envelope."""
    key = sha256(dumps(rules.plain(replace(answer, control_number="")), sort_keys=True).encode()).hexdigest()
    if EligibilityAnswer.objects.filter(content_key=key).exists():
        return None
    carried = {*answer.traces, answer.reference}
    asked = list(EligibilityRequest.objects.select_for_update().filter(trace__in=carried).order_by("pk"))
    found = rules.match(
        answer,
        [
            rules.Asked(
                key=q.pk,
                trace=q.trace,
                birth_date=q.birth_date,
                given_name=q.given_name,
                family_name=q.family_name,
            )
            for q in asked
        ],
    )
    request = next((q for q in asked if q.pk == found.key), None)
    row = EligibilityAnswer(
        file=file,
        position=position,
        content_key=key,
        state=AnswerState.WAITING,
        because=found.because,
        received_at=at,
        site_id=request.site_id if request else _site_of(answer, asked),
        reading={"answer": rules.plain(answer), "summary": None},
    )
    if request is None:
        row.save()
        return row
    _give(by, at, row, request, answer)
    return row


def _give(
    by: Actor, at: datetime, row: EligibilityAnswer, request: EligibilityRequest, answer: rules.Answer
) -> None:
    """The answer belongs to this question: read it, and make benefits of it when it has any."""
    summary = rules.summarize(answer, network=request.in_network, on=request.on, reading=rules.load_reading())
    row.reading = {
        "answer": rules.plain(answer),
        "summary": rules.plain(summary),
        "said": [rules.plain(rules.rejection_words(r)) for r in answer.rejections],
    }
    row.state, row.request, row.because, row.site_id = AnswerState.MATCHED, request, "", request.site_id
    if answer.benefits and request.policy is not None:
        row.benefits = _benefits(by, row.received_at, request.policy, request, answer)
    row.save()
    state, message = QuestionState.ANSWERED, ""
    if not answer.benefits:
        state = QuestionState.REJECTED
        said = [rules.rejection_words(r) for r in answer.rejections]
        message = (
            " ".join(f"{s.what} {s.do}" for s in said)
            or "The payer answered without naming any benefits. Call the payer."
        )
    if request.state != QuestionState.ANSWERED or state == QuestionState.ANSWERED:
        request.state, request.message, request.ended_at, request.next_try_at = state, message, at, None
        request.sent_at = request.sent_at or (at if request.payload_hash else None)
        request.save(update_fields=["state", "message", "ended_at", "next_try_at", "sent_at"])
    announce(f"eligibility:{request.pk}")
    trail.record(
        by=by,
        at=at,
        action="coverage.answer",
        subject=f"EligibilityRequest {request.pk}",
        patient_id=request.patient_id,
        detail={"answer": row.pk, "state": state.value, "benefits": row.benefits_id},
    )


def _benefits(
    by: Actor, at: datetime, policy: Policy, request: EligibilityRequest, answer: rules.Answer
) -> Benefits:
    """A new row, as somebody who had called would have written it; what is unknown stays empty."""
    summary = rules.summarize(answer, network=request.in_network, on=request.on, reading=rules.load_reading())
    carved = summary.get("carve_out")
    note = f"Another payer answers for this service: {carved}." if carved else ""
    row = coverage.record_benefits(
        by=by,
        at=at,
        policy=policy,
        facts={
            **queries.facts_told(answer, request),
            "channel": "edi",
            "reference": request.trace,
            "note": note,
        },
    )
    if row.verified_by_id != request.asked_by_id:
        row.verified_by_id = request.asked_by_id
        row.save(update_fields=["verified_by"])
    return row


def _receipt(by: Actor, at: datetime, receipt: rules.Receipt) -> None:
    """A clearinghouse that did not take a question says so by the number of its envelope."""
    number = receipt.control_number.strip()
    if receipt.taken or not (number.isascii() and number.isdigit() and len(number) <= 9):
        return
    row = EligibilityRequest.objects.select_for_update().filter(
        number_id=int(number), state__in=[QuestionState.QUEUED, QuestionState.SENT]
    ).first()  # fmt: skip
    if row is None or set(receipt.codes) == {"025"}:
        return  # that the same envelope came before is no news about the first one
    row.state, row.ended_at, row.next_try_at = QuestionState.FAILED, at, None
    row.message = f"{rules.receipt_words(receipt)} Ask by phone meanwhile."
    row.save(update_fields=["state", "ended_at", "next_try_at", "message"])
    announce(f"eligibility:{row.pk}")
    trail.record(
        by=by,
        at=at,
        action="coverage.receipt",
        subject=f"EligibilityRequest {row.pk}",
        patient_id=row.patient_id,
    )


def _site_of(answer: rules.Answer, asked: Sequence[EligibilityRequest]) -> int | None:
    """The site to whose people a waiting answer is shown: of the questions it may belong to, else by the NPI in it."""
    sites = {row.site_id for row in asked}
    if len(sites) == 1:
        return sites.pop()
    npi = answer.provider.id if answer.provider is not None and answer.provider.id_kind == "XX" else ""
    named = list(Site.objects.filter(npi=npi).values_list("pk", flat=True)[:2]) if npi else []
    if len(named) == 1:
        return int(named[0])
    only = _only_site()
    return only.pk if only is not None else None


def _only_site() -> Site | None:
    sites = list(Site.objects.order_by("pk")[:2])
    return sites[0] if len(sites) == 1 else None


def _read_back(row: EligibilityAnswer) -> rules.Answer:
    """The answer as it was read; from what is kept, not from the file."""
    assert row.reading is not None  # noqa: S101 -- only what could be read gets here
    return rules.answer_from(row.reading["answer"])
