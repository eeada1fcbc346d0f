"""Starts everything one clinic needs, watches over it, and stops it again.

The database (the carried one, unless DATABASE_URL names another), the page server, the live stream and
one job worker. Whatever ends by itself is started again. Ctrl-C or SIGTERM stops all of it, the
database last. Killed by -9, the supervisor can stop nothing: the kernel tells the children, and the
next start clears away what is left (`HOME/running` names it) before it begins.
"""

import _thread
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import psutil

from stepwell.project.carried_postgres import CarriedPostgres, check_answers, die_with_parent
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready, unwritable

PATIENCE_TO_STOP = 10.0
"""Seconds a child may take to finish what it does before it is killed."""
MOST_DEATHS = 5
"""A child that dies more often than this within a minute is a fault to be told, not to be restarted."""


@dataclass
class Child:
    """One process we look after: what people call it, its command, and the running process."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C reaches only us."""
        self.process = subprocess.Popen(  # noqa: S603 -- our own commands, no shell
            self.command,
            stdin=subprocess.DEVNULL,
            env=os.environ
            | {"STEPWELL_SUPERVISED": "1", "DJANGO_SETTINGS_MODULE": "stepwell.project.settings"},
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )

    def signal(self, number: signal.Signals) -> None:
        """Signals the process and whatever it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def children_of(environment: Environment) -> list[Child]:
    """The processes beside the database."""
    python = sys.executable
    pages = [python, "-m", "granian", "stepwell.project.wsgi:application", "--interface", "wsgi"]
    pages += ["--host", environment.host, "--port", str(environment.port), "--no-ws"]
    pages += ["--workers", str(environment.workers), "--blocking-threads", "1", "--backlog", "1024"]
    pages += ["--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "8"]
    children = [
        Child("pages", pages),
        Child("live stream", [python, "-m", "stepwell.project.live"]),
        Child("job worker", [python, "-m", "stepwell", "worker"]),
    ]
    if environment.janus:
        children.append(Child("video relay", [python, "-m", "stepwell.project.video_relay"]))
    return children


def run(environment: Environment, *, prepare: Callable[[], None], ready: Callable[[], None]) -> int:
    """Runs the clinic until told to stop; returns the exit code.

    `prepare` is called once the database answers (migrations, demo data), `ready` once people can
    work. Raises `Unready` when it cannot start at all.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    with alone_in_home(environment) as record:
        check_port(environment.host, environment.port, "PORT", environment.port + 1)
        check_port(environment.host, environment.live_port, "STEPWELL_LIVE_PORT", environment.live_port + 100)
        database = None if environment.database_url else CarriedPostgres(environment)
        children = children_of(environment)
        try:
            if database is not None:
                database.begin()  # it starts while Django is imported below
            else:
                check_answers(environment)
            import django

            django.setup()
            if database is not None:
                database.await_answer()
            prepare()
            if stop.is_set():
                return 0
            for child in children:
                child.start()
            write_down(record, children)
            if not await_ready(environment, children, stop):
                return 0 if stop.is_set() else 1
            ready()
            return watch(children, database, stop, lambda: write_down(record, children))
        finally:
            # From here on Ctrl-C is heard but changes nothing: the stop is under way.
            stop_children(children)
            if database is not None:
                database.stop()
            record.truncate(0)


