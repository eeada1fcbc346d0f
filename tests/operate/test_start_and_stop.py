"""The whole of Stepwell as processes: it starts, stops, and loses nothing however it ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests import postgres
from tests.operate.ground import PATIENCE, clinic_in, free_ports, surroundings

pytestmark = pytest.mark.processes

KEEP = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, '', now())"
KEPT = "SELECT session_key FROM django_session"


def test_a_second_start_finds_what_the_first_one_kept(tmp_path: Path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        clinic.query(KEEP, "kept")
        assert clinic.stop() == 0
        assert clinic.start() < 30  # alone on the machine it is under five
        assert clinic.query(KEPT) == [("kept",)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process_behind_the_database_included(tmp_path: Path, number: signal.Signals):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        names = {" ".join(process.cmdline()[:3]) for process in clinic.seen.values()}
        assert any("granian" in name for name in names)
        assert any("bin/postgres" in name for name in names)
        assert clinic.stop(number) == 0
        assert clinic.still_running(within=1) == []


def test_kill_9_of_the_supervisor_ends_its_children_and_a_new_start_loses_nothing(tmp_path: Path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        clinic.query(KEEP, "kept")
        assert clinic.stop(signal.SIGKILL) == -signal.SIGKILL
        clinic.start()  # at once, while the old children may still be stopping
        assert clinic.query(KEPT) == [("kept",)]
        assert clinic.stop() == 0
        assert clinic.still_running() == []


def test_kill_9_of_everything_at_once_loses_nothing(tmp_path: Path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        clinic.query(KEEP, "kept")
        clinic.remember()
        for process in clinic.seen.values():
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        assert clinic.process is not None
        clinic.process.wait(PATIENCE)
        clinic.start()
        assert clinic.query(KEPT) == [("kept",)]


@pytest.mark.parametrize("which", ["granian", "stepwell.project.live", "stepwell worker", "bin/postgres"])
def test_what_ends_by_itself_is_started_again(tmp_path: Path, which: str):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        (victim,) = [
            process
            for process in psutil.Process(clinic.process.pid).children()  # type: ignore[union-attr] # it is running
            if which in " ".join(process.cmdline())
        ]
        victim.kill()
        victim.wait(10)

        def again() -> bool:
            return any(
                which in " ".join(process.cmdline()) and process.pid != victim.pid
                for process in psutil.Process(clinic.process.pid).children()  # type: ignore[union-attr] # it is running
            )

        for _ in range(int(PATIENCE * 10)):
            try:
                if again():
                    break
            except psutil.NoSuchProcess:
                pass
            signal.sigtimedwait([], 0.1)
        assert again()
        clinic.await_answer("/health/ready", 200)
        clinic.await_answer("/health/live", 200, port=clinic.port + 1)
        assert "starting it again." in clinic.said


def refusal(home: Path, port: int, *command: str, **more: str) -> tuple[int, str]:
    """Exit code and stderr of a command that is expected to refuse."""
    ended = subprocess.run(
        [sys.executable, "-m", "stepwell", *(command or ("serve",))],
        env=surroundings(home, port) | more,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_one_plain_sentence(tmp_path: Path, command: str):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert refusal(tmp_path / "home", port, command) == (
            2,
            f"Port {port} is taken. Stop what runs there, or choose another with PORT={port + 1 if port <= 65000 else port - 100}.\n",
        )
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_an_unwritable_folder_is_one_plain_sentence(tmp_path: Path, command: str):
    (tmp_path / "file").touch()  # a folder inside a file: root cannot write there either
    home = tmp_path / "file" / "home"
    assert refusal(home, free_ports(), command) == (
        2,
        f"The folder {home} cannot be written (Not a directory). "
        "Make it writable, or choose another with STEPWELL_HOME=.\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_one_plain_sentence(tmp_path: Path):
    tmp_path.chmod(0o500)
    code, said = refusal(tmp_path / "home", free_ports())
    assert (code, "cannot be written (Permission denied)" in said) == (2, True)


def test_one_folder_is_served_by_one_supervisor(tmp_path: Path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        code, said = refusal(clinic.home, free_ports())
        assert (code, said) == (
            2,
            f"Stepwell already runs from {clinic.home}, at http://127.0.0.1:{clinic.port}. "
            "Stop it there, or choose another folder with STEPWELL_HOME=.\n",
        )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"STEPWELL_ORIGIN": ""}, "Set STEPWELL_ORIGIN to what people type in the address bar"),
        ({"STEPWELL_ORIGIN": "http://iop.example.org"}, "patient data need https"),
        ({"STEPWELL_DEMO": "1"}, "a real clinic must not run as a demo"),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "The database named by DATABASE_URL does not answer",
        ),
        ({"DATABASE_URL": "mysql://here/there"}, "DATABASE_URL is not a PostgreSQL address"),
        ({"PORT": "eighty"}, "PORT is 'eighty'; it must be a whole number from 1 to 65535."),
    ],
)
def test_surroundings_unfit_for_patients_are_refused_in_one_sentence(
    tmp_path: Path, more: dict[str, str], sentence: str
):
    code, said = refusal(tmp_path / "home", free_ports(), **more)
    assert (code, sentence in said, said.count("\n")) == (2, True, 1)


def test_serving_an_old_database_is_refused_until_somebody_migrates(tmp_path: Path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        clinic.query("DELETE FROM django_migrations WHERE app = 'sessions'")
        clinic.stop()
        code, said = refusal(clinic.home, clinic.port)
        assert (code, "1 migrations are not applied" in said) == (2, True)


def test_a_home_with_a_very_long_path_works(tmp_path: Path):
    with clinic_in(tmp_path / ("long-" * 25)) as clinic:
        assert not clinic.environment.socket_folder.is_relative_to(clinic.home)
        clinic.start()
        assert clinic.query("SELECT 1") == [(1,)]
    assert postgres.CHECKOUT.exists()
