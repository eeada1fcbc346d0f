"""Payers asked electronically: answered, refused, and one answer that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from stepwell.accounts.actor import stepwell_itself
from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.coverage.eligibility import actions, queries
from stepwell.edi.demo_payer import answer_to, usual_benefits
from stepwell.edi.x12 import Envelope, Line, read_file, write_270

_NOT_FOUND: tuple[Line, ...] = (("AAA", "N", "", "75", "C"),)


def foresee(clinic: Clinic) -> None:
    """Notes in the diary who was asked for and when; nothing where no clearinghouse is set up."""
    payer, now = read("clinic")["asked_electronically"], clinic.diary.now
    insured = [
        life
        for life in clinic.lives
        if life.facts["payer"] == payer and life.stage == "treatment" and life.facts["admitted_weeks_ago"] > 1
    ]
    when: tuple[tuple[timedelta, Sequence[Line] | None], ...] = (
        (timedelta(days=4, hours=3), None),
        (timedelta(days=12, hours=1), None),
        (timedelta(days=1, hours=2), _NOT_FOUND),
    )
    for life, (ago, lines) in zip(insured, when, strict=False):
        clinic.diary.note(now - ago, lambda at, life=life, lines=lines: _ask(clinic, life, at, lines))
    if insured:
        clinic.diary.note(now - timedelta(hours=5), lambda at: _answer_to_nobody(clinic, insured[0], at))


def _ask(clinic: Clinic, life: Life, at: datetime, lines: Sequence[Line] | None) -> None:
    if life.policy is None or queries.objection_to_asking(clinic.site, life.policy.payer):
        return
    itself = stepwell_itself()
    row = actions.ask_for_policy(
        by=clinic.actors["desk"],
        at=at,
        policy=life.policy,
        once_key=f"demo-question-{life.number:04}",
        in_network=True,
    )
    claim = actions.claim_question(by=itself, at=at, request_id=row.pk)
    if claim is None:
        return
    payload = write_270(claim.question, Envelope(test=True))
    actions.keep_payload(by=itself, at=at, request_id=row.pk, payload=payload)
    actions.question_sent(by=itself, at=at, request_id=row.pk)
    _receive(answer_to(payload, at=at, lines=lines), at + timedelta(seconds=20), f"{row.trace}.271")


def _answer_to_nobody(clinic: Clinic, life: Life, at: datetime) -> None:
    """A second answer about the same person, under a trace number that is not ours."""
    asked = queries.requests_of(clinic.actors["desk"], life.patient)
    if asked:
        text = answer_to(asked[0].payload, at=at, lines=usual_benefits(str(at.year))[:4])
        _receive(text.replace(asked[0].trace, "OLD-SYSTEM-17"), at, "old-system-17.271")


def _receive(text: str, at: datetime, name: str) -> None:
    actions.receive_file(
        by=stepwell_itself(), at=at, content=text.encode(), via="demo", name=name,
        held="answers about eligibility", answers=read_file(text.encode()).answers,
    )  # fmt: skip
