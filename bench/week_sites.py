"""`make bench-sites`: the weeks of many sites as jobs, computed by several worker processes of which one is killed.

    python -m bench.week_sites                          50 sites of 120 patients with 1, 2 and 4 workers: over an hour
    python -m bench.week_sites --quick                  6 sites of 15 patients, 3 s each, 1 and 2 workers
    python -m bench.week_sites --sites 20 --seconds 30  as said

Each worker is a process of its own, as on a machine of its own: it has an own empty folder and knows the others only
through PostgreSQL. The last run is made once more, and one worker of it is killed (`kill -9`) while it computes; what it
has left is taken up by the others when their timer finds it silent, within about 80 s, or with `--at-once` in 3 s.
All workers share this machine's cores: more workers make the seconds fewer, and each week gets less of a core.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = 3.0
"""Seconds of silence after which `--at-once` takes a worker for dead."""


@dataclass(frozen=True)
class Run:
    """Every site's week asked for once, and what came of it. `lost`: without a result; `twice`: with more than one."""

    workers: int
    killed: bool
    sites: int
    once: int
    lost: int
    twice: int
    taken_over: int
    seconds: float
    short: float

    @property
    def good(self) -> bool:
        return self.once == self.sites and not self.lost and not self.twice


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when every site was solved exactly once in every run."""
    parser = argparse.ArgumentParser(prog="python -m bench.week_sites", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="6 sites of 15 patients, 3 s each, 1 and 2 workers"
    )
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--patients", type=int, default=120, help="of each site")
    parser.add_argument("--seconds", type=int, default=30, help="in which each week is computed")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes in each run")
    parser.add_argument("--at-once", action="store_true", help="what was killed is given back in 3 s")
    asked = parser.parse_args(words)
    if asked.quick:
        asked.sites, asked.patients, asked.seconds, asked.workers = 6, 15, 3, [1, 2]
    with _database() as url:
        from bench.week.sites import fill_sites

        began = time.monotonic()
        weeks = fill_sites(datetime.now(UTC), asked.sites, asked.patients)
        print(
            f"{asked.sites} sites of {asked.patients} patients made in {time.monotonic() - began:.0f} s; "
            f"{asked.seconds} s for each week"
        )
        print(
            f"{'workers':>7}{'killed':>8}{'seconds':>9}{'sites':>7}{'once':>6}{'lost':>6}{'twice':>7}"
            f"{'taken over':>12}{'minutes short, median of a site':>34}"
        )
        runs = []
        for workers, kill in [*((one, False) for one in asked.workers), (max(2, asked.workers[-1]), True)]:
            run = compute(
                weeks, url, workers=workers, seconds=asked.seconds, kill=kill, at_once=asked.at_once
            )
            runs.append(run)
            print(
                f"{run.workers:>7}{'one' if kill else 'none':>8}{run.seconds:>9.1f}{run.sites:>7}{run.once:>6}"
                f"{run.lost:>6}{run.twice:>7}{run.taken_over:>12}{run.short:>34.0f}",
                flush=True,
            )
    print(f"{os.cpu_count()} cores; load of the machine {os.getloadavg()[0]:.1f} at the end.")
    good = all(run.good for run in runs)
    print("Every site was solved exactly once in every run." if good else "A SITE WAS LOST OR SOLVED TWICE.")
    return 0 if good else 1


def compute(
    weeks: Sequence[Any], url: str, *, workers: int, seconds: int, kill: bool = False, at_once: bool = False
) -> Run:
    """Asks for every week, starts the workers, and waits until all are answered. `url` is the workers' DATABASE_URL."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.timetable.actions import planning
    from stepwell.clinic.timetable.models import Solve, WeekVersion

    at = datetime.now(UTC)
    known = set(WeekVersion.objects.filter(week__in=weeks, origin="solved").values_list("pk", flat=True))
    asked = [planning.ask_solve(by=stepwell_itself(), at=at, week=week, seconds=seconds).pk for week in weeks]
    solves = Solve.objects.filter(pk__in=asked)
    killed = False
    began = time.monotonic()
    with _workers(url, workers) as team:
        # Generous: what is stuck is found by the table, not by waiting for ever.
        until = began + 300 + 4 * len(weeks) * (seconds + 30) / workers
        while solves.filter(state__in=("waiting", "running")).exists() and time.monotonic() < until:
            running = solves.filter(state="running", cost__isnull=False).count()
            if kill and not killed and running == workers:
                killed = True
                _kill(team[0])
            if killed and at_once:
                _find_silent(solves)
            time.sleep(0.2)
        took = time.monotonic() - began
    new = WeekVersion.objects.filter(week__in=weeks, origin="solved").exclude(pk__in=known)
    results = [len(new.filter(week=week)) for week in weeks]
    done = list(solves.filter(state="done", result__isnull=False))
    return Run(
        workers=workers,
        killed=killed,
        sites=len(weeks),
        once=sum(number == 1 for number in results),
        lost=len(weeks) - len(done),
        twice=sum(number > 1 for number in results),
        taken_over=sum(one.attempts > 1 for one in done),
        seconds=took,
        short=statistics.median([one.short_minutes or 0 for one in done] or [0]),
    )


@contextlib.contextmanager
def _workers(url: str, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Worker processes with a folder of their own each; told to stop at the end."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("STEPWELL", "DATABASE"))
    }
    team: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="stepwell-workers-") as folder:
        try:
            for place in range(number):
                home = Path(folder) / str(place)
                home.mkdir()
                variables = {
                    "DATABASE_URL": url,
                    "STEPWELL_HOME": str(home),
                    "STEPWELL_SECRET_KEY": "b" * 50,
                    "STEPWELL_LOG": "json",
                    "PYTHONPATH": str(ROOT / "src"),
                }
                with (home / "said").open("ab") as said:
                    team.append(
                        subprocess.Popen(
                            [sys.executable, "-m", "stepwell", "worker"], env=kept | variables, stderr=said
                        )
                    )
            yield team
        finally:
            for one in team:
                one.terminate()
            for one in team:
                one.wait(30)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """The process and what it has started, in this moment."""
    import psutil

    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    for one in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    worker.wait(30)


def _find_silent(solves: Any) -> None:
    """What the timer of the workers does, without its patience."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.timetable.actions import planning

    now = datetime.now(UTC)
    silent = solves.filter(state="running", heard_at__lt=now - timedelta(seconds=AT_ONCE))
    if silent.update(heard_at=now - timedelta(minutes=5)):
        planning.give_back_solves(by=stepwell_itself(), at=now)


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """An empty, migrated database of this run's own; gives its DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as home:
        os.environ |= {"STEPWELL_HOME": home, "STEPWELL_LOG": "json"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "stepwell.project.settings"
        from stepwell.project.carried_postgres import database_at_hand
        from stepwell.project.environment import Environment

        environment = Environment.read()
        with database_at_hand(environment):
            import django

            django.setup()
            logging.getLogger("stepwell").setLevel(logging.WARNING)
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            from bench.__main__ import database_url

            yield environment.database_url or database_url(environment)


if __name__ == "__main__":
    sys.exit(main())
