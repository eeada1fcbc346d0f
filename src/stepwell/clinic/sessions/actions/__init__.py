"""Every write of a session: who came, and the note that says what happened."""

from stepwell.clinic.sessions.rules.drafts import DraftPart

from .arriving import (
    arrive_at_kiosk,
    arrive_by_phone,
    as_actor,
    check_in_by_code,
    close_kiosk,
    open_kiosk,
)
from .attending import Entry, all_here, check_in, record_attendance, take_back_attendance
from .joining import add_guest, add_walk_in, guest_left, take_back_guest
from .keeping_apart import keep_apart_note, revise_kept_apart
from .signing import add_addendum, cosign_note, sign_note
from .writing import no_risk_seen, save_draft

__all__ = [
    "DraftPart",
    "Entry",
    "add_addendum",
    "add_guest",
    "add_walk_in",
    "all_here",
    "arrive_at_kiosk",
    "arrive_by_phone",
    "as_actor",
    "check_in",
    "check_in_by_code",
    "close_kiosk",
    "cosign_note",
    "guest_left",
    "keep_apart_note",
    "no_risk_seen",
    "open_kiosk",
    "record_attendance",
    "revise_kept_apart",
    "save_draft",
    "sign_note",
    "take_back_attendance",
    "take_back_guest",
]
