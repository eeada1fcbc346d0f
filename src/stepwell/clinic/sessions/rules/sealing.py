"""From rows to what the rules ask: the draft about to be signed, the content that a signature seals, and its hash.

Rows are anything with the attributes named here, so that this stays free of the tables.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from stepwell.clinic.people.rules import SessionKind

from .notes import NoteDraft, NoteRule, PersonPart, load_note_rule


class _Session(Protocol):
    pk: int
    kind: str
    treatment: str
    title: str
    starts: datetime
    ends: datetime


class _Site(Protocol):
    note_due_hours: int | None
    note_alike_percent: int | None


class _Note(Protocol):
    format: str
    topic: str
    shared: str
    signed_at: datetime | None


def rule_of(site: _Site) -> NoteRule:
    """The note rule with the site's own hours and likeness, where it has set some."""
    rule = load_note_rule()
    if site.note_due_hours is not None:
        rule = replace(rule, due_hours=site.note_due_hours)
    if site.note_alike_percent is not None:
        rule = replace(rule, clone_likeness=Decimal(site.note_alike_percent) / 100)
    return rule


def draft_of(
    session: _Session,
    note: _Note,
    seats: Iterable[Any],
    parts: Mapping[int, Any],
    last: Mapping[int, Sequence[str]],
    guests: Mapping[int, Sequence[str]] | None = None,
) -> NoteDraft:
    """The note as `may_sign` reads it. `seats` carry `.patient` and, if recorded, `.attendance`.

    `last`: patient id -> the texts of that person's last signed parts; `guests`: the names of the person's family
    in the room, which would tell others who the person is.
    """
    return NoteDraft(
        kind=SessionKind(session.kind),
        format=note.format,
        topic=note.topic,
        shared=note.shared,
        service_starts=session.starts,
        service_ends=session.ends,
        parts=tuple(
            _person(
                seat,
                parts.get(seat.patient_id),
                last.get(seat.patient_id, ()),
                (guests or {}).get(seat.patient_id, ()),
            )
            for seat in seats
        ),
        signed_at=note.signed_at,
    )


def sealed(session: _Session, note: _Note, seats: Iterable[Any], parts: Mapping[int, Any]) -> dict[str, Any]:
    """Everything that a signature stands for; `content_hash` of it never changes again."""
    return {
        "session": {
            "id": session.pk,
            "kind": session.kind,
            "treatment": session.treatment,
            "title": session.title,
            "starts": session.starts,
            "ends": session.ends,
        },
        "format": note.format,
        "topic": note.topic,
        "shared": note.shared,
        "parts": [_sealed_part(seat, parts[seat.patient_id]) for seat in seats],
    }


def other_names_of(patient: Any) -> tuple[str, ...]:
    """How else a person is named in full: by the name she goes by, and as boards show her ("Ana R.")."""
    return (f"{patient.called} {patient.family_name}", patient.board_name)


def _person(seat: Any, part: Any | None, last: Sequence[str], family: Sequence[str]) -> PersonPart:
    came = getattr(seat, "attendance", None)
    written: dict[str, Any] = {}
    if part is not None:
        written = {
            "text": part.text,
            "sections": part.sections,
            "participation": part.participation,
            "response": part.response,
            "skill": part.skill,
            "risk": part.risk,
            "done": part.done,
            "objective_id": part.objective_id,
        }
    return PersonPart(
        patient_id=seat.patient_id,
        called=seat.patient.called,
        full_name=f"{seat.patient.given_name} {seat.patient.family_name}",
        other_names=(*other_names_of(seat.patient), *family),
        outcome=came.outcome if came else "",
        minutes=came.minutes if came else None,
        own_last=tuple(last),
        **written,
    )


def _sealed_part(seat: Any, part: Any) -> dict[str, Any]:
    came = seat.attendance
    return {
        "patient": seat.patient_id,
        "outcome": came.outcome,
        "arrived": came.arrived_at,
        "left": came.left_at,
        "stepped_out": came.stepped_out,
        "minutes": came.minutes,
        "mode": came.mode,
        "reason": came.reason,
        "participation": part.participation,
        "affect": part.affect,
        "response": part.response,
        "skill": part.skill,
        "risk": part.risk,
        "done": part.done,
        "objective": part.objective_id,
        "text": part.text,
        "sections": part.sections,
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the content as canonical JSON: keys sorted, no spaces, text in Unicode NFC, dates in ISO.

    The same content gives the same hash on every machine. Raises TypeError for a float and for anything else
    that has no one written form.
    """
    canonical = json.dumps(
        _canonical(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _canonical(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", str(key)): _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    raise TypeError(f"A {type(value).__name__} cannot be sealed in a note.")
