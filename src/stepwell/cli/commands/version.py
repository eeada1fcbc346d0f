"""`stepwell version`."""

import argparse

from stepwell import __version__

HELP = "Print the version."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Prints it."""
    print(__version__)
    return 0
