"""Running the jobs.

A process works twice: one part takes jobs and timers, the other computes weeks, one at a time, so that a week of
minutes holds up nothing else and the next one waits for whichever process is free first.

A process that is killed leaves its jobs marked as being done. Its heartbeat stops; after `DEAD_AFTER`
seconds any other worker, or the next one to start, gives the jobs back to the queue (the timer
`give_back_stalled_jobs` in `timers`).
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from typing import Any

DEAD_AFTER = 30.0
"""Seconds without a heartbeat after which a worker counts as dead."""
MAY_FINISH = 7.0
"""Seconds a job may go on once the worker is told to stop; after that it is left where it is, and done anew."""
QUEUES = (["default"], ["weeks"])
"""What each part of the process takes."""

stopping = threading.Event()
"""Set at once when this process is told to stop: a job that can be given back looks at it."""


def work() -> None:
    """Runs jobs and timers until SIGINT or SIGTERM; a job under way may finish within `MAY_FINISH`."""
    from procrastinate.contrib.django import app

    logging.getLogger("procrastinate").setLevel(logging.WARNING)

    async def run() -> None:
        connector: Any = app.connector  # Django's, which knows the one that suits a worker
        with app.replace_connector(connector.get_worker_connector()) as working:
            async with working.open_async():
                await give_back(working.job_manager)
                parts = [
                    asyncio.create_task(
                        working.run_worker_async(
                            queues=queues,
                            delete_jobs="successful",
                            install_signal_handlers=False,  # one signal stops both parts
                            shutdown_graceful_timeout=MAY_FINISH,
                            stalled_worker_timeout=DEAD_AFTER,
                        )
                    )
                    for queues in QUEUES
                ]
                for number in (signal.SIGINT, signal.SIGTERM):
                    asyncio.get_running_loop().add_signal_handler(number, _stop, parts)
                done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                _stop(parts)  # where one part has ended by itself, the whole process begins anew
                await asyncio.gather(*parts, return_exceptions=True)
                for part in done:
                    if not part.cancelled():
                        part.result()

    asyncio.run(run())


def _stop(parts: list[asyncio.Task[None]]) -> None:
    if stopping.is_set():
        return
    stopping.set()
    threading.Thread(target=_leave, daemon=True).start()
    for part in parts:
        part.cancel()


def _leave() -> None:
    """Ends the process when a job does not: its transaction is rolled back, and it is done by somebody else."""
    import time

    import psutil

    time.sleep(MAY_FINISH + 1)
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(0)


async def give_back(jobs: Any) -> int:
    """Gives the jobs of dead workers back to the queue; returns how many. `jobs` is procrastinate's JobManager."""
    from datetime import UTC, datetime

    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        await jobs.retry_job(job, retry_at=datetime.now(UTC))
    return len(stalled)


def living_workers() -> int:
    """How many worker processes gave a sign of life lately; each is known to the machinery once for each queue."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [DEAD_AFTER],
        )
        return -(-int(cursor.fetchone()[0]) // len(QUEUES))
