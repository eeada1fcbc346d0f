"""What a note still lacks before it can be signed: in what all share, in each person's part, in the names it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .naming import named_in
from .notes import NoteDraft, NoteFormat, PersonPart
from .room import load_room


@dataclass(frozen=True, kw_only=True)
class MissingPart:
    """What is missing, whose part it is (None: the shared one), and how to mend it."""

    patient_id: int | str | None
    part: str
    mend: str


def missing_shared(note: NoteDraft, at: datetime, formats: Mapping[str, NoteFormat]) -> Iterable[MissingPart]:
    """What lacks in what all share, at the instant of signing."""
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


def missing_in_part(
    part: PersonPart, note: NoteDraft, formats: Mapping[str, NoteFormat]
) -> Iterable[MissingPart]:
    """What lacks in one person's part; of who was absent only that this is recorded."""
    if part.outcome not in ("present", "excused", "unexcused"):
        yield missing_of(part, "attendance", f"Record whether {part.called} came.")
        return
    if part.outcome != "present":
        return
    if part.minutes is None:
        yield missing_of(part, "minutes", f"Record when {part.called} arrived and left.")
    sections = formats[note.format].sections if note.format in formats else ()
    for key, title, _ in sections:
        if not part.sections.get(key, "").strip():
            yield missing_of(part, key, f"Fill in “{title}” for {part.called}.")
    # With named sections the format says it all; without, the person's own part carries the record.
    if not sections and not (part.participation.strip() and part.response.strip()):
        yield missing_of(part, "participation", f"Say how {part.called} took part and responded.")
    if not sections and not part.text.strip() and part.objective_id is None:
        yield missing_of(part, "text", f"Write a line of {part.called}'s own, or link an objective.")
    if not part.risk.strip():
        yield missing_of(part, "risk", f"Mark the risk screen for {part.called}.")
    raised = load_room().raised.get(part.risk)
    if raised is not None and not part.done.strip():
        yield missing_of(part, "what was done", raised.say_ask(part.called))


def names_another(part: PersonPart) -> MissingPart:
    """Also of who was absent: what was written before that was known stands in the chart all the same."""
    return missing_of(part, "names", f"{part.called}'s part names another patient; take the name out.")


def _of_all(part: str, mend: str) -> MissingPart:
    return MissingPart(patient_id=None, part=part, mend=mend)


def missing_of(person: PersonPart, part: str, mend: str) -> MissingPart:
    """Something that one person's part lacks."""
    return MissingPart(patient_id=person.patient_id, part=part, mend=mend)
