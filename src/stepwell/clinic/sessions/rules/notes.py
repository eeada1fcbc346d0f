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

from .durations import duration_sentence
from .likeness import Likeness, Written, likenesses
from .room import load_room


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
    """Hours after the session until a note is late, and the likeness from which parts count as cloned.

    `own_words`: words that a sentence of one's own needs; `last_parts`: how many earlier parts are compared.
    """

    due_hours: int
    clone_likeness: Decimal
    own_words: int = 4
    last_parts: int = 3


@dataclass(frozen=True, kw_only=True)
class PersonPart:
    """One person's own part: what it says and the minutes attended (None: not recorded).

    `done`: what was done about a raised risk. `own_last`: the texts of the person's last signed parts.
    `full_name` and `other_names` stand in nobody else's chart.
    """

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
    other_names: tuple[str, ...] = ()
    skill: str = ""
    done: str = ""
    own_last: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """All that stands in the part as one text, sections in the order of their keys as in `queries.last`."""
        return " ".join([self.text, *(self.sections[key] for key in sorted(self.sections))]).strip()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.full_name, *self.other_names) if name.strip())


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
    """May it be signed now; what is missing; whether it is late and needs a co-signature afterwards.

    `warnings` are sentences that stop nothing; `alike` is the likeness of each part that says something, by patient.
    """

    allowed: bool
    missing: tuple[MissingPart, ...]
    late: bool
    needs_cosignature: bool
    sentence: str
    warnings: tuple[str, ...] = ()
    alike: Mapping[int | str, Likeness] = field(default_factory=dict, compare=False)


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
    """The note rule that ships with this version; a site may set its own hours and likeness (`rule_of`)."""
    raw = _data()
    return NoteRule(
        due_hours=raw["due_hours"],
        clone_likeness=Decimal(raw["clone_likeness"]),
        own_words=raw["own_sentence_words"],
        last_parts=raw["last_parts"],
    )


@cache
def formats_of(kind: str) -> tuple[NoteFormat, ...]:
    """The formats that a kind of session may use, the one offered first; of an unknown kind all with sections."""
    formats = load_note_formats()
    keys = _data()["kinds"].get(kind)
    return tuple(formats[key] for key in keys) if keys else tuple(f for f in formats.values() if f.sections)


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
    flagged. A part is wanted for everybody who was present, and no part may name another patient. A part that is
    as like another one, or the person's own last ones, as the rule's threshold needs one sentence of its own.
    """
    held = tuple(credentials)
    known = load_credential_kinds() if kinds is None else kinds
    alike = likeness_in(note, rule)
    missing = list(_missing_shared(note, at, load_note_formats() if formats is None else formats))
    lead = may_lead(held, note.kind, on, known)
    if not lead.valid:
        missing.append(MissingPart(patient_id=None, part="credential", mend=lead.sentence))
    for part in note.parts:
        missing.extend(_missing_in_part(part, note, load_note_formats() if formats is None else formats))
        missing.extend(_naming_others(part, note))
        if (found := alike.get(part.patient_id)) and too_alike(found, rule):
            yours = f"Add one sentence that is only about {part.called}'s session."
            missing.append(_of(part, "own sentence", yours))
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
        warnings=(*_warnings(note), *_first_names(note)),
        alike=alike,
    )


def likeness_in(note: NoteDraft, rule: NoteRule) -> dict[int | str, Likeness]:
    """How alike the parts of those present are, with each other and with each person's last ones. By patient."""
    said = [part for part in note.parts if part.outcome in ("", "present") and part.written]
    return likenesses(
        [Written(key=part.patient_id, called=part.called, text=part.written) for part in said],
        {part.patient_id: part.own_last for part in said},
        ignoring=[note.shared],
        own_words=rule.own_words,
    )


def too_alike(found: Likeness, rule: NoteRule) -> bool:
    """At the threshold or above, and no sentence of the person's own yet."""
    return found.value >= rule.clone_likeness and not found.own_sentence


def what_is_signed(note: NoteDraft) -> str:
    """What one signature stands for, in a line: how many charts, minutes and absences. "" before anything is recorded."""
    came = [part for part in note.parts if part.outcome == "present"]
    absent = [part for part in note.parts if part.outcome in ("excused", "unexcused")]
    if not (came or absent):
        return ""
    minutes = sorted({part.minutes or 0 for part in came})
    each = f"{minutes[0]}" if len(minutes) == 1 else f"{minutes[0]} to {minutes[-1]}" if minutes else ""
    charts = len(note.parts)
    said = [f"{charts} chart" if charts == 1 else f"{charts} charts"]
    if each:
        said.append(f"{each} minutes")
    if absent:
        said.append(f"{len(absent)} absent")
    return ", ".join(said)


def _warnings(note: NoteDraft) -> tuple[str, ...]:
    """Of a group how long it ran; of all others how long the person was there."""
    if note.kind is SessionKind.GROUP:
        minutes = [int((note.service_ends - note.service_starts).total_seconds() // 60)]
    else:
        minutes = [part.minutes for part in note.parts if part.outcome == "present" and part.minutes]
    return tuple(dict.fromkeys(said for each in minutes if (said := duration_sentence(note.kind, each))))


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
        if named_in(note.shared, part.names):
            yield _of_all("shared", f"The shared part names {part.called}; take the name out.")
        if named_in(note.topic, part.names):
            yield _of_all("topic", f"The topic names {part.called}; take the name out.")


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
    raised = load_room().raised.get(part.risk)
    if raised is not None and not part.done.strip():
        yield _of(part, "what was done", raised.say_ask(part.called))


def _naming_others(part: PersonPart, note: NoteDraft) -> Iterable[MissingPart]:
    """Also of who was absent: what was written before that was known stands in the chart all the same."""
    written, own = _all_of(part), {name.casefold() for name in part.names}
    for other in note.parts:
        # Two people may share a name, so a name that is one's own as well is not the other's.
        if other.patient_id != part.patient_id and named_in(
            written, [name for name in other.names if name.casefold() not in own]
        ):
            yield _of(part, "names", f"{part.called}'s part names another patient; take the name out.")


def _all_of(part: PersonPart) -> str:
    return " ".join([part.text, part.skill, part.done, *part.sections.values()])


def _first_names(note: NoteDraft) -> Iterable[str]:
    """A first name alone may be a word like any other ("Will", "Hope"), so it is said and stops nothing."""
    whose = [("The shared part", "", f"{note.topic} {note.shared}")]
    whose += [(f"{part.called}'s part", part.called, _all_of(part)) for part in note.parts]
    for what, own, text in whose:
        for called in dict.fromkeys(part.called for part in note.parts):
            if called != own and called in text and re.search(rf"(?<!\w){re.escape(called)}(?!\w)", text):
                yield f"{what} says “{called}”. If that is another person, take the name out."


def named_in(text: str, names: Iterable[str]) -> bool:
    """Whether one of these full names stands in the text, whatever its capitals and line breaks."""
    return any(_names(text, name) for name in names)


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
