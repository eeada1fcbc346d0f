"""`stepwell instruments`: which there are, whose words they are, and bringing words that a site may use."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from stepwell.cli.commands.score import json_of
from stepwell.clinic.assessment import rules
from stepwell.clinic.refusal import Refused
from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "List the questionnaires with their licenses, print one, or load words that the site may use. `show` needs no database."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which file or instrument."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    what.add_parser("list", help="name, license, and whether the words are here")
    show = what.add_parser("show", help="print one as a FHIR Questionnaire, to put words into")
    show.add_argument("instrument", metavar="INSTRUMENT", help="its name in any spelling, such as who5")
    load = what.add_parser("load", help="take in the words of a FHIR Questionnaire")
    load.add_argument("file", type=Path, metavar="FILE", help="as `show` prints it; - is standard input")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when it was done, 2 with one sentence when it was refused and nothing was changed."""
    try:
        if options.what == "show":
            slug = rules.find_instrument(options.instrument).slug
            print(json.dumps(rules.questionnaire(slug), indent=2))
            return 0
        words = rules.read_wording(json_of(options.file)) if options.what == "load" else None
    except Refused as no:
        raise Unready(no.sentence) from no
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        ready = _up_to_date(begin=words is not None)
        for line in listed(ready) if words is None else [take_in(words, datetime.now(UTC))]:
            print(line)
    return 0


def _up_to_date(*, begin: bool) -> bool:
    """Whether the tables are there. A database that is new is made ready where `begin`; an older one is not
    touched in passing. Raises `Unready` where words cannot be kept."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from stepwell.cli.commands.migrate import apply_migrations
    from stepwell.project.health import unapplied_migrations

    missing = unapplied_migrations()
    if missing and begin:
        if MigrationRecorder(connection).applied_migrations():
            raise Unready(
                f"{len(missing)} migrations are not applied. Make a backup, run stepwell migrate, load again."
            )
        apply_migrations()
    return not missing


def listed(ready: bool = True) -> list[str]:
    """A line for each instrument. `ready`: whether there is a table in which words could have been kept."""
    from stepwell.clinic.assessment.queries import languages_loaded

    loaded = languages_loaded() if ready else {}
    rows = [("instrument", "name", "license", "words")]
    for slug in rules.instruments():
        instrument = rules.load_instrument(slug)
        words = ["en, shipped"] if instrument.licence.text_shipped else []
        words += [f"{language}, loaded" for language in loaded.get(slug, ())]
        told = "; ".join(words) or f"labels only; {instrument.licence.text_from}"
        rows.append((slug, instrument.title, instrument.licence.kind, told))
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def take_in(words: rules.Wording, at: datetime) -> str:
    """Keeps the words; one line that says so. Raises `Unready` with the sentence of a refusal."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.assessment.actions import load_wording

    instrument = rules.load_instrument(words.instrument)
    try:
        load_wording(by=stepwell_itself(), at=at, words=words)
    except Refused as no:
        raise Unready(no.sentence) from no
    return (
        f"{instrument.title} is shown in these words ({words.language}) from now on: "
        f"{len(words.questions)} questions. The license: {instrument.licence.terms}"
    )
