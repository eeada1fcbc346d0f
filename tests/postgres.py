"""The PostgreSQL of the tests: the carried one, in a folder of its own, gone when the tests end.

One server for all the parallel processes, each with its own database. Migrating takes seconds, so the
migrated server is kept under `.pytest_cache`, named after everything it was made from, and copied. With
DATABASE_URL set, the tests use that server in Django's usual way instead.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from stepwell.project.carried_postgres import CarriedPostgres
from stepwell.project.database import database_config
from stepwell.project.environment import Environment

CHECKOUT = Path(__file__).resolve().parents[1]
_HOME = "STEPWELL_TEST_HOME"


def test_environment() -> Environment:
    """The surroundings of the tests' own database; starts its server in the first process to ask."""
    if os.environ.get("DATABASE_URL"):
        return Environment.read(dict(os.environ) | {"STEPWELL_DATABASE_POOL": "0"})
    if _HOME not in os.environ:
        os.environ[_HOME] = str(_started_in(Path(tempfile.mkdtemp(prefix="stepwell-tests-"))))
    return _surroundings(Path(os.environ[_HOME]))


test_environment.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


def database_settings() -> dict[str, Any]:
    """Django's `DATABASES["default"]` for the tests."""
    return database_config(test_environment())


def copy_database(name: str, source: str = "stepwell") -> None:
    """Makes a database like the migrated one (nobody may be connected to the source)."""
    _on_server(
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{source}"'
    )


def drop_database(name: str) -> None:
    """Removes a database, whoever is still connected to it."""
    _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server(*statements: str) -> None:
    parameters = test_environment().connection_parameters | {"dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as connection:
        for statement in statements:
            _once_nobody_vacuums(connection, statement)


def _once_nobody_vacuums(connection: psycopg.Connection[Any], statement: str) -> None:
    """FORCE may not end the server's own vacuuming of that database: it is over in a moment, so wait for it."""
    deadline = time.monotonic() + 30
    while True:
        try:
            connection.execute(statement)  # type: ignore[call-overload] # text of our own
            return
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def url_of(database: dict[str, Any]) -> str:
    """DATABASE_URL of Django's present database, for processes started by a test."""
    login = f"{database['USER']}:{quote(database['PASSWORD'])}"
    return f"postgresql://{login}@/{database['NAME']}?host={quote(database['HOST'])}&port={database['PORT']}"


def _surroundings(home: Path) -> Environment:
    return Environment.read(
        {"STEPWELL_HOME": str(home), "STEPWELL_DATABASE_POOL": "0", "STEPWELL_SECRET_KEY": "t" * 50}
    )


def put_migrated_data_into(home: Path) -> None:
    """Gives a home folder a stopped, migrated, empty carried database."""
    (home / "postgres").mkdir(parents=True)
    shelf = CHECKOUT / ".pytest_cache" / "stepwell"
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test runs may share the checkout
        kept = shelf / _fingerprint()
        if not kept.exists():
            for older in shelf.glob("*/"):
                shutil.rmtree(older, ignore_errors=True)
            _make_migrated(kept)
        subprocess.run(["cp", "-a", str(kept), str(home / "postgres" / "data")], check=True)


def _started_in(home: Path) -> Path:
    put_migrated_data_into(home)
    server = CarriedPostgres(_surroundings(home), forgetful=True)
    server.start()

    def clear_away(owner: int = os.getpid()) -> None:
        if os.getpid() == owner:  # not in a forked child
            server.stop()
            shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(server.environment.socket_folder, ignore_errors=True)

    atexit.register(clear_away)
    return home


def _make_migrated(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="stepwell-tests-") as making:
        surroundings = _surroundings(Path(making))
        server = CarriedPostgres(surroundings, forgetful=True)
        server.start()
        try:
            subprocess.run(
                [sys.executable, "-m", "stepwell", "migrate"],
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"STEPWELL_HOME": making, "PYTHONPATH": str(CHECKOUT / "src")},
            )
        finally:
            server.stop()
        aside = Path(tempfile.mkdtemp(dir=kept.parent))
        subprocess.run(["cp", "-a", str(server.data), str(aside / "data")], check=True)
        (aside / "data").rename(kept)
        aside.rmdir()


def _fingerprint() -> str:
    made_from = sorted((CHECKOUT / "src").glob("stepwell/**/migrations/*.py"))
    made_from += [CHECKOUT / "requirements.lock", CHECKOUT / "src/stepwell/project/settings.py"]
    made_from += [CHECKOUT / "src/stepwell/project/carried_postgres.py"]
    digest = hashlib.sha256(str(os.geteuid()).encode())
    for path in made_from:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:20]