def stop_on_signals(stop: threading.Event) -> None:
    """Sets `stop` when somebody asks this process to end.

    The signal may come while this very thread holds the event's lock in `wait`, where setting it would wait for
    itself for ever: another thread sets it.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))


def watch(
    children: list[Child],
    database: CarriedPostgres | None,
    stop: threading.Event,
    changed: Callable[[], None],
) -> int:
    """Restarts whatever ends by itself, until told to stop; returns the exit code."""
    while not stop.wait(0.25):
        if database is not None and not database.is_running():
            say("The database ended by itself; starting it again.")
            database.start()
        for child in children:
            if child.process is None or child.process.poll() is None:
                continue
            now = time.monotonic()
            child.deaths = [at for at in child.deaths if now - at < 60] + [now]
            if len(child.deaths) > MOST_DEATHS:
                say(f"The {child.name} keeps ending by itself; stopping. Its last lines above say why.")
                return 1
            child.signal(signal.SIGKILL)  # what it may have left of its own
            how = _how_it_ended(child.process.returncode)
            if stop.wait(min(0.2 * 2 ** (len(child.deaths) - 1), 5)):
                break
            say(f"The {child.name} {how}; starting it again.")
            child.start()
            changed()
    return 0


def stop_children(children: list[Child]) -> None:
    """Asks all at once, waits, and kills what does not listen."""
    for child in children:
        child.signal(signal.SIGTERM)
    patience = time.monotonic() + PATIENCE_TO_STOP
    for child in children:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, patience - time.monotonic()))
            child.signal(signal.SIGKILL)
            child.process.wait()


def await_ready(environment: Environment, children: list[Child], stop: threading.Event) -> bool:
    """Waits until the pages say that people can work; False when told to stop or when one died."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(environment.host, environment.host)  # noqa: S104 - recognised, not bound to
    url = f"http://{host}:{environment.port}/health/ready"
    last = "no answer"
    patience = time.monotonic() + 60
    while not stop.wait(0.05):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return True
        except urllib.error.HTTPError as answer:
            last = answer.read(500).decode(errors="replace")
        except OSError as fault:
            last = str(fault)
        for child in children:
            if child.process is not None and child.process.poll() is not None:
                say(f"The {child.name} {_how_it_ended(child.process.returncode)} at the start; stopping.")
                return False
        if time.monotonic() > patience:
            say(f"The pages did not become ready within a minute: {last}")
            return False
    return False


@contextlib.contextmanager
def alone_in_home(environment: Environment) -> Iterator[IO[str]]:
    """Holds the home folder for one supervisor and yields the file that names its processes.

    What a killed supervisor left running is stopped first. Raises `Unready`.
    """
    path = environment.home / "running"
    try:
        environment.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        record = path.open("a+")
    except OSError as fault:
        raise unwritable(environment.home, fault) from fault
    with record:
        record.seek(0)
        try:
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = _read(record).get("origin", "another address")
            raise Unready(
                f"Stepwell already runs from {environment.home}, at {where}. "
                "Stop it there, or choose another folder with STEPWELL_HOME=."
            ) from None
        _clear_away(_read(record).get("processes", []))
        record.truncate(0)
        record.write(json.dumps({"origin": environment.origin, "processes": []}))
        record.flush()
        yield record


def write_down(record: IO[str], children: list[Child]) -> None:
    """Notes which processes are ours, for a later start to find."""
    record.seek(0)
    known = _read(record)
    processes = []
    for child in children:
        if child.process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                processes.append([child.process.pid, psutil.Process(child.process.pid).create_time()])
    record.truncate(0)
    record.write(json.dumps(known | {"processes": processes}))
    record.flush()


def check_port(host: str, port: int, setting: str, other: int) -> None:
    """Raises `Unready` when somebody listens on the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            raise Unready(f"Port {port} needs root; choose one above 1023 with {setting}=8000.") from None
        except OSError as fault:
            if port > 65000:
                other = port - 100
            if fault.errno == 98 or "in use" in str(fault):
                raise Unready(
                    f"Port {port} is taken. Stop what runs there, or choose another with {setting}={other}."
                ) from None
            raise Unready(f"The address {host} is not this machine's; choose another with HOST=.") from None


def check_home(environment: Environment) -> None:
    """Raises `Unready` when the home folder cannot be made or written."""
    probe = environment.home / f".probe-{os.getpid()}"
    try:
        environment.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as fault:
        raise unwritable(environment.home, fault) from fault


def say(sentence: str) -> None:
    """One line to whoever started us."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _clear_away(processes: list[list[float]]) -> None:
    """Ends what an earlier, killed supervisor left, recognised by number and time of start."""
    left = []
    for number, began in processes:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(int(number))
            if abs(process.create_time() - began) < 0.05:
                left += [process, *process.children(recursive=True)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(left, timeout=PATIENCE_TO_STOP)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=2)


def _read(record: IO[str]) -> dict[str, Any]:
    record.seek(0)
    try:
        found = json.loads(record.read() or "{}")
    except ValueError:
        return {}  # a kill -9 in the middle of writing it
    return found if isinstance(found, dict) else {}


def _how_it_ended(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended by itself (exit code {code})"
