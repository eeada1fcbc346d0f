"""`stepwell worker`: jobs and timers."""

import argparse

from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment

HELP = "Run jobs and timers. `demo` and `serve` start one worker themselves; more may run on other machines."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Runs until told to stop; a job under way is finished first."""
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        from stepwell.jobs.worker import work

        work()
    return 0
