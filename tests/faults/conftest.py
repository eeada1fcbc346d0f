"""Real page servers on a database where commits are real, and people who press the same button at once."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from stepwell.clinic.people.models import Staff
from tests import postgres
from tests.faults.listener import Listening
from tests.operate.ground import PATIENCE, free_ports, surroundings

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_TOKEN = "f" * 32


@dataclass
class Pages:
    """One granian with two workers; `kill` is `kill -9` of everything at once."""

    home: object
    port: int = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "stepwell.project.wsgi:application"]
        command += ["--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", "2", "--blocking-threads", "1", "--log-level", "error"]
        self.process = subprocess.Popen(
            command,
            env=surroundings(self.home, self.port)
            | {
                "DATABASE_URL": postgres.url_of(connection.settings_dict),
                "STEPWELL_SECRET_KEY": settings.SECRET_KEY,
                "STEPWELL_DEMO": "1",
            },
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if self.get("/health/live").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the pages did not start within {PATIENCE:.0f} seconds")

    def kill(self) -> None:
        """Nothing gets to finish: every process of the server ends in this moment."""
        assert self.process is not None
        family = [
            psutil.Process(self.process.pid),
            *psutil.Process(self.process.pid).children(recursive=True),
        ]
        for one in reversed(family):
            one.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=20)
        self.process.wait(20)

    def get(self, path: str, cookie: str = "") -> http.client.HTTPResponse:
        return self._ask("GET", path, cookie)

    def post(
        self, path: str, cookie: str, fields: dict[str, object] | None = None
    ) -> http.client.HTTPResponse:
        return self._ask("POST", path, cookie, urlencode(fields or {}))

    def _ask(self, method: str, path: str, cookie: str, body: str = "") -> http.client.HTTPResponse:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"{cookie}; csrftoken={_TOKEN}"}
        if method == "POST":
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": _TOKEN,
                "Origin": f"http://127.0.0.1:{self.port}",
            }
        try:
            link.request(method, path, body or None, headers)
            answer = link.getresponse()
            answer.said = answer.read().decode()  # type: ignore[attr-defined] # the body, kept after the connection ends
            return answer
        finally:
            link.close()


@pytest.fixture
def pages(committed_database: None, tmp_path: object) -> Iterator[Pages]:
    running = Pages(tmp_path)
    running.start()
    yield running
    if running.process is not None and running.process.poll() is None:
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait(20)


@pytest.fixture
def listening(committed_database: None, tmp_path: object) -> Iterator[Listening]:
    running = Listening(tmp_path)
    running.start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


@pytest.fixture
def cookie_of(committed_database: None) -> Callable[[Staff], str]:
    """A session of this staff member, as a Cookie header for the real server."""

    def login(staff: Staff) -> str:
        client = Client()
        client.force_login(staff.user, backend=_BACKEND)
        return f"sessionid={client.cookies['sessionid'].value}"

    return login


@pytest.fixture
def all_at_once() -> Callable[..., list[http.client.HTTPResponse]]:
    """Runs the calls in threads that start together; the answers in their order."""

    def run(*calls: Callable[[], http.client.HTTPResponse]) -> list[http.client.HTTPResponse]:
        answers: list[http.client.HTTPResponse | None] = [None] * len(calls)
        gate = threading.Barrier(len(calls))

        def call(place: int) -> None:
            gate.wait()
            answers[place] = calls[place]()

        threads = [threading.Thread(target=call, args=(n,)) for n in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [answer for answer in answers if answer is not None]

    return run
