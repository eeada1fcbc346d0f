"""`stepwell draw check`: was a draw of random test days held as it says? Needs no database, only the draw's paper."""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from stepwell.cli.files import content_of
from stepwell.clinic.drug_tests import rules
from stepwell.clinic.refusal import Refused
from stepwell.project.unready import Unready

HELP = "Check a draw of random test days: `stepwell draw check FILE` computes it anew from its paper. Needs no database."

LONGEST = 4 * 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do and the paper."""
    parser.add_argument("what", choices=["check"], help="compute the draw anew")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="the paper that the page of the draw gives; - is standard input",
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when the draw holds, 1 with the reasons when not, 2 with a sentence when it is no paper."""
    found = check(_read(options.file))
    if found.holds:
        print("The draw holds: seed, pool and days belong together.")
        return 0
    for reason in found.reasons:
        print(reason)
    return 1


def check(paper: Any) -> rules.Check:
    """The answer of the rule. Raises `Unready` for what is no paper of a draw."""
    try:
        return rules.check_draw(
            seed=bytes.fromhex(paper["seed"]),
            committed=str(paper["commitment"]),
            pool=rules.pool_from(paper["pool"]),
            pool_hash=str(paper["pool_hash"]),
            days={
                str(code): tuple(date.fromisoformat(one) for one in some)
                for code, some in paper["days"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError, Refused, RecursionError) as no:
        raise Unready("This is not the paper of a draw.") from no


def _read(path: Path) -> Any:
    raw = content_of(path, LONGEST)
    if len(raw) > LONGEST:
        raise Unready("This is too long for the paper of a draw.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as no:
        raise Unready("This is not the paper of a draw.") from no
