"""What the browser needs to keep unsent text unreadable for everybody but the person who typed it.

A closed tab leaves only cipher text behind. The key is made anew from the secret of this installation, the login and
the session whenever that person, logged in, opens that room; it is never stored in the browser.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from stepwell.accounts.actor import Request
from stepwell.clinic.sessions.rules.absences import load_absences

_SALT = "stepwell.desk.sessions.keeping"


@dataclass(frozen=True)
class Keep:
    """The name of the entry (tells nothing), the key for AES-GCM in base64, and for how many hours it may stay."""

    name: str
    key: str
    hours: int


def keep_for(request: Request, session_id: int | str) -> Keep:
    """For who is logged in now, and for this session (or other draft, by its own word) only."""
    who = f"{request.user.pk}:{session_id}"
    key = salted_hmac(f"{_SALT}.key", who, algorithm="sha256").digest()
    name = salted_hmac(f"{_SALT}.name", who, algorithm="sha256").hexdigest()[:24]
    hours = int(load_absences().kept.total_seconds() // 3600)
    return Keep(f"sw-keep:{name}", b64encode(key).decode("ascii"), hours)
