"""Carrying questions about eligibility to the clearinghouse and answers back: fetch, call one action, log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from stepwell.accounts.actor import stepwell_itself
from stepwell.clinic.coverage.eligibility import actions
from stepwell.edi.transports import Came, Later, Refused, Transport, transport_for
from stepwell.edi.x12 import Envelope, NotX12, read_file, write_270

log = structlog.get_logger("stepwell.edi")


def transport() -> Transport:
    """The one that the settings name. Raises `Refused`."""
    environment: Any = settings.ENVIRONMENT
    found = environment.clearinghouse
    answers_itself = found is not None and found.kind == "demo"
    return transport_for(found, demo_home=found.path if answers_itself else None)


def envelope() -> Envelope:
    """Sender and receiver as the settings name them."""
    found: Any = settings.ENVIRONMENT.clearinghouse
    return Envelope(
        sender_kind=found.sender_kind,
        sender=found.sender,
        receiver_kind=found.receiver_kind,
        receiver=found.receiver,
        test=found.test,
    )


def send(request_id: int, *, by_way_of: Transport | None = None) -> bool:
    """Sends one question if it waits, and takes in what comes back at once. True when it went out.

    Whoever dies in between leaves it waiting; the same text then goes out again under the same number.
    """
    by = stepwell_itself()
    claim = actions.claim_question(by=by, at=_now(), request_id=request_id)
    if claim is None:
        return False
    reference = f"SW{claim.question.control_number:09d}"
    try:
        way = by_way_of or transport()
        payload = claim.payload or actions.keep_payload(
            by=by, at=_now(), request_id=request_id, payload=write_270(claim.question, envelope())
        )
        came = way.send(payload, reference=reference)
    except Later as fault:
        log.warning("eligibility_not_sent", request=request_id, because=str(fault))
        actions.question_failed(by=by, at=_now(), request_id=request_id, because=str(fault), again=True)
        return False
    except Refused as fault:
        log.warning("eligibility_refused", request=request_id, because=str(fault))
        actions.question_failed(by=by, at=_now(), request_id=request_id, because=str(fault), again=False)
        return False
    actions.question_sent(by=by, at=_now(), request_id=request_id)
    log.info("eligibility_sent", request=request_id, via=way.name)
    for one in came:
        _take(one, way.name, request_id=request_id)
    if not way.at_once:
        collect(by_way_of=way)
    return True


def collect(*, by_way_of: Transport | None = None) -> int:
    """Takes in what lies at the clearinghouse. Returns how many files were new."""
    new = 0
    try:
        way = by_way_of or transport()
        with way.collect() as files:
            for one in files:
                try:
                    new += _take(one, way.name)
                except DatabaseError as fault:
                    # It stays where it lies and is tried again; it holds up none of the others.
                    log.error("eligibility_file_not_taken", because=type(fault).__name__)
    except (Later, Refused) as fault:
        log.warning("eligibility_not_collected", because=str(fault))
    return new


def _take(came: Came, via: str, *, request_id: int | None = None) -> bool:
    """Keeps one file and settles it; whatever is wrong with it, it is kept. True when it was new."""
    by = stepwell_itself()
    name = came.name.encode("utf-8", "replace").decode()
    try:
        found = read_file(came.content)
    except NotX12 as fault:
        taken = actions.receive_file(
            by=by,
            at=_now(),
            content=came.content,
            via=via,
            name=name,
            held="nothing readable",
            problem=fault.sentence,
            request_id=request_id,
        )
        log.warning("eligibility_file_unreadable", because=fault.sentence)
        if request_id is not None:
            # The answer to this very question came damaged: it may be asked for again.
            actions.question_failed(by=by, at=_now(), request_id=request_id, because=f"The answer came damaged. {fault}", again=True)  # fmt: skip
    else:
        besides = " and ".join(dict.fromkeys(found.others)) if found.answers or found.receipts else ""
        taken = actions.receive_file(
            by=by,
            at=_now(),
            content=came.content,
            via=via,
            name=name,
            held="answers about eligibility" if found.answers else found.held,
            answers=found.answers,
            receipts=found.receipts,
            problem=f"Beside an answer the file holds {besides}, which is not looked for here."
            if besides
            else "",
            request_id=request_id,
        )
        log.info("eligibility_file_taken", new=taken.new, matched=taken.matched, waiting=taken.waiting)
    came.settle()
    return taken.new


def _now() -> datetime:
    return datetime.now(UTC)
