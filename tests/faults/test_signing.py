"""One signature or none, whatever happens: a double click, two facilitators, a server that dies in the middle."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.sessions.models import Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import group_of, written
from tests.making import actor, make_site, make_staff

pytestmark = pytest.mark.processes
AUDIT_CHAIN = 427201
"""The advisory lock of audit_seal(): whoever holds it stops every writer just before its commit."""


def a_group_of_twelve() -> tuple[Any, Any, Note]:
    """A session of twelve, held, written about and ready to be signed; its leader and another facilitator."""
    site = make_site()
    leader = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Nia Okafor")
    other = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Maja Lindqvist")
    session, patients = group_of(site, leader, 12)
    Occurrence.objects.filter(pk=session.pk).update(cofacilitator=other)
    session.refresh_from_db()
    note = written(actor(leader), session, patients)
    return leader, other, note


def the_form(note: Note) -> dict[str, object]:
    """What the session room sends with the button Sign."""
    fields: dict[str, object] = {"revision": note.revision, "shared": note.shared, "topic": note.topic}
    for part in NotePart.objects.filter(note=note).select_related("patient"):
        for name in ("participation", "affect", "response", "skill", "risk", "text"):
            fields[f"{part.patient.code}-{name}"] = getattr(part, name)
        fields[f"{part.patient.code}-objective"] = part.objective_id or ""
    return fields


def what_stands(note: Note) -> dict[str, int]:
    return {
        "signed": Note.objects.filter(pk=note.pk, signed_at__isnull=False).count(),
        "signatures": NoteSignature.objects.filter(note=note).count(),
        "locked": Attendance.objects.filter(occurrence=note.occurrence, locked_at__isnull=False).count(),
        "entries": Entry.objects.filter(action="sessions.sign_note").count(),
    }


ONCE = {"signed": 1, "signatures": 1, "locked": 12, "entries": 12}
NEVER = {"signed": 0, "signatures": 0, "locked": 0, "entries": 0}


def test_a_double_click_on_sign_signs_once(pages, cookie_of, all_at_once):
    leader, _, note = a_group_of_twelve()
    cookie, fields, path = cookie_of(leader), the_form(note), f"/sessions/{note.occurrence_id}/signature/"
    answers = all_at_once(*[lambda: pages.post(path, cookie, fields)] * 2)
    assert what_stands(note) == ONCE
    assert all(answer.status in (302, 422) for answer in answers)


def test_two_facilitators_who_sign_at_once_sign_once_and_the_other_is_told(pages, cookie_of, all_at_once):
    leader, other, note = a_group_of_twelve()
    fields, path = the_form(note), f"/sessions/{note.occurrence_id}/signature/"
    mine, theirs = cookie_of(leader), cookie_of(other)
    answers = all_at_once(lambda: pages.post(path, mine, fields), lambda: pages.post(path, theirs, fields))
    assert what_stands(note) == ONCE
    assert sorted(answer.status for answer in answers)[0] in (302, 422)
    assert not any(answer.status >= 500 for answer in answers)


def test_a_server_killed_in_the_middle_of_signing_for_twelve_leaves_nothing_half_signed(pages, cookie_of):
    leader, _, note = a_group_of_twelve()
    cookie, fields, path = cookie_of(leader), the_form(note), f"/sessions/{note.occurrence_id}/signature/"

    def click() -> None:
        with pytest.raises(ConnectionError):
            pages.post(path, cookie, fields)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AUDIT_CHAIN])
        clicking = threading.Thread(target=click)
        clicking.start()
        wait_until_a_writer_waits(cursor)  # everything is written now but the audit entries and the commit
        pages.kill()
        clicking.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [AUDIT_CHAIN])
    wait_until_the_dead_let_go(note)
    assert what_stands(note) == NEVER
    pages.start()
    assert pages.post(path, cookie, fields).status == 302
    assert what_stands(note) == ONCE
    assert trail.verify().ok


def wait_until_a_writer_waits(cursor: Any) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        if cursor.fetchone()[0]:
            return
        time.sleep(0.02)
    raise AssertionError("nobody came to sign")


def wait_until_the_dead_let_go(note: Note) -> None:
    """The database notices a dead client at its next word; its transaction is then rolled back."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("a dead server still holds on to its transaction")
