"""Who asks in the bench: the counselor of its program, logged in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils.crypto import get_random_string

from stepwell.accounts.models import User
from stepwell.clinic.sessions.models import Note, NotePart
from stepwell.clinic.timetable.models import Occurrence

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FLOORS_BACKEND = "django.contrib.auth.backends.ModelBackend"


def login(facts: dict[str, Any], backend: str = BACKEND) -> str:
    """A session of the counselor, as a Cookie header with its CSRF token."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(counselor(facts), backend=backend)
    session = client.cookies["sessionid"].value
    if backend != BACKEND:
        return f"sessionid={session}; csrftoken={get_random_string(32)}"
    client.get(reverse("desk:new_patient"))
    return f"sessionid={session}; csrftoken={client.cookies['csrftoken'].value}"


def counselor(facts: dict[str, Any]) -> User:
    return User.objects.get(staff_record=facts["counselor"])


def give_to_counselor(facts: dict[str, Any], notes: list[Note]) -> None:
    Occurrence.objects.filter(pk__in=[n.occurrence_id for n in notes]).update(facilitator=facts["counselor"])
    Note.objects.filter(pk__in=[n.pk for n in notes]).update(author=facts["counselor"])


def note_form(note: Note) -> str:
    """What the session room sends with the button Sign."""
    fields: dict[str, Any] = {"revision": note.revision, "shared": note.shared, "topic": note.topic}
    for part in NotePart.objects.filter(note=note).select_related("patient"):
        for name in ("participation", "affect", "response", "skill", "risk", "text"):
            fields[f"{part.patient.code}-{name}"] = getattr(part, name)
        fields[f"{part.patient.code}-objective"] = part.objective_id or ""
    return urlencode(fields)
