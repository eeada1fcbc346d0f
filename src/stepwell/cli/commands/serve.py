"""`stepwell serve`: a real clinic."""

import argparse
from urllib.parse import urlsplit

from stepwell.cli.commands.migrate import apply_migrations
from stepwell.project import serving
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Run Stepwell for a real clinic: pages, live stream, one job worker, and the carried database if no DATABASE_URL is set."


def arguments(parser: argparse.ArgumentParser) -> None:
    """--migrate, for sites that want the start to bring the database up to date."""
    parser.add_argument(
        "--migrate", action="store_true", help="apply missing migrations before starting, instead of refusing"
    )


def run(options: argparse.Namespace) -> int:
    """Runs until told to stop (SIGINT or SIGTERM)."""
    environment = Environment.read()
    check_fit_for_patients(environment)

    def prepare() -> None:
        from stepwell.project.health import unapplied_migrations

        missing = unapplied_migrations()
        if missing and not options.migrate:
            raise Unready(
                f"{len(missing)} migrations are not applied. Make a backup, run stepwell migrate, start again; "
                "or start with --migrate."
            )
        if missing:
            apply_migrations()

    def ready() -> None:
        serving.say(f"Stepwell is ready at {environment.origin}")

    return serving.run(environment, prepare=prepare, ready=ready)


def check_fit_for_patients(environment: Environment) -> None:
    """Raises `Unready` for surroundings that are good enough for a demo only."""
    if environment.demo:
        raise Unready(
            "STEPWELL_DEMO is 1, and a real clinic must not run as a demo; unset it, or use stepwell demo."
        )
    if not environment.origin_given:
        raise Unready(
            "Set STEPWELL_ORIGIN to what people type in the address bar, such as https://iop.example.org; "
            "cookies, passkeys and the live stream depend on it."
        )
    if not environment.secure and urlsplit(environment.origin).hostname not in (
        "localhost",
        "127.0.0.1",
        "::1",
    ):
        raise Unready(
            f"STEPWELL_ORIGIN is {environment.origin}, which is not encrypted; patient data need https "
            "(docs/operate/running.md shows a reverse proxy)."
        )
