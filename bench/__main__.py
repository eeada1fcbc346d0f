"""`make bench`: fills a program of 500 patients, measures pages and writes beside the floor, prints one table."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOME = "BENCH_HOME"
"""Environment variable: a folder that keeps the filled database for the next run."""


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when the table was printed; with --strict 1 when a goal was missed."""
    asked = _asked(words)
    with _home() as home:
        os.environ |= {"STEPWELL_HOME": home, "STEPWELL_DEMO": "1", "STEPWELL_LOG": "json"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "stepwell.project.settings"
        from stepwell.project.carried_postgres import database_at_hand
        from stepwell.project.environment import Environment

        environment = Environment.read()
        with database_at_hand(environment):
            table = _measured(environment, asked)
    missed = sum(not row.held for row in table)
    print(f"{missed} of {len(table)} rows missed their goal." if missed else "Every goal is held.")
    return 1 if missed and asked.strict else 0


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests of each, for a first look")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--patients", type=int, default=500, help="people in the program (500 is the goal's)")
    return parser.parse_args(words)


@contextlib.contextmanager
def _home() -> Iterator[str]:
    kept = os.environ.get(HOME)
    if kept:
        yield str(Path(kept).absolute())
        return
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as home:
        yield home


def _measured(environment: Any, asked: argparse.Namespace) -> list[Any]:
    import django

    django.setup()
    logging.getLogger("stepwell").setLevel(logging.WARNING)  # the servers' lines go into a file
    from bench.report import print_table
    from bench.rows import Extent, rows
    from bench.serving import await_all, live, served

    facts = _filled(environment.home, asked.patients)
    shared = {
        "STEPWELL_HOME": os.environ["STEPWELL_HOME"],
        "DATABASE_URL": database_url(environment),
        "STEPWELL_SECRET_KEY": environment.secret_key,
        "STEPWELL_DEMO": "1",
    }
    log = environment.home / "servers.log"
    extent = (
        Extent(warm=4, rounds=3, a_round=8, writes=20, seconds=1, arrivals=20) if asked.quick else Extent()
    )
    with (
        served("stepwell.project.wsgi:application", shared, log) as pages,
        served("bench.floor.wsgi:application", shared, log) as floor,
        served("stepwell.project.wsgi:application", shared, log, workers=2) as many_pages,
        served("bench.floor.wsgi:application", shared, log, workers=2) as many_floor,
        live(shared, log) as one,
        live(shared, log) as other,
    ):
        await_all(pages, floor, many_pages, many_floor, one, other)
        before = os.getloadavg()[0]
        table = rows(facts, pages, floor, many_pages, many_floor, [one, other], extent)
    print_table(table)
    print(
        f"{os.cpu_count()} cores; load of the machine {before:.1f} before and {os.getloadavg()[0]:.1f} after"
        " (the bench itself makes 1 to 2)."
    )
    return table


def _filled(home: Path, patients: int) -> dict[str, Any]:
    """Facts of the database in `home`: of a run of the same size a little earlier, else filled now."""
    from django.core.management import call_command

    from bench import program

    kept = home / "bench.json"
    now = datetime.now(UTC)
    if kept.exists():
        facts: dict[str, Any] = json.loads(kept.read_text())
        if facts["patients"] == patients and now - datetime.fromisoformat(facts["made_at"]) < program.KEEPS:
            call_command("migrate", verbosity=0)
            return facts
        raise SystemExit(f"{home} holds another hour or size of program; empty the folder and start again.")
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    begun = time.perf_counter()
    facts = {**program.fill(now, patients), "made_at": now.isoformat()}
    print(
        f"{facts['patients']} patients, one chart of {program.EVENTS} events, made in {time.perf_counter() - begun:.0f} s"
    )
    kept.write_text(json.dumps(facts))
    return facts


def database_url(environment: Any) -> str:
    """DATABASE_URL of the carried database, for processes that are started beside it."""
    found = environment.connection_parameters
    return f"postgresql://{found['user']}@/{found['dbname']}?host={found['host']}&port={found['port']}"


if __name__ == "__main__":
    sys.exit(main())
