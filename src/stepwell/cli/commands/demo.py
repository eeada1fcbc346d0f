"""`stepwell demo`: the whole of Stepwell with a synthetic clinic, on this machine, in one command."""

import argparse
import os

from stepwell.cli.commands.load_demo import load_demo_clinic
from stepwell.cli.commands.migrate import apply_migrations
from stepwell.project import serving
from stepwell.project.environment import Environment

HELP = "Run Stepwell with a synthetic clinic on this machine. Ctrl-C stops everything."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: the surroundings decide (PORT, STEPWELL_HOME and the other settings)."""


def run(_options: argparse.Namespace) -> int:
    """Runs until Ctrl-C."""
    os.environ["STEPWELL_DEMO"] = "1"
    os.environ.setdefault("STEPWELL_LOG", "pretty")
    environment = Environment.read()
    return serving.run(environment, prepare=prepare, ready=lambda: announce(environment))


def prepare() -> None:
    """Brings the database up to date and loads the demo clinic, unless it is there."""
    from stepwell.project.health import demo_is_loaded, unapplied_migrations

    if unapplied_migrations():
        serving.say("Preparing the database ...")
        apply_migrations()
    if not demo_is_loaded():
        serving.say("Loading the demo clinic ...")
        load_demo_clinic()


def announce(environment: Environment) -> None:
    """Prints where it is and who may log in."""
    from stepwell.cli.demo import LOGINS

    print(f"\nStepwell is ready at {environment.origin}\n")
    for line in login_lines(LOGINS):
        print(line)
    print("\nAll people in it are invented. Ctrl-C stops it.", flush=True)


def login_lines(logins: object) -> list[str]:
    """One line for each demo login: who, e-mail, password."""
    return [f"  {login.who:<22} {login.email:<34} {login.password}" for login in logins]  # type: ignore[attr-defined] # rows of cli.demo
