"""`stepwell score INSTRUMENT FILE`: what the answers to a questionnaire come to, as JSON. No database."""

import argparse
import json
import sys
from pathlib import Path

from stepwell.cli.files import STANDARD_INPUT, content_of
from stepwell.clinic.assessment import rules
from stepwell.clinic.refusal import Refused
from stepwell.project.unready import Unready

HELP = "Score a questionnaire: `stepwell score PHQ-9 FILE` prints the score of the answers as JSON. Needs no database."
LARGEST = 2_000_000
"""Bytes of one file of answers."""
_GROUPS = {"female": "women", "male": "men"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The instrument, the answers, and the sex where a cut-off depends on it."""
    parser.add_argument("instrument", metavar="INSTRUMENT", help="its name in any spelling, such as phq9")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="answers as JSON: a list, an object by link id or a FHIR QuestionnaireResponse; - is standard input",
    )
    parser.add_argument(
        "--sex",
        choices=list(_GROUPS),
        help="for cut-offs that depend on it (AUDIT-C); without it both are told",
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0 with JSON on standard output, 2 with one sentence when there is no score."""
    try:
        instrument = rules.find_instrument(options.instrument)
        answers = rules.read_answers(instrument, json_of(options.file))
        found = rules.score(instrument, answers, group=_GROUPS.get(options.sex))
    except Refused as no:
        raise Unready(no.sentence) from no
    if not found.complete and instrument.missing_rule is rules.MissingRule.REJECT:
        raise Unready(rules.incomplete(instrument, found))
    if all(answer is None for answer in answers.values()):
        raise Unready(f"No question of {instrument.title} is answered, so there is nothing to score.")
    json.dump(rules.as_plain(instrument, found), sys.stdout, indent=2, ensure_ascii=True)
    print()
    return 0


def json_of(path: Path) -> object:
    """The JSON value in a file, or on standard input for a dash. Raises `Unready` with one sentence."""
    # weekplan reads files of strangers too, and its reader asks for nothing but the standard library
    from weekplan.loading import load
    from weekplan.nonsense import Nonsense

    where = "Standard input" if path == STANDARD_INPUT else str(path)
    raw = content_of(path, LARGEST)
    if len(raw) > LARGEST:
        raise Unready(f"{where} is larger than {LARGEST // 1_000_000} MB; answers are not that long.")
    try:
        return load(raw)
    except Nonsense as no:
        raise Unready(f"{where} cannot be used: {str(no).lstrip(': ')}") from no
