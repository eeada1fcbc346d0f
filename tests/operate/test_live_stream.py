"""News reaches every open page within a second, whichever process it is connected to, and nobody else."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from tests import postgres
from tests.operate.ground import PATIENCE, free_ports

from stepwell.accounts.live_topics import NotYours, announce, read_topics, session_digest, sign_topics

TOPIC = "attendance:812"


def test_a_token_says_what_was_signed_and_nothing_else():
    token = sign_topics(user_id=7, session_key="abc", topics=[TOPIC, "board:3", TOPIC])
    listening = read_topics(token)
    assert (listening.user_id, listening.session_digest, listening.topics) == (
        "7",
        session_digest("abc"),
        frozenset({TOPIC, "board:3"}),
    )
    assert "abc" not in token


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: t + "é\x00"])
def test_a_spoiled_token_is_refused(spoil):
    token = sign_topics(user_id=7, session_key="abc", topics=[TOPIC])
    with pytest.raises(NotYours, match=r"^This is not an address that Stepwell gave out\.$"):
        read_topics(spoil(token))


def test_an_old_token_is_refused(time_machine):
    time_machine.move_to("2026-03-02T08:00:00Z")
    token = sign_topics(user_id=7, session_key="abc", topics=[TOPIC])
    time_machine.move_to("2026-03-02T20:00:30Z")
    with pytest.raises(NotYours, match=r"^This page has been open too long; load it again\.$"):
        read_topics(token)


@pytest.mark.parametrize("topic", ["", "Maria Lopez", "patient:K7Q2 Lopez", "a:1:2:3", "board:3\n", "x" * 99])
def test_a_topic_has_no_room_for_a_name(topic: str):
    with pytest.raises(ValueError, match="A topic is a kind"):
        sign_topics(user_id=7, session_key="abc", topics=[topic])


# -- with real processes --


@dataclass
class Stream:
    """One connected browser."""

    port: int
    token: str
    session: str
    origin: str | None = None

    def __enter__(self) -> "Stream":
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": f"other=1; sessionid={self.session}"}
        if self.origin is not None:
            headers["Origin"] = self.origin
        self.line.request("GET", f"/live?topics={self.token}", headers=headers)
        self.answer = self.line.getresponse()
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def until(self, prefix: str) -> str:
        """The rest of the next line that begins so; empty when the stream ended first."""
        while line := self.answer.readline().decode():
            if line.startswith(prefix):
                return line.removeprefix(prefix).strip()
        return ""


@pytest.fixture
def two_streams(committed_database: None) -> Iterator[list[int]]:
    """Ports of two live processes on this test's own database."""
    page, ports, processes = free_ports(), [free_ports(), free_ports()], []
    for port in ports:
        more = {
            "DATABASE_URL": postgres.url_of(connection.settings_dict),
            "PORT": str(page),
            "STEPWELL_ORIGIN": "",
            "STEPWELL_LIVE_PORT": str(port),
            "STEPWELL_SECRET_KEY": "t" * 50,
            "STEPWELL_HOME": str(postgres.test_environment().home),
            "PYTHONPATH": str(postgres.CHECKOUT / "src"),
        }
        processes.append(
            subprocess.Popen([sys.executable, "-m", "stepwell.project.live"], env=os.environ | more)
        )
    for port in ports:
        _await(port)
    yield [*ports, page]
    for process in processes:
        process.terminate()
    began = time.monotonic()
    for process in processes:
        assert process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 5, "open streams must not hold up a stop"


