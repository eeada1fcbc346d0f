"""Running the jobs.

A worker that is killed leaves its job marked as being done. Its heartbeat stops; after `DEAD_AFTER`
seconds any other worker, or the next one to start, gives the job back to the queue (the timer
`give_back_stalled_jobs` in `timers`).
"""

import asyncio
import logging
from typing import Any

DEAD_AFTER = 30.0
"""Seconds without a heartbeat after which a worker counts as dead."""


def work() -> None:
    """Runs jobs and timers until SIGINT or SIGTERM; a job under way may finish (8 s at most)."""
    from procrastinate.contrib.django import app

    logging.getLogger("procrastinate").setLevel(logging.WARNING)

    async def run() -> None:
        connector: Any = app.connector  # Django's, which knows the one that suits a worker
        with app.replace_connector(connector.get_worker_connector()) as working:
            async with working.open_async():
                await give_back(working.job_manager)
                await working.run_worker_async(
                    concurrency=2,  # one of them may compute a week for minutes while the timers go on
                    delete_jobs="successful",
                    shutdown_graceful_timeout=8,
                    stalled_worker_timeout=DEAD_AFTER,
                )

    asyncio.run(run())


async def give_back(jobs: Any) -> int:
    """Gives the jobs of dead workers back to the queue; returns how many. `jobs` is procrastinate's JobManager."""
    from datetime import UTC, datetime

    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        await jobs.retry_job(job, retry_at=datetime.now(UTC))
    return len(stalled)


def living_workers() -> int:
    """How many workers gave a sign of life lately."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [DEAD_AFTER],
        )
        return int(cursor.fetchone()[0])
