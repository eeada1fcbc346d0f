"""Twelve charts signed at once, again and again, while the ground gives way: always all of them or none.

`make faults` runs each many times (STEPWELL_KILLS, STEPWELL_STOPS, STEPWELL_RACES); without these a short sample.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.db import connections

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.timetable.models import Seat, TherapyGroup
from stepwell.project.carried_postgres import CarriedPostgres
from stepwell.project.database import database_config
from stepwell.project.environment import Environment
from tests import postgres
from tests.clinic.sessions.making import held_at, part
from tests.clinic.timetable.making import admitted, make_group
from tests.faults.conftest import Pages
from tests.faults.test_signing import the_form, wait_until_the_dead_let_go
from tests.making import NOW, actor, make_site, make_staff

pytestmark = pytest.mark.processes

KILLS = int(os.environ.get("STEPWELL_KILLS", "2"))
STOPS = int(os.environ.get("STEPWELL_STOPS", "2"))
RACES = int(os.environ.get("STEPWELL_RACES", "2"))
WHOLE = {"signed": 1, "signatures": 1, "locked": 12, "entries": 12}
NOTHING = {"signed": 0, "signatures": 0, "locked": 0, "entries": 0}


@dataclass
class Ward:
    """Twelve people whose group meets anew for each try, in the past, each time on a day of its own."""

    leader: Staff
    other: Staff
    patients: list[Patient]
    group: TherapyGroup
    made: int = 0

    @classmethod
    def open(cls) -> Ward:
        site = make_site()
        leader = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Nia Okafor")
        other = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Maja Lindqvist")
        patients = [admitted(site, f"P{n}", f"Family{n}") for n in range(12)]
        return cls(leader, other, patients, make_group(site, leader, mode="video"))

    def next_note(self) -> Note:
        """Held, written about and ready to be signed."""
        self.made += 1
        session = held_at(
            self.leader.site,
            self.leader,
            self.patients,
            starts=NOW - timedelta(days=self.made),
            group=self.group,
            cofacilitator=self.other,
        )
        by, chance = actor(self.leader), random.Random(self.made)
        actions.all_here(by=by, at=NOW, occurrence=session)
        return actions.save_draft(
            by=by,
            at=NOW,
            occurrence=session,
            revision=0,
            shared="The group mapped triggers and practiced urge surfing.",
            topic="Triggers",
            # Words that stand in no other part: nobody's note is a clone of another, or of the last one.
            parts=[
                part(p, text=" ".join(f"w{chance.randrange(10**9)}" for _ in range(12)))
                for p in self.patients
            ],
        )


def what_stands(note: Note) -> dict[str, int]:
    return {
        "signed": Note.objects.filter(pk=note.pk, signed_at__isnull=False).count(),
        "signatures": NoteSignature.objects.filter(note=note).count(),
        "locked": Attendance.objects.filter(occurrence=note.occurrence_id, locked_at__isnull=False).count(),
        "entries": Entry.objects.filter(action="sessions.sign_note", subject=f"Note {note.pk}").count(),
    }


def path_of(note: Note) -> str:
    return f"/sessions/{note.occurrence_id}/signature/"


class Click(threading.Thread):
    """Somebody who presses Sign: `status` is None when no answer came."""

    def __init__(self, pages: Pages, note: Note, cookie: str) -> None:
        super().__init__()
        self.pages, self.cookie, self.path, self.fields = pages, cookie, path_of(note), the_form(note)
        self.status: int | None = None
        self.began = threading.Event()

    def run(self) -> None:
        self.began.set()
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.status = self.pages.post(self.path, self.cookie, self.fields).status


def how_long_it_takes(pages: Pages, ward: Ward, cookie: str) -> float:
    """Seconds of a signature that nothing disturbs, and that it is whole."""
    for _ in range(2):
        note, began = ward.next_note(), time.monotonic()
        fields = the_form(note)
        began = time.monotonic()
        assert pages.post(path_of(note), cookie, fields).status == 302
        took = time.monotonic() - began
        assert what_stands(note) == WHOLE
    return took


def all_or_none(note: Note, answered: int | None) -> bool:
    """Whether it was signed. What was acknowledged stands."""
    found = what_stands(note)
    assert found in (WHOLE, NOTHING), found
    assert answered != 302 or found == WHOLE, "a signature that was acknowledged is lost"
    return found == WHOLE


def test_kill_9_at_a_random_moment_of_a_signature_leaves_all_of_it_or_nothing(pages, cookie_of):
    ward = Ward.open()
    cookie, chance = cookie_of(ward.leader), random.Random(KILLS)
    takes = how_long_it_takes(pages, ward, cookie)
    signed = 0
    for _ in range(KILLS):
        note = ward.next_note()
        click = Click(pages, note, cookie)
        click.start()
        click.began.wait()
        time.sleep(chance.uniform(0, 1.3 * takes))
        pages.kill()
        click.join()
        wait_until_the_dead_let_go(note)
        stood = all_or_none(note, click.status)
        signed += stood
        pages.start()
        again = pages.post(path_of(note), cookie, the_form(note)).status
        assert (again, what_stands(note)) == (422 if stood else 302, WHOLE)
    assert trail.verify().ok


def test_postgresql_stopped_at_once_at_a_random_moment_leaves_all_of_it_or_nothing(own_postgres, cookie_in):
    server, pages = own_postgres
    ward = Ward.open()
    cookie, chance = cookie_in(ward.leader), random.Random(STOPS)
    takes = how_long_it_takes(pages, ward, cookie)
    signed = 0
    for _ in range(STOPS):
        note = ward.next_note()
        click = Click(pages, note, cookie)
        click.start()
        click.began.wait()
        time.sleep(chance.uniform(0, 1.3 * takes))
        stop_at_once(server)
        click.join()
        connections.close_all()
        server.start()
        stood = all_or_none(note, click.status)
        signed += stood
        assert press_until_it_answers(pages, note, cookie) in ((422,) if stood else (302,))
        assert what_stands(note) == WHOLE
    assert trail.verify().ok


def test_two_who_sign_at_once_sign_once_each_time(pages, cookie_of, all_at_once):
    ward = Ward.open()
    mine, theirs = cookie_of(ward.leader), cookie_of(ward.other)
    for _ in range(RACES):
        note = ward.next_note()
        fields = the_form(note)
        answers = all_at_once(
            lambda note=note, fields=fields: pages.post(path_of(note), mine, fields),
            lambda note=note, fields=fields: pages.post(path_of(note), theirs, fields),
        )
        assert what_stands(note) == WHOLE
        assert sorted(answer.status for answer in answers) in ([302, 422], [302, 302])
    assert trail.verify().ok


def test_a_seat_given_up_during_a_signature_is_in_it_or_out_of_it(pages, cookie_of, all_at_once):
    """The roster changes meanwhile: what is signed is one roster, the one before or the one after."""
    ward = Ward.open()
    cookie = cookie_of(ward.leader)
    for _ in range(RACES):
        note = ward.next_note()
        leaving = Seat.objects.filter(occurrence=note.occurrence_id).order_by("pk").last()
        # Somebody recorded as here cannot be taken off the list; the attendance is taken back first.
        Attendance.objects.filter(seat=leaving).delete()
        fields = the_form(note)
        code = leaving.patient.code
        release = f"/patients/{code}/schedule/seats/{leaving.pk}/release/"
        answers = all_at_once(
            lambda note=note, fields=fields: pages.post(path_of(note), cookie, fields),
            lambda release=release: pages.post(release, cookie, {"because": "Booked by mistake."}),
        )
        assert all(answer.status < 500 for answer in answers), [answer.status for answer in answers]
        held = Seat.objects.filter(occurrence=note.occurrence_id, released_at__isnull=True).count()
        found = what_stands(note)
        if answers[0].status == 302:
            assert found == {"signed": 1, "signatures": 1, "locked": held, "entries": held}
        else:
            assert found == NOTHING
            assert pages.post(path_of(note), cookie, the_form(note)).status in (302, 422)
    assert trail.verify().ok


def test_what_is_signed_is_what_was_read_when_somebody_saves_at_the_same_time(pages, cookie_of, all_at_once):
    """Edit against sign: either the save comes first and the signature is refused, or the text stays as signed."""
    ward = Ward.open()
    mine, theirs = cookie_of(ward.leader), cookie_of(ward.other)
    for _ in range(RACES):
        note = ward.next_note()
        fields = the_form(note)
        changed = fields | {"shared": "Changed by the other.", "page": "another"}
        answers = all_at_once(
            lambda note=note, fields=fields: pages.post(path_of(note), mine, fields),
            lambda note=note, changed=changed: pages.post(
                f"/sessions/{note.occurrence_id}/draft/", theirs, changed
            ),
        )
        signing, saving = (answer.status for answer in answers)
        assert max(signing, saving) < 500
        row = Note.objects.get(pk=note.pk)
        found = what_stands(note)
        if signing == 302:
            assert found == WHOLE
            assert row.shared == note.shared
            assert saving == 422
        else:
            assert (found, row.shared) == (NOTHING, "Changed by the other.")
        assert NotePart.objects.filter(note=note).count() == 12
    assert trail.verify().ok


# -- a PostgreSQL of this test's own, which may be stopped like a power cut --


@pytest.fixture
def own_postgres(tmp_path, django_db_setup, django_db_blocker) -> Iterator[tuple[CarriedPostgres, Pages]]:
    """A carried server that keeps its promises (nothing forgetful), and pages that use it."""
    home = tmp_path / "home"
    postgres.put_migrated_data_into(home)
    environment = Environment.read(
        {
            "STEPWELL_HOME": str(home),
            "STEPWELL_DATABASE_POOL": "0",
            "STEPWELL_SECRET_KEY": settings.SECRET_KEY,
        }
    )
    server = CarriedPostgres(environment)
    server.start()
    link = connections["default"]
    before = dict(link.settings_dict)
    link.close()
    link.settings_dict.update(database_config(environment))
    link.settings_dict.setdefault("TEST", before["TEST"])
    pages = Pages(tmp_path / "pages")
    try:
        with django_db_blocker.unblock():
            pages.start()
            yield server, pages
    finally:
        if pages.process is not None and pages.process.poll() is None:
            pages.kill()
        connections.close_all()
        link.settings_dict.clear()
        link.settings_dict.update(before)
        server.stop()


@pytest.fixture
def cookie_in(own_postgres) -> Callable[[Staff], str]:
    """As `cookie_of`, in the database of this test's own server."""
    from django.test import Client

    def login(staff: Staff) -> str:
        client = Client()
        client.force_login(staff.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return f"sessionid={client.cookies['sessionid'].value}"

    return login


def stop_at_once(server: CarriedPostgres) -> None:
    """SIGQUIT: PostgreSQL's immediate shutdown. Nothing is written out, the log is replayed at the next start."""
    number = int((server.data / "postmaster.pid").read_text().split()[0])
    process = psutil.Process(number)
    os.kill(number, signal.SIGQUIT)
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(30)
    until = time.monotonic() + 30
    while server.is_running() and time.monotonic() < until:
        time.sleep(0.02)


def press_until_it_answers(pages: Pages, note: Note, cookie: str) -> int:
    """The pages find the new server by themselves; a click that meets the old connection may fail."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status = pages.post(path_of(note), cookie, the_form(note)).status
            if status < 500:
                return status
        time.sleep(0.1)
    raise AssertionError("the pages did not find the database again")
