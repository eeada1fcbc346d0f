"""`stepwell load-demo`: the synthetic clinic, loaded once."""

import argparse
from datetime import UTC, datetime

from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Load the synthetic clinic (once; a second time finds it again). Needs STEPWELL_DEMO=1."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Loads the clinic into the database of these surroundings."""
    import django

    environment = Environment.read()
    if not environment.demo:
        raise Unready("The demo clinic does not belong among real patients; set STEPWELL_DEMO=1 to load it.")
    with database_at_hand(environment):
        django.setup()
        print("The demo clinic is loaded." if load_demo_clinic() else "The demo clinic is already there.")
    return 0


def load_demo_clinic() -> bool:
    """Loads the demo clinic around this moment; False when it is there already."""
    from stepwell.cli import demo

    return demo.load(at=datetime.now(UTC))
