"""The `stepwell` command: one module for each thing it does, in `commands`."""

import argparse
import os
import sys
from collections.abc import Sequence

from stepwell.project.unready import Unready


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. An expected fault is one sentence and exit code 2."""
    from stepwell.cli.commands import COMMANDS

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
    parser = argparse.ArgumentParser(
        prog="stepwell", description="The software on which an intensive outpatient program runs."
    )
    chosen = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        one = chosen.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(one)
        one.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except Unready as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except KeyboardInterrupt:
        return 130