def _await(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/health/live")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            line.close()
    raise AssertionError(f"nothing answers on {port}")


@pytest.fixture
def login(settings, two_streams: list[int]):
    """A logged-in user: (user id, session key, token for TOPIC), all signed with the servers' key."""
    settings.SECRET_KEY = "t" * 50

    def made(email: str) -> tuple[int, str, str]:
        user = get_user_model().objects.create_user(email, "a long password", name="Somebody")
        browser = Client()
        browser.force_login(user)
        key = browser.cookies["sessionid"].value
        return user.pk, key, sign_topics(user_id=user.pk, session_key=key, topics=[TOPIC])

    return made


@pytest.mark.processes
def test_two_processes_deliver_one_announcement_within_a_second(two_streams: list[int], login):
    _, session, token = login("a@example.org")
    with Stream(two_streams[0], token, session) as one, Stream(two_streams[1], token, session) as two:
        for stream in (one, two):
            assert stream.until("event: ") == "listening"
            stream.until("data: ")
        began = time.monotonic()
        with transaction.atomic():
            announce("board:3", TOPIC)
        heard = [json.loads(stream.until("data: ")) for stream in (one, two)]
        assert time.monotonic() - began < 1
        assert heard[0] == heard[1]
        assert (heard[0].keys(), heard[0]["topic"]) == ({"topic", "n"}, TOPIC)


@pytest.mark.processes
def test_what_is_rolled_back_is_never_announced(two_streams: list[int], login):
    _, session, token = login("a@example.org")
    with Stream(two_streams[0], token, session) as stream:
        stream.until("data: ")
        with transaction.atomic():
            announce(TOPIC)
            transaction.set_rollback(True)
        with transaction.atomic():
            announce(TOPIC)
            cursor = connection.cursor()
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            committed = cursor.fetchone()[0]
        assert json.loads(stream.until("data: "))["n"] == committed


@pytest.mark.processes
def test_a_stranger_hears_nothing(two_streams: list[int], login):
    port, page = two_streams[0], two_streams[2]
    _, session, token = login("a@example.org")
    other_user, other_session, _ = login("b@example.org")
    stolen = "This address was made for somebody else."
    cases = {
        "her token, his session": (Stream(port, token, other_session), 403, stolen),
        "her token, no session": (Stream(port, token, ""), 403, "You are not logged in."),
        "no token": (Stream(port, "", session), 403, "This is not an address that Stepwell gave out."),
        "his name on her session": (
            Stream(port, sign_topics(user_id=other_user, session_key=session, topics=[TOPIC]), session),
            403,
            "You are not logged in any more.",
        ),
        "another site's page": (
            Stream(port, token, session, "https://evil.example"),
            403,
            "This page may not listen here.",
        ),
    }
    found = {}
    for name, (stream, _, _) in cases.items():
        with stream:
            found[name] = (stream.answer.status, stream.answer.read().decode())
    assert found == {name: (status, said) for name, (_, status, said) in cases.items()}
    with Stream(port, token, session, f"http://127.0.0.1:{page}") as own:
        assert own.answer.status == 200
        assert own.answer.headers["Access-Control-Allow-Origin"] == f"http://127.0.0.1:{page}"
        assert own.answer.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.processes
@pytest.mark.parametrize("ending", ["logged out", "no longer active", "password changed"])
def test_a_session_that_ended_is_refused(two_streams: list[int], login, ending: str):
    user_id, session, token = login("a@example.org")
    user = get_user_model().objects.get(pk=user_id)
    if ending == "logged out":
        SessionStore(session).delete()
    elif ending == "no longer active":
        user.is_active = False
        user.save()
    else:
        user.set_password("another long password")
        user.save()
    with Stream(two_streams[0], token, session) as stream:
        assert (stream.answer.status, stream.answer.read()) == (403, b"You are not logged in any more.")


@pytest.mark.processes
def test_after_a_broken_line_to_the_database_pages_are_told_to_refetch(two_streams: list[int], login):
    _, session, token = login("a@example.org")
    with Stream(two_streams[0], token, session) as stream:
        stream.until("data: ")
        connection.cursor().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"
            " AND datname = current_database()"
        )
        assert stream.until("event: ") == "refetch"
        announce(TOPIC)
        assert stream.until("data: ") == "{}"
        assert json.loads(stream.until("data: "))["topic"] == TOPIC
