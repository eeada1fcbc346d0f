"""A job commits with what caused it, and survives the death of its worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection, transaction
from tests import postgres
from tests.operate.ground import PATIENCE

from stepwell.edi import timers as errands
from stepwell.jobs import timers


def states(job: int) -> list[str]:
    """How one job stands; none once it is done. A worker that starts defers what was due lately, too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        return [state for (state,) in cursor.fetchall()]


def test_every_timer_waits_at_most_once_in_the_queue_and_says_what_it_does():
    from procrastinate.contrib.django import app

    tasks = [timer.task for timer in app.periodic_registry.periodic_tasks.values()]
    written = {
        name
        for module in (timers, errands)
        for name, thing in vars(module).items()
        if getattr(thing, "queueing_lock", None) is not None
    }
    assert {task.name.rsplit(".", 1)[-1] for task in tasks} == written
    assert len({task.queueing_lock for task in tasks} - {None}) == len(tasks)
    assert [task.name for task in tasks if not task.func.__doc__] == []


def test_a_job_of_a_rolled_back_write_never_exists(committed_database):
    with transaction.atomic():
        job = timers.clear_expired_sessions.defer(timestamp=0)
        assert states(job) == ["todo"]
        transaction.set_rollback(True)
    assert states(job) == []


def test_every_night_the_timetable_grows_once(committed_database):
    with connection.cursor() as cursor:
        for _ in range(2):
            timers.extend_timetable(timestamp=1_772_500_000)
        cursor.execute("SELECT count(*) FROM audit_entry WHERE action = 'timetable.extend_horizon'")
        assert cursor.fetchone() == (2,)


def start_worker() -> subprocess.Popen[bytes]:
    more = {
        "DATABASE_URL": postgres.url_of(connection.settings_dict),
        "STEPWELL_HOME": str(postgres.test_environment().home),
        "PYTHONPATH": str(postgres.CHECKOUT / "src"),
    }
    return subprocess.Popen([sys.executable, "-m", "stepwell", "worker"], env=os.environ | more)


@pytest.fixture
def worker() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(start_worker())
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)


def until(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.processes
def test_a_job_whose_worker_was_killed_is_done_by_the_next_one(committed_database, worker):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('expired', '', now() - interval '1 day')")
    job = timers.clear_expired_sessions.defer(timestamp=0)
    parameters = {
        "host": connection.settings_dict["HOST"],
        "port": connection.settings_dict["PORT"],
        "user": connection.settings_dict["USER"],
        "password": connection.settings_dict["PASSWORD"],
        "dbname": connection.settings_dict["NAME"],
    }
    with psycopg.connect(**parameters) as holding:
        holding.execute("LOCK TABLE django_session IN EXCLUSIVE MODE")  # the job must wait in its middle
        first = worker()
        assert until(lambda: states(job) == ["doing"])
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
    assert states(job) == ["doing"]
    with connection.cursor() as cursor:  # half a minute later
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    worker()

    def expired_sessions_gone() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session WHERE session_key = 'expired'")
            return cursor.fetchone()[0] == 0

    assert until(expired_sessions_gone)
    assert until(lambda: states(job) == [])
