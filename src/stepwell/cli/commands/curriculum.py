"""`stepwell curriculum`: check a curriculum file, take one in for a site, list what is here, print the format's schema."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from stepwell.cli.files import content_of
from stepwell.cli.sites import taken_in
from stepwell.clinic.timetable.curriculum import rules
from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Check a curriculum file, take it in for a site, or print the format's schema. `check` and `schema` need no database."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, the file, and the site where there are several."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    check = what.add_parser("check", help="say what is wrong with a file, or that nothing is")
    check.add_argument("file", type=Path, metavar="FILE", help="a curriculum as JSON")
    load = what.add_parser("load", help="take a file in: the site uses it from now on")
    load.add_argument("file", type=Path, metavar="FILE", help="a curriculum as JSON")
    load.add_argument("--site", default="", help="name of the site; needed where there are several")
    what.add_parser("schema", help="print the JSON Schema of the format")
    show = what.add_parser("show", help="print one that comes with Stepwell, to start from")
    show.add_argument("key", metavar="KEY", help="such as relapse-prevention")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when all is well, 1 when `check` found a fault, 2 with one sentence when something was refused."""
    if options.what == "schema":
        print(rules.schema(), end="")
        return 0
    if options.what == "show":
        print(rules.as_file(_shipped(options.key)), end="")
        return 0
    try:
        curriculum = rules.read(content_of(options.file, rules.SIZE_LIMIT))
    except rules.CurriculumRefused as no:
        for fault in no.faults:
            print(fault)
        return 1
    if options.what == "check":
        topics = len(curriculum.topics)
        print(
            f"{curriculum.title} ({curriculum.key}): {topics} topic{'' if topics == 1 else 's'}, nothing is wrong."
        )
        return 0
    return _load(curriculum, options.site)


def _load(curriculum: rules.Curriculum, site_name: str) -> int:
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        print(take_in(curriculum, site_name, datetime.now(UTC)))
    return 0


def take_in(curriculum: rules.Curriculum, site_name: str, at: datetime) -> str:
    """Takes it in; one line that says so. Raises `Unready` with the sentence of a refusal."""
    from stepwell.clinic.timetable.curriculum.actions import take_curriculum

    row, site = taken_in(take_curriculum, site_name, at, curriculum=curriculum)
    return f"{row.title} ({row.key}) is in use at {site.name} as version {row.version}."


def _shipped(key: str) -> rules.Curriculum:
    found = rules.shipped().get(key)
    if found is None:
        raise Unready(f"No curriculum {key} comes with Stepwell. There are: {', '.join(rules.shipped())}.")
    return found
