"""Writing the intake interview: a draft that saves itself, a signature, and versions after it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import IntakeInterview, SubstanceUse
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def save_interview(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    sections: Mapping[str, object],
    substances: Sequence[rules.Use] | None = None,
    gates: Mapping[str, bool | None] | None = None,
    offered: Mapping[str, rules.Offered] | None = None,
    revision: int | None = None,
    page: str = "",
) -> IntakeInterview:
    """Keep the draft as it stands, whole or not; the first save begins it. Saving what is there writes nothing.

    `sections`: field key of `rules.intake_fields` -> answer; fields not named stay as they are. `substances`: all rows,
    None to leave them. `gates`: key of `rules.safety_questions` -> yes, no or None. `offered`: field -> (answer,
    source) that the page had filled in; an answer left as offered keeps its source. `page` names the open page, so
    that its own saves never clash with each other.

    Raises `Refused` for a field or answer that is not asked, when all is blank, when somebody else saved since
    `revision`, and when the interview is signed.
    """
    staff_id = policies.may_record(by, patient)
    given = rules.tidy_answers(sections)
    _lock(patient)
    held = queries.newest_interview(patient)
    if held is not None and held.signed_at is not None:
        raise Refused("The interview is signed; begin a new version to change it.")
    _nobody_was_quicker(held, revision, page)
    uses = _uses_of(held)
    if substances is not None:
        today = site_day(patient.site, at)
        uses = rules.tidy_use(substances, today=today, born=patient.birth_date)
    answers = {**(held.answers if held else {}), **given}
    said = rules.safety_answers(held.gates if held and gates is None else gates or {})
    if not any(answers.values()) and not uses and all(answer is None for answer in said.values()):
        raise Refused("Nothing is written yet; fill in at least one section.")
    sources = _sources(held, answers, offered or {})
    if held is not None and (held.answers, held.gates, held.sources, _uses_of(held)) == (
        answers, said, sources, uses,
    ):  # fmt: skip
        return held
    row = held or IntakeInterview(patient=patient, begun_at=at, begun_by_id=staff_id)
    row.answers, row.gates, row.sources = answers, said, sources
    row.at, row.by_id, row.saved_from = at, staff_id, page[:32]
    row.revision += 1
    row.save()
    if held is None or uses != _uses_of(held):
        _write_uses(row, uses)
    trail.record(
        by=by,
        at=at,
        action="assessment.save_interview",
        subject=f"IntakeInterview {row.pk}",
        patient_id=patient.pk,
        detail={"revision": row.revision, "blank": len(rules.blank_fields(answers)), "rows": len(uses)},
    )
    return row


@transaction.atomic
def draft_interview_summary(*, by: Actor, at: datetime, patient: Patient) -> IntakeInterview:
    """Write the summary from the answers, to be changed. Raises `Refused` when one is there, or nothing to say."""
    policies.may_record(by, patient)
    held = _draft_of(patient)
    if held.answers.get("summary"):
        raise Refused("There is a summary already; empty it first to have a new one drafted.")
    text = rules.draft_summary(patient.called, held.answers, _uses_of(held))
    if not text:
        raise Refused("Nothing is answered yet from which a summary could be drafted.")
    held.answers = {**held.answers, "summary": text[: rules.LONGEST["words"]]}
    held.revision += 1
    held.save(update_fields=["answers", "revision"])
    trail.record(
        by=by,
        at=at,
        action="assessment.draft_interview_summary",
        subject=f"IntakeInterview {held.pk}",
        patient_id=patient.pk,
    )
    return held


@transaction.atomic
def sign_interview(*, by: Actor, at: datetime, patient: Patient, revision: int) -> IntakeInterview:
    """Finish this version: who and when are sealed with it, and it never changes.

    Raises `Refused` when a required field is blank, or when it was saved since `revision`.
    """
    staff_id = policies.may_record(by, patient)
    held = _draft_of(patient)
    if held.revision != revision:
        raise Refused(
            "The interview was saved by somebody since this page was opened; read it again, then sign."
        )
    blank = rules.blank_fields(held.answers)
    if blank:
        titles = {s.key: s.title for s in rules.intake_sections()}
        where = list(dict.fromkeys(titles[field.section] for field in blank))
        raise Refused(f"Not signed yet: still blank in {', '.join(where)}.")
    held.signed_at, held.signed_by_id = at, staff_id
    held.signed_name, held.signed_credential = by.name, by.credential
    held.seal = _seal(held)
    held.save()
    trail.record(
        by=by,
        at=at,
        action="assessment.sign_interview",
        subject=f"IntakeInterview {held.pk}",
        patient_id=patient.pk,
        detail={"number": held.number, "seal": held.seal},
    )
    return held


@transaction.atomic
def revise_interview(*, by: Actor, at: datetime, patient: Patient, because: str) -> IntakeInterview:
    """Begin the next version as a copy of the signed one. Raises `Refused` without a reason, or while one is open."""
    staff_id = policies.may_record(by, patient)
    if not because.strip():
        raise Refused("Say why the interview is changed; the reason stays with the new version.")
    _lock(patient)
    held = queries.newest_interview(patient)
    if held is None:
        raise Refused("There is no interview yet; begin it.")
    if held.signed_at is None:
        raise Refused("A version is open already; change that one.")
    row = IntakeInterview.objects.create(
        patient=patient,
        number=held.number + 1,
        answers=held.answers,
        sources={
            key: f"version {held.number}, {site_day(patient.site, held.signed_at):%-d %b %Y}"
            for key, answer in held.answers.items()
            if answer
        },
        gates=held.gates,
        begun_at=at,
        begun_by_id=staff_id,
        at=at,
        by_id=staff_id,
        changed_because=because.strip()[:200],
    )
    _write_uses(row, _uses_of(held))
    trail.record(
        by=by,
        at=at,
        action="assessment.revise_interview",
        subject=f"IntakeInterview {row.pk}",
        patient_id=patient.pk,
        detail={"number": row.number},
    )
    return row


def _lock(patient: Patient) -> None:
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient.pk)


def _draft_of(patient: Patient) -> IntakeInterview:
    _lock(patient)
    held = queries.newest_interview(patient)
    if held is None:
        raise Refused("There is no interview yet; begin it.")
    if held.signed_at is not None:
        raise Refused("The interview is signed already; begin a new version to change it.")
    return held


def _nobody_was_quicker(held: IntakeInterview | None, revision: int | None, page: str) -> None:
    if held is None or revision is None or held.revision == revision:
        return
    if page and held.saved_from == page[:32]:
        return
    raise Refused(
        f"{held.by.name} saved this interview since this page was opened, so nothing was put over it; "
        "compare below, then save again."
    )


def _uses_of(held: IntakeInterview | None) -> tuple[rules.Use, ...]:
    return queries.uses_of(held) if held is not None else ()


def _write_uses(row: IntakeInterview, uses: Sequence[rules.Use]) -> None:
    SubstanceUse.objects.filter(interview=row).delete()
    SubstanceUse.objects.bulk_create(
        SubstanceUse(interview=row, position=n, **asdict(use)) for n, use in enumerate(uses)
    )


def _sources(
    held: IntakeInterview | None, answers: Mapping[str, str], offered: Mapping[str, rules.Offered]
) -> dict[str, str]:
    """Where answers came from that nobody has changed since."""
    sources = {}
    for key, answer in answers.items():
        if not answer:
            continue
        if held is not None and held.answers.get(key) == answer:
            if key in held.sources:
                sources[key] = held.sources[key]
        elif key in offered and offered[key].answer == answer and (held is None or key not in held.answers):
            sources[key] = offered[key].source
    return sources


def _seal(held: IntakeInterview) -> str:
    told: dict[str, Any] = {
        "patient": held.patient_id,
        "number": held.number,
        "answers": held.answers,
        "gates": held.gates,
        "uses": [asdict(use) for use in _uses_of(held)],
        "by": [held.signed_name, held.signed_credential],
        "at": held.signed_at,
    }
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
