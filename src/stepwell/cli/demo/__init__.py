"""The demo clinic: twelve weeks of an invented program, lived through the same actions that people use.

`demo/*.json` says who is there and what happens when; the modules here live it, in the order of time, in one
transaction. What is random comes from dice thrown with a fixed seed: the same day gives the same clinic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PASSWORD = "stepwell-demo"  # noqa: S105 - of invented people, printed at the start of the demo


@dataclass(frozen=True)
class Login:
    """Who may log in to the demo, as it is printed at the start."""

    who: str
    email: str
    password: str = PASSWORD


LOGINS: tuple[Login, ...] = (
    Login("Front desk", "desk@demo.example"),
    Login("Counselor", "counselor@demo.example"),
    Login("Group facilitator", "facilitator@demo.example"),
    Login("Prescriber", "prescriber@demo.example"),
    Login("Nurse", "nurse@demo.example"),
    Login("Case manager", "casemanager@demo.example"),
    Login("Peer specialist", "peer@demo.example"),
    Login("Biller", "biller@demo.example"),
    Login("Program director", "director@demo.example"),
    Login("Compliance officer", "compliance@demo.example"),
    Login("Patient", "patient@demo.example"),
    Login("Family member", "family@demo.example"),
)


def load(*, at: datetime) -> bool:
    """Loads the clinic around the instant `at`, all of it or nothing; False when it is there already.

    Raises `Unready` when the database holds another clinic: invented people do not belong among real ones.
    """
    from stepwell.cli.demo.loading import load_once

    return load_once(at)


def is_loaded() -> bool:
    """Whether the demo clinic is in this database. One query."""
    from stepwell.accounts.models import User

    return User.objects.filter(email=LOGINS[0].email).exists()
