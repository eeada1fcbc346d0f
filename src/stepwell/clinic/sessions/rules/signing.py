"""May this note be signed, by whom, is it late, and what one signature stands for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from stepwell.clinic.people.rules import (
    Credential,
    CredentialKind,
    SessionKind,
    load_credential_kinds,
    may_lead,
    needs_cosignature,
)

from .durations import duration_sentence
from .likeness import Likeness, Written, likenesses
from .missing import MissingPart, missing_in_part, missing_of, missing_shared, names_another
from .naming import first_names, who_name_others
from .notes import NoteDraft, NoteFormat, NoteRule, is_late, load_note_formats


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
    alike, naming = likeness_in(note, rule), who_name_others(note)
    missing = list(missing_shared(note, at, load_note_formats() if formats is None else formats))
    lead = may_lead(held, note.kind, on, known)
    if not lead.valid:
        missing.append(MissingPart(patient_id=None, part="credential", mend=lead.sentence))
    for part in note.parts:
        missing.extend(missing_in_part(part, note, load_note_formats() if formats is None else formats))
        if part.patient_id in naming:
            missing.append(names_another(part))
        if (found := alike.get(part.patient_id)) and too_alike(found, rule):
            yours = f"Add one sentence that is only about {part.called}'s session."
            missing.append(missing_of(part, "own sentence", yours))
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
        warnings=(*_warnings(note), *first_names(note)),
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


def _warnings(note: NoteDraft) -> tuple[str, ...]:
    """Of a group how long it ran; of all others how long the person was there."""
    if note.kind is SessionKind.GROUP:
        minutes = [int((note.service_ends - note.service_starts).total_seconds() // 60)]
    else:
        minutes = [part.minutes for part in note.parts if part.outcome == "present" and part.minutes]
    return tuple(dict.fromkeys(said for each in minutes if (said := duration_sentence(note.kind, each))))


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
