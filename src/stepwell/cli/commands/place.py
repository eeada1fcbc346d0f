"""`stepwell place`: the level of care that a case asks for, with its reasons. Files in, JSON out; no database."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from stepwell.cli.files import content_of
from stepwell.cli.sites import taken_in
from stepwell.clinic.placement import rules
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Print the level of care that a case asks for, why, and what would change it, as JSON: `stepwell place CASE.json`. Needs no database."
_MOST_BYTES = 1_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """A case, a table of the site's own, or the name of a format. A dash as a file is standard input."""
    parser.add_argument(
        "case", type=Path, nargs="?", metavar="FILE", help="a case as JSON, or - for standard input"
    )
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="a table of your own; alone, it is only checked"
    )
    parser.add_argument(
        "--schema", choices=("case", "table", "decision"), help="print the JSON Schema of a format"
    )
    parser.add_argument(
        "--take-in",
        action="store_true",
        help="use the table of --rules at a site from now on; needs the database",
    )
    parser.add_argument(
        "--site", default="", help="name of the site for --take-in; needed where there are several"
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0 with the answer on standard output; 2 with one sentence when something cannot be read."""
    if options.schema:
        print(rules.schema(options.schema), end="")
        return 0
    raw = content_of(options.rules, _MOST_BYTES) if options.rules else None  # once: it may be standard input
    table = _table(raw)
    if options.case is None:
        if table is None or raw is None:
            raise Unready("Name a file with a case, or a dash for standard input.")
        if options.take_in:
            return _taken_in(raw, options.site)
        many = len(table.rules)
        print(f"{table.name} {table.version}: {many} rule{'' if many == 1 else 's'}, nothing is wrong.")
        return 0
    if options.take_in:
        raise Unready("A table is taken in by itself; leave the case out.")
    try:
        case = rules.case_from(content_of(options.case, _MOST_BYTES), table)
    except rules.Misread as no:
        raise Unready(_told(no)) from no
    print(json.dumps(rules.as_document(rules.decide(case, table)), indent=2))
    return 0


def _table(raw: bytes | None) -> rules.Table | None:
    if raw is None:
        return None
    try:
        return rules.table_from(raw)
    except rules.Misread as no:
        raise Unready(f"The rule table cannot be used. {_told(no)}") from no


def _told(no: rules.Misread) -> str:
    return f"At {no.sentence}" if no.path else no.sentence


def _taken_in(raw: bytes, site_name: str) -> int:
    import django

    from stepwell.project.carried_postgres import database_at_hand

    with database_at_hand(Environment.read()):
        django.setup()
        print(take_in(raw, site_name, datetime.now(UTC)))
    return 0


def take_in(raw: bytes, site_name: str, at: datetime) -> str:
    """Takes the table in; one line that says so. Raises `Unready` with the sentence of a refusal."""
    from stepwell.clinic.placement.actions import take_table

    row, site = taken_in(take_table, site_name, at, document=rules.strict_json(raw))
    return f"{row.name} {row.version} decides at {site.name} from now on, for the {row.edition} edition."
