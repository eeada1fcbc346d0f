"""Minutes, attendance, notes, signatures and how alike two texts are."""

from .attendance import (
    AttendanceRecord,
    AttendanceRule,
    AttendanceStanding,
    AttendanceState,
    attendance_state,
    load_attendance_rule,
    minutes_attended,
)
from .cosigning import may_cosign
from .durations import duration_sentence, load_durations
from .kept_apart import load_kept_apart
from .likeness import Clone, Likeness, Written, clones, likeness_of, likenesses, text_likeness
from .missing import MissingPart
from .naming import named_in
from .notes import (
    AddendumKind,
    NoteDraft,
    NoteFormat,
    NoteRule,
    PersonPart,
    formats_of,
    is_late,
    load_note_formats,
    load_note_rule,
    note_due_at,
)
from .sealing import content_hash, other_names_of, rule_of
from .sentences import sentence_of
from .signing import SignDecision, likeness_in, may_sign, too_alike, what_is_signed

__all__ = [
    "AddendumKind",
    "AttendanceRecord",
    "AttendanceRule",
    "AttendanceStanding",
    "AttendanceState",
    "Clone",
    "Likeness",
    "MissingPart",
    "NoteDraft",
    "NoteFormat",
    "NoteRule",
    "PersonPart",
    "SignDecision",
    "Written",
    "attendance_state",
    "clones",
    "content_hash",
    "duration_sentence",
    "formats_of",
    "is_late",
    "likeness_in",
    "likeness_of",
    "likenesses",
    "load_attendance_rule",
    "load_durations",
    "load_kept_apart",
    "load_note_formats",
    "load_note_rule",
    "may_cosign",
    "may_sign",
    "minutes_attended",
    "named_in",
    "note_due_at",
    "other_names_of",
    "rule_of",
    "sentence_of",
    "text_likeness",
    "too_alike",
    "what_is_signed",
]
