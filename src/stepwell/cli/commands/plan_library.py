"""`stepwell plan-library`: check a file of texts for plans, take one in for a site, print the one that ships."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from stepwell.cli.files import content_of
from stepwell.cli.sites import taken_in
from stepwell.clinic.plan import rules
from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment

HELP = "Check a file of texts that plans are written from, take it in for a site, or print the one that ships. `check` and `show` need no database."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, the file, and the site where there are several."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    check = what.add_parser("check", help="say what is wrong with a file, or that nothing is")
    check.add_argument("file", type=Path, metavar="FILE", help="texts as JSON; - is standard input")
    load = what.add_parser("load", help="take a file in: plans are written from it from now on")
    load.add_argument("file", type=Path, metavar="FILE", help="texts as JSON; - is standard input")
    load.add_argument("--site", default="", help="name of the site; needed where there are several")
    what.add_parser("show", help="print the texts that come with Stepwell, to start from")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when all is well, 1 when `check` found a fault, 2 with one sentence when something was refused."""
    if options.what == "show":
        print(rules.as_file(rules.shipped_library()), end="")
        return 0
    content = content_of(options.file, rules.library_size_limit())
    try:
        library = rules.read_library(content)
    except rules.LibraryRefused as no:
        print(no)
        return 1
    if options.what == "check":
        objectives = sum(len(problem.objectives) for problem in library.problems)
        print(
            f"{library.title} ({library.key}): {len(library.problems)} problems,"
            f" {objectives} objectives, nothing is wrong."
        )
        return 0
    return _load(library, options.site)


def _load(library: rules.Library, site_name: str) -> int:
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        print(take_in(library, site_name, datetime.now(UTC)))
    return 0


def take_in(library: rules.Library, site_name: str, at: datetime) -> str:
    """Takes it in; one line that says so. Raises `Unready` with the sentence of a refusal."""
    from stepwell.clinic.plan.actions import take_library

    row, site = taken_in(take_library, site_name, at, library=library)
    return f"{library.title} ({row.key}) is in use at {site.name} as version {row.version}."
