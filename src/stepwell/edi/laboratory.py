"""Taking in what laboratories send: cut it, call one action, answer. Whatever comes is kept, and nothing of it raises."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import DatabaseError, close_old_connections

from stepwell.accounts.actor import stepwell_itself
from stepwell.clinic.drug_tests import actions
from stepwell.clinic.drug_tests.rules import classes_of
from stepwell.clinic.medication.queries import explains
from stepwell.edi.hl7 import LARGEST, acknowledge, cut

log = structlog.get_logger("stepwell.edi")

TRIES = 3
"""How often a delivery is tried when the database gives up one of two that wait for each other."""


@dataclass(frozen=True)
class Taken:
    """The answers to send back, one for each message, and what happened to the delivery."""

    answers: tuple[bytes, ...]
    new: int = 0
    again: int = 0
    filed: int = 0
    waiting: int = 0
    kept: bool = True


def take_in(content: bytes, *, via: str, name: str = "", problem: str = "") -> Taken:
    """One delivery: kept, given to its patients, answered. `problem`: why the whole of it is no message."""
    at = _now()
    if len(content) > LARGEST:
        return Taken((_too_long(at),), kept=False)
    pieces = cut(content, problem=problem)
    try:
        received = _received(content, via=via, name=name, pieces=pieces, at=at)
    except DatabaseError as fault:
        log.error("laboratory_not_kept", because=type(fault).__name__)
        answers = [
            acknowledge(
                content[one.starts : one.ends], one.message, at=at, number=_number(one.key), code="AE",
                because="It cannot be kept just now; send it again.",
            )
            for one in pieces
        ]  # fmt: skip
        return Taken(tuple(answers), kept=False)
    answers = [
        acknowledge(
            content[one.starts : one.ends], one.message, at=at, number=_number(one.key),
            code="AA" if not one.message.problem else "AR" if one.message.foreign or not one.message.control_id else "AE",
            because=one.message.problem,
        )
        for one in pieces
    ]  # fmt: skip
    new = sum(received.new)
    log.info("laboratory_taken_in", via=via, new=new, again=len(pieces) - new, waiting=received.waiting)
    return Taken(tuple(answers), new, len(pieces) - new, received.filed, received.waiting)


def _received(content: bytes, *, via: str, name: str, pieces: Any, at: datetime) -> actions.Received:
    for left in reversed(range(TRIES)):
        try:
            return actions.receive_results(
                by=stepwell_itself(),
                at=at,
                content=content,
                via=via,
                name=name,
                pieces=pieces,
                explained=_explained,
            )
        except DatabaseError:
            if not left:
                raise
            close_old_connections()
    raise AssertionError  # the last try returns or raises


def _explained(patient: Any, on: Any) -> tuple[frozenset[str], tuple[str, ...]]:
    """Classes that are prescribed on the day, here or elsewhere, and names of all that is taken."""
    classes, prescribed, taken = explains(patient, on)
    return classes | classes_of(prescribed), taken


def _too_long(at: datetime) -> bytes:
    from stepwell.clinic.drug_tests.rules.laboratory import Message

    return acknowledge(
        b"", Message(), at=at, number=_number(at.isoformat()), code="AR",
        because=f"Longer than {LARGEST // 1024 // 1024} MB; it was not kept.",
    )  # fmt: skip


def _number(key: str) -> str:
    """Our own control id: of the content, so that the same message is answered with the same one."""
    return "SW" + hashlib.sha256(key.encode()).hexdigest()[:16].upper()


def _now() -> datetime:
    return datetime.now(UTC)
