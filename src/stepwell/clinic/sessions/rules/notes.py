"""May this note be signed, by whom, is it late, and the hash that seals it."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.people.rules import (
    Credential,
    CredentialKind,
    SessionKind,
    load_credential_kinds,
    may_lead,
    may_supervise_signing,
    needs_cosignature,
)


class AddendumKind(StrEnum):
    """What may be added to a signed note; the note itself stays as it was."""

    ADDENDUM = "addendum"
    CORRECTION = "correction"
    ENTERED_IN_ERROR = "entered_in_error"


@dataclass(frozen=True, kw_only=True)
class NoteFormat:
    """One format; `sections` are (key, title, what it asks for), empty for the group note."""

    key: str
    title: str
    sections: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class NoteRule:
    """Hours after the session until a note is late, and the likeness from which parts count as cloned."""

    due_hours: int
    clone_likeness: Decimal


@dataclass(frozen=True, kw_only=True)
class PersonPart:
    """One person's own part: what it says and the minutes attended (None: not recorded)."""

    patient_id: int | str
    called: str
    outcome: str
    minutes: int | None
    text: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    participation: str = ""
    response: str = ""
    risk: str = ""
    objective_id: int | str | None = None
    full_name: str = ""


@dataclass(frozen=True, kw_only=True)
class NoteDraft:
    """A note about to be signed: the session it is about, the shared part and the part of each person."""

    kind: SessionKind
    format: str
    topic: str
    shared: str
    service_starts: datetime
    service_ends: datetime
    parts: tuple[PersonPart, ...]
    signed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MissingPart:
    """What is missing, whose part it is (None: the shared one), and how to mend it."""

    patient_id: int | str | None
    part: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class SignDecision:
    """May it be signed now; what is missing; whether it is late and needs a co-signature afterwards."""

    allowed: bool
    missing: tuple[MissingPart, ...]
    late: bool
    needs_cosignature: bool
    sentence: str


@cache
def load_note_formats() -> Mapping[str, NoteFormat]:
    """Every note format that ships with this version, by key."""
    return {
        row["key"]: NoteFormat(
            key=row["key"],
            title=row["title"],
            sections=tuple((s["key"], s["title"], s["asks"]) for s in row["sections"]),
        )
        for row in _data()["formats"]
    }


@cache
def load_note_rule() -> NoteRule:
    """The note rule that ships with this version; a program may set its own hours."""
    raw = _data()
    return NoteRule(due_hours=raw["due_hours"], clone_likeness=Decimal(raw["clone_likeness"]))


def _data() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(
        files("stepwell.clinic.sessions").joinpath("data/notes.json").read_text("utf-8")
    )
    return raw


def note_due_at(service_ends: datetime, due_hours: int) -> datetime:
    """The first instant at which an unsigned note is late."""
    return service_ends + timedelta(hours=due_hours)


def is_late(service_ends: datetime, at: datetime, due_hours: int) -> bool:
    """Signing at `at` makes it a late entry."""
    return at >= note_due_at(service_ends, due_hours)


def may_sign(
    note: NoteDraft,
    credentials: Iterable[Credential],
    at: datetime,
    on: date,
    *,
    rule: NoteRule,
    formats: Mapping[str, NoteFormat] | None = None,
    kinds: Mapping[str, CredentialKind] | None = None,
) -> SignDecision:
    """May a person with these credentials sign this note at `at` (local day `on`)?

    The credential must hold on the day of signing and fit the kind of session. Lateness never forbids: it is
    flagged. A part is wanted for everybody who was present, and no part may name another patient.
    """
    held = tuple(credentials)
    known = load_credential_kinds() if kinds is None else kinds
    missing = list(_missing_shared(note, at, load_note_formats() if formats is None else formats))
    lead = may_lead(held, note.kind, on, known)
    if not lead.valid:
        missing.append(MissingPart(patient_id=None, part="credential", mend=lead.sentence))
    for part in note.parts:
        missing.extend(_missing_in_part(part, note, load_note_formats() if formats is None else formats))
    late = is_late(note.service_ends, at, rule.due_hours)
    if missing:
        sentence = f"This note cannot be signed yet. {missing[0].mend}"
    elif late:
        sentence = f"This note is signed as a late entry, more than {rule.due_hours} hours after the session."
    else:
        sentence = "This note can be signed."
    return SignDecision(
        allowed=not missing,
        missing=tuple(missing),
        late=late,
        needs_cosignature=needs_cosignature(held, note.kind, on, known),
        sentence=sentence,
    )


