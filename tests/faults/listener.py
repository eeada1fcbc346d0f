"""A real listener of laboratory results, and what a laboratory does at its other end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from stepwell.edi.hl7 import framed
from tests import postgres
from tests.operate.ground import PATIENCE, free_ports, surroundings


class Listening:
    """One `stepwell lab listen` on a port of its own; `kill` is `kill -9`."""

    def __init__(self, home: Any) -> None:
        self.home, self.port = home, free_ports()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "stepwell",
                "lab",
                "listen",
                "--port",
                str(self.port),
                "--only",
                "127.0.0.0/8",
            ],
            env=surroundings(self.home, self.port)
            | {
                "DATABASE_URL": postgres.url_of(connection.settings_dict),
                "STEPWELL_SECRET_KEY": settings.SECRET_KEY,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                self.connect().close()
                return
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the listener did not start within {PATIENCE:.0f} seconds")

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(20)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def send(self, contents: Sequence[bytes]) -> list[bytes]:
        """Each in a frame over one connection, waiting for each answer."""
        answers = []
        with self.connect() as link:
            for content in contents:
                link.sendall(framed(content))
                answers.append(answer_from(link))
        return answers


def answer_from(link: socket.socket) -> bytes:
    got = b""
    while not got.endswith(b"\x1c\r"):
        portion = link.recv(4096)
        if not portion:
            raise ConnectionError("closed before the answer")
        got += portion
    return got


def answers_from(link: socket.socket, count: int) -> list[bytes]:
    """So many answers, each without its frame."""
    got = b""
    while got.count(b"\x1c\r") < count:
        portion = link.recv(65536)
        if not portion:
            raise ConnectionError("closed before the answer")
        got += portion
    return [one.lstrip(b"\x0b") for one in got.split(b"\x1c\r")[:-1]]
