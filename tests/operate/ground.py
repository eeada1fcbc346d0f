"""Starting and stopping the real thing for tests: `stepwell serve` with a home folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from tests import postgres

from stepwell.project.environment import Environment

PATIENCE = 90.0
"""Seconds; generous, because a test machine may have two cores and much to do."""


def free_ports() -> int:
    """A port that is free and whose next one is free too (pages and live stream)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def surroundings(home: Path, port: int) -> dict[str, str]:
    """Environment variables for one small clinic on this machine."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("STEPWELL", "DATABASE"))
    }
    return kept | {
        "STEPWELL_HOME": str(home),
        "PORT": str(port),
        "STEPWELL_ORIGIN": f"http://127.0.0.1:{port}",
        "STEPWELL_WORKERS": "1",
        "PYTHONPATH": str(postgres.CHECKOUT / "src"),
    }


@dataclass
class Clinic:
    """One running `stepwell serve`; `said` is what it wrote to stderr."""

    home: Path
    port: int
    command: tuple[str, ...] = ("serve",)
    process: subprocess.Popen[bytes] | None = None
    seen: dict[int, psutil.Process] = field(default_factory=dict)
    further: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Environment:
        return Environment.read(surroundings(self.home, self.port) | self.further)

    @property
    def said(self) -> str:
        return (self.home.parent / "said").read_text(errors="replace")

    def start(self) -> float:
        """Starts it and waits until it is ready; returns the seconds that took."""
        began = time.monotonic()
        with (self.home.parent / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stepwell", *self.command],
                env=surroundings(self.home, self.port) | self.further,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self.await_answer("/health/ready", 200)
        took = time.monotonic() - began
        self.remember()
        return took

    def remember(self) -> None:
        """Notes every process that belongs to it now."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        for process in [supervisor, *supervisor.children(recursive=True)]:
            self.seen[process.pid] = process

    def await_answer(self, path: str, status: int, port: int | None = None) -> bytes:
        """Asks until the answer has this status."""
        deadline, last = time.monotonic() + PATIENCE, "nothing"
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, f"it ended: {self.said}"
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port or self.port}{path}", timeout=10
                ) as answer:
                    last, body = str(answer.status), answer.read()
            except urllib.error.HTTPError as answer:
                last, body = str(answer.code), answer.read()
            except OSError as fault:
                last, body = str(fault), b""
            if last == str(status):
                return body
            time.sleep(0.05)
        raise AssertionError(f"{path} never answered {status}, last: {last}; it said: {self.said}")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signals the supervisor and waits for its end; returns the exit code."""
        assert self.process is not None
        self.remember()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def still_running(self, within: float = 20.0) -> list[str]:
        """Commands of those of its processes that are alive after so many seconds; best empty."""
        deadline = time.monotonic() + within
        while True:
            alive = []
            for process in self.seen.values():
                try:
                    if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                        alive.append(" ".join(process.cmdline()))
                except psutil.NoSuchProcess:
                    continue
            if not alive or time.monotonic() > deadline:
                return alive
            time.sleep(0.1)

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Runs one statement in its database and commits."""
        with psycopg.connect(**self.environment.connection_parameters) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[call-overload] # text of our own
            return cursor.fetchall() if cursor.description else []


@contextmanager
def clinic_in(folder: Path, *command: str) -> Iterator[Clinic]:
    """A clinic with a migrated, empty database, not started yet; nothing of it survives the test."""
    home = folder / "home"
    postgres.put_migrated_data_into(home)
    clinic = Clinic(home, free_ports(), command or ("serve",))
    try:
        yield clinic
    finally:
        if clinic.process is not None and clinic.process.poll() is None:
            clinic.stop()
        for process in clinic.seen.values():
            try:
                if process.is_running():
                    process.kill()
            except psutil.NoSuchProcess:
                continue
