"""`stepwell handoff import FILE`: a hospital's hand-off becomes an inquiry, for a person to look through."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stepwell.cli.files import content_of
from stepwell.cli.sites import site_called
from stepwell.clinic.inquiry.handoff.reading import SIZE_LIMIT, Handoff, HandoffRefused, read_handoff
from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Take in a hospital's hand-off: `stepwell handoff import FILE` reads a FHIR R4 bundle and makes an inquiry of it."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, the file, and the site where there are several."""
    parser.add_argument("what", choices=["import"], help="read the file and make an inquiry of it")
    parser.add_argument("file", type=Path, metavar="FILE", help="a FHIR R4 bundle as JSON, about one patient")
    parser.add_argument(
        "--site", default="", help="name of the site it is for; needed where there are several"
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when it was taken in or is already here, 2 with one sentence when it was refused."""
    import django

    at = datetime.now(UTC)
    handoff = read_file(options.file, at)
    with database_at_hand(Environment.read()):
        django.setup()
        for line in take_in(handoff, options.site, at):
            print(line)
    return 0


def read_file(path: Path, at: datetime) -> Handoff:
    """The hand-off in a file. Raises `Unready` with one sentence when it cannot be read or is refused."""
    raw = content_of(path, SIZE_LIMIT)
    try:
        # A day of grace: at the sender's it may be tomorrow already.
        return read_handoff(raw, latest=at.date() + timedelta(days=1))
    except HandoffRefused as no:
        raise Unready(no.sentence) from no


def take_in(handoff: Handoff, site_name: str, at: datetime) -> list[str]:
    """Imports it; what was taken and what was not, as lines. Names of people are not printed."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.inquiry.actions import import_handoff

    result = import_handoff(by=stepwell_itself(), at=at, site=site_called(site_name), handoff=handoff)
    if not result.created:
        return [f"Already here: inquiry {result.inquiry.code}. Nothing was changed."]
    labelled = sum(item.part2 for item in handoff.items)
    lines = [f"Inquiry {result.inquiry.code} was made; a person accepts or rejects each fact.", "", "Taken:"]
    lines += [f"  {count:>5}  {kind}" for kind, count in sorted({"person": 1, **result.taken}.items())]
    lines += [f"  {labelled} of them are substance-use data (42 CFR Part 2).", "", "Not taken:"]
    lines += [
        f"  {s.count:>5}  {s.resource_type}: {s.why}" for s in (*handoff.skipped, *handoff.skipped_fields)
    ]
    if not handoff.skipped and not handoff.skipped_fields:
        lines.append("  nothing was left out")
    return lines + [line for remark in handoff.remarks for line in ("", remark)]
