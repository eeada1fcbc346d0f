"""`stepwell migrate`: brings the database to what this version expects."""

import argparse

from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment

HELP = "Bring the database up to date with this version of Stepwell."


def arguments(parser: argparse.ArgumentParser) -> None:
    """--check tells without changing anything."""
    parser.add_argument(
        "--check", action="store_true", help="only tell what is missing; exit code 1 if anything is"
    )


def run(options: argparse.Namespace) -> int:
    """Applies what is missing, or with --check lists it."""
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        from stepwell.project.health import unapplied_migrations

        missing = unapplied_migrations()
        if options.check:
            print("\n".join(missing) or "The database is up to date.")
            return 1 if missing else 0
        apply_migrations()
        print(f"{len(missing)} migrations applied." if missing else "The database is up to date.")
    return 0


def apply_migrations() -> None:
    """Applies every missing migration; needs Django set up and the database running."""
    from django.core.management import call_command
    from django.db import connection

    # Two machines that start at once take turns; the second finds nothing left to do.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


_MIGRATING = 7_805_393
"""Any number, as long as everybody who migrates uses the same."""
