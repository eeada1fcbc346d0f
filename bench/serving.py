"""The servers that are measured: the pages and the floor, each as in production, on one database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@contextmanager
def served(application: str, environment: dict[str, str], log: Path, *, workers: int = 1) -> Iterator[int]:
    """A granian with one blocking thread for each worker, until the block ends; gives its port at once (see `await_all`).

    Log lines are written as in production, into the file `log`.
    """
    port = free_port()
    variables = {**os.environ, **environment, "PORT": str(port), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    command = [sys.executable, "-m", "granian", application, "--interface", "wsgi", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    command += ["--blocking-threads", "1", "--backlog", "1024", "--log-level", "warning"]
    with log.open("ab") as lines:
        process = subprocess.Popen(command, env=variables, cwd=ROOT, stderr=lines)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def live(environment: dict[str, str], log: Path) -> Iterator[int]:
    """A process of the live stream, until the block ends; gives its port at once (see `await_all`)."""
    port = free_port()
    variables = {
        **os.environ,
        **environment,
        "STEPWELL_LIVE_PORT": str(port),
        "PYTHONPATH": str(ROOT / "src"),
    }
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "stepwell.project.live"],
            env=variables,
            cwd=ROOT,
            stdout=lines,
            stderr=lines,
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def await_all(*ports: int) -> None:
    """Waits until every server answers; they start side by side. Raises SystemExit after 60 seconds."""
    for port in ports:
        _wait_for(port)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("A server that was to be measured did not start within a minute.")
