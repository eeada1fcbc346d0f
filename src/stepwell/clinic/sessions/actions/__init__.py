"""Every write of a session: who came, and the note that says what happened."""

from stepwell.clinic.sessions.rules.drafts import DraftPart

from .attending import Entry, all_here, check_in, record_attendance
from .signing import add_addendum, cosign_note, sign_note
from .writing import no_risk_seen, save_draft

__all__ = [
    "DraftPart",
    "Entry",
    "add_addendum",
    "all_here",
    "check_in",
    "cosign_note",
    "no_risk_seen",
    "record_attendance",
    "save_draft",
    "sign_note",
]
