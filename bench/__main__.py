"""`make bench`: fills a program of 500 patients, measures pages and writes beside the floor, prints one table."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

QUICK = "--quick" in sys.argv
ROUNDS = 3 if QUICK else 10
A_ROUND = 10 if QUICK else 20


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as home:
        os.environ |= {"STEPWELL_HOME": home, "STEPWELL_DEMO": "1", "STEPWELL_LOG": "json"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "stepwell.project.settings"
        from stepwell.project.environment import Environment

        environment = Environment.read()
        from stepwell.project.carried_postgres import database_at_hand

        with database_at_hand(environment):
            return _measured(environment)


def _measured(environment: Any) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from bench import program
    from bench.report import print_table
    from bench.rows import rows
    from bench.serving import served

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    begun = time.perf_counter()
    facts = program.fill(datetime.now(UTC))
    print(
        f"{facts['patients']} patients, one chart of {program.EVENTS} events, made in {time.perf_counter() - begun:.0f} s"
    )
    shared = {
        "STEPWELL_HOME": os.environ["STEPWELL_HOME"],
        "DATABASE_URL": _url(environment),
        "STEPWELL_SECRET_KEY": environment.secret_key,
        "STEPWELL_DEMO": "1",
    }
    with (
        served("stepwell.project.wsgi:application", shared) as pages,
        served("bench.floor.wsgi:application", shared) as floor,
        served("stepwell.project.wsgi:application", shared, workers=2) as many_pages,
        served("bench.floor.wsgi:application", shared, workers=2) as many_floor,
    ):
        table = rows(facts, pages, floor, many_pages, many_floor, rounds=ROUNDS, a_round=A_ROUND)
    print_table(table)
    return 0 if all(row.held for row in table) else 1


def _url(environment: Any) -> str:
    found = environment.connection_parameters
    return f"postgresql://{found['user']}@/{found['dbname']}?host={found['host']}&port={found['port']}"


if __name__ == "__main__":
    sys.exit(main())
