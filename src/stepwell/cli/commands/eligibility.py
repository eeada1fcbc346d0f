"""`stepwell eligibility read FILE`: what a payer answered, as JSON, with the segment each fact was read from."""

import argparse
import sys
from pathlib import Path

import orjson

from stepwell.cli.files import content_of
from stepwell.clinic.coverage.eligibility import rules
from stepwell.edi.x12 import LARGEST, NotX12, read_file
from stepwell.project.unready import Unready

HELP = "Read a payer's answer: `stepwell eligibility read FILE` prints an X12 271 as JSON. Needs no database."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, the file, and on which side of the plan's network the site stands."""
    parser.add_argument("what", choices=["read"], help="print what the file says")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="an X12 271 of 005010X279A1; - is standard input"
    )
    parser.add_argument(
        "--network",
        choices=["in", "out", "unknown"],
        default="unknown",
        help="whether the site has a contract with the plan: decides which amounts are ours",
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0 with JSON on standard output, 2 with one sentence when there is no answer to read."""
    raw = content_of(options.file, LARGEST)
    try:
        found = read_file(raw)
    except NotX12 as no:
        raise Unready(no.sentence) from no
    if not found.answers:
        raise Unready(f"The file holds {found.held}, not an answer about eligibility (271).")
    network = {"in": True, "out": False, "unknown": None}[options.network]
    told = []
    for answer in found.answers:
        on = next((d.first for d in answer.dates if d.kind == "291"), None) or answer.sent_on
        if on is None:
            raise Unready("The answer has no date, so it cannot be said what holds.")
        summary = rules.summarize(answer, network=network, on=on, reading=rules.load_reading())
        told.append(
            {
                "answer": rules.plain(answer),
                "summary": rules.plain(summary),
                "refusals": [rules.plain(rules.rejection_words(one)) for one in answer.rejections],
            }
        )
    sys.stdout.write(orjson.dumps({"answers": told}, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0
