"""Every write about people: patients and those around them, staff and what they hold, sites and rooms."""

from .circle import (
    add_emergency_contact,
    add_family_member,
    invite_family_member,
    remove_emergency_contact,
    remove_family_member,
)
from .logins import end_sessions, invite_patient, invite_staff, set_login_open
from .patients import change_patient, new_code, register_patient, with_digits
from .sites import add_room, change_room, change_site, open_site, place_site, set_opening_hours
from .staff import add_credential, add_staff, change_credential, change_staff, set_roles

__all__ = [
    "add_credential",
    "add_emergency_contact",
    "add_family_member",
    "add_room",
    "add_staff",
    "change_credential",
    "change_patient",
    "change_room",
    "change_site",
    "change_staff",
    "end_sessions",
    "invite_family_member",
    "invite_patient",
    "invite_staff",
    "new_code",
    "open_site",
    "place_site",
    "register_patient",
    "remove_emergency_contact",
    "remove_family_member",
    "set_login_open",
    "set_opening_hours",
    "set_roles",
    "with_digits",
]