def may_cosign(
    cosigner: Iterable[Credential],
    on: date,
    *,
    signed: bool,
    same_person: bool,
    kinds: Mapping[str, CredentialKind] | None = None,
) -> tuple[bool, str]:
    """May somebody with these credentials co-sign, and the sentence why or why not."""
    known = load_credential_kinds() if kinds is None else kinds
    if not signed:
        return False, "This note is not signed by its author yet."
    if same_person:
        return False, "Nobody co-signs their own note; ask a supervisor."
    if not may_supervise_signing(cosigner, on, known):
        return False, "Co-signing needs a valid independent license; ask a supervisor who has one."
    return True, "This note can be co-signed."


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


def _missing_shared(
    note: NoteDraft, at: datetime, formats: Mapping[str, NoteFormat]
) -> Iterable[MissingPart]:
    if note.signed_at is not None:
        yield _of_all("signature", "This note is already signed; write an addendum instead.")
    if note.format not in formats:
        yield _of_all("format", f"“{note.format}” is not a note format this program knows; choose one.")
    if at < note.service_ends:
        yield _of_all("time", "The session has not ended yet; sign afterwards.")
    if not note.topic.strip():
        yield _of_all("topic", "Say what the session was about.")
    if not note.shared.strip():
        yield _of_all("shared", "Write what was done, in the shared part.")
    if not note.parts:
        yield _of_all("people", "Record who was expected before signing.")
    for part in note.parts:
        if part.full_name.strip() and _names(note.shared, part.full_name):
            yield _of_all("shared", f"The shared part names {part.called}; take the name out.")


def _missing_in_part(
    part: PersonPart, note: NoteDraft, formats: Mapping[str, NoteFormat]
) -> Iterable[MissingPart]:
    if part.outcome not in ("present", "excused", "unexcused"):
        yield _of(part, "attendance", f"Record whether {part.called} came.")
        return
    if part.outcome != "present":
        return
    if part.minutes is None:
        yield _of(part, "minutes", f"Record when {part.called} arrived and left.")
    sections = formats[note.format].sections if note.format in formats else ()
    for key, title, _ in sections:
        if not part.sections.get(key, "").strip():
            yield _of(part, key, f"Fill in “{title}” for {part.called}.")
    # With named sections the format says it all; without, the person's own part carries the record.
    if not sections and not (part.participation.strip() and part.response.strip()):
        yield _of(part, "participation", f"Say how {part.called} took part and responded.")
    if not sections and not part.text.strip() and part.objective_id is None:
        yield _of(part, "text", f"Write a line of {part.called}'s own, or link an objective.")
    if not part.risk.strip():
        yield _of(part, "risk", f"Mark the risk screen for {part.called}.")
    written = " ".join([part.text, *part.sections.values()])
    for other in note.parts:
        if (
            other.patient_id != part.patient_id
            and other.full_name.strip()
            and _names(written, other.full_name)
        ):
            yield _of(part, "names", f"{part.called}'s part names another patient; take the name out.")


def _names(text: str, full_name: str) -> bool:
    folded, words = text.casefold(), full_name.casefold().split()
    if not all(word in folded for word in words):
        return (
            False  # nearly always; the search below is dear when twelve parts are held against twelve names
        )
    pattern = r"\s+".join(map(re.escape, words))
    return re.search(rf"(?<!\w){pattern}(?!\w)", folded) is not None


def _of_all(part: str, mend: str) -> MissingPart:
    return MissingPart(patient_id=None, part=part, mend=mend)


def _of(person: PersonPart, part: str, mend: str) -> MissingPart:
    return MissingPart(patient_id=person.patient_id, part=part, mend=mend)
