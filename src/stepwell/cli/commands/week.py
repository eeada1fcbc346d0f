"""`stepwell week`: the optimiser on files. No database, no settings, no server.

The optimiser is imported when it is asked for: its libraries take longer to load than most commands take to run.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from stepwell.project.unready import Unready

if TYPE_CHECKING:
    from weekplan.case import Case
    from weekplan.plan import Plan

HELP = "Compute the week that fits, check, make or explain one: `stepwell week solve CASE.json`. Needs no database."
STANDARD_INPUT = Path("-")
Read = TypeVar("Read")


class CaseAndPlan(NamedTuple):
    """Both as they are in their files and as the optimiser reads them."""

    case: "Case"
    plan: "Plan"
    raw_case: object
    raw_plan: object


def arguments(parser: argparse.ArgumentParser) -> None:
    """The four things to do, each with its own arguments. A dash as a file is standard input."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)

    solving = what.add_parser("solve", help="print the plan of a case")
    solving.add_argument("case", type=Path, metavar="CASE.json")
    solving.add_argument("--seconds", type=_seconds, default=30.0, help="how long it may take (default: 30)")
    solving.add_argument(
        "--seed", type=int, default=1, help="same seed and one worker: same plan (default: 1)"
    )
    solving.add_argument(
        "--workers", type=_count, default=None, help="processes (default: one for each core)"
    )
    solving.set_defaults(do=solve)

    checking = what.add_parser("check", help="recompute every rule and every cost of a plan")
    checking.add_argument("case", type=Path, metavar="CASE.json")
    checking.add_argument("plan", type=Path, metavar="PLAN.json")
    checking.set_defaults(do=check)

    making = what.add_parser("make", help="print a realistic case")
    making.add_argument("--patients", type=_count, required=True, help="how many patients the site has")
    making.add_argument("--seed", type=int, default=1, help="same seed: same case (default: 1)")
    making.add_argument("--standing", action="store_true", help="with a published week that has begun")
    making.set_defaults(do=make)

    explaining = what.add_parser("explain", help="tell who is short, why, and what would mend it")
    explaining.add_argument("case", type=Path, metavar="CASE.json")
    explaining.add_argument("plan", type=Path, metavar="PLAN.json")
    explaining.add_argument("--all", action="store_true", help="the whole week as text too")
    explaining.set_defaults(do=explain)


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when it was done, 1 when the answer is no, 2 with one sentence when a file makes no sense."""
    return int(options.do(options))


def solve(options: argparse.Namespace) -> int:
    """Prints the plan; 1 when what is locked already breaks a rule."""
    from weekplan.plan import Status
    from weekplan.reading import case_from_json
    from weekplan.solving import solve as solved
    from weekplan.writing import plan_to_json

    case = _read(options.case, case_from_json)[0]
    plan = solved(case, seconds=options.seconds, seed=options.seed, workers=options.workers or _cores())
    _print_json(plan_to_json(plan))
    if plan.status is Status.INFEASIBLE:
        print("What is locked already breaks a rule; `stepwell week check` names it.", file=sys.stderr)
        return 1
    return 0


def check(options: argparse.Namespace) -> int:
    """Prints each broken rule and each number that is not so; 1 when there is any."""
    from weekplan.check import check as checked

    both = _read_both(options)
    report = checked(both.raw_case, both.raw_plan)  # type: ignore[arg-type] # both readers took them as objects
    for sentence in (*report.breaches, *report.disagreements):
        print(sentence)
    if not report.fine:
        return 1
    print(f"Every rule is kept, and the week costs {report.cost} points as the plan says.")
    return 0


def make(options: argparse.Namespace) -> int:
    """Prints a case."""
    from weekplan.make import make as made
    from weekplan.writing import case_to_json

    _print_json(case_to_json(made(options.patients, options.seed, standing=options.standing)))
    return 0


def explain(options: argparse.Namespace) -> int:
    """Prints who is short, why and the mends; with --all the week before it."""
    from weekplan.explaining import explain as explained
    from weekplan.telling import shortfalls_as_text, week_as_text

    both = _read_both(options)
    if options.all:
        print(week_as_text(both.case, both.plan), end="\n\n")
    print(shortfalls_as_text(explained(both.case, both.plan)))
    return 0


def _read_both(options: argparse.Namespace) -> CaseAndPlan:
    from weekplan.reading import case_from_json
    from weekplan.writing import plan_from_json

    if options.case == options.plan == STANDARD_INPUT:
        raise Unready("Only one of case and plan can come from standard input; name a file for the other.")
    case, raw_case = _read(options.case, case_from_json)
    plan, raw_plan = _read(options.plan, plan_from_json)
    return CaseAndPlan(case, plan, raw_case, raw_plan)


def _read(path: Path, reader: Callable[[object], Read]) -> tuple[Read, object]:
    """What a file tells, and its JSON. Raises `Unready` with one sentence when it cannot be read or makes no sense."""
    from weekplan.loading import load
    from weekplan.nonsense import Nonsense

    try:
        raw = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as fault:
        raise Unready(f"{path} cannot be read: {fault.strerror or fault}.") from fault
    try:
        value = load(raw)
        return reader(value), value
    except Nonsense as no:
        raise Unready(f"{'Standard input' if path == STANDARD_INPUT else path}: {no}") from no


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=1)
    print()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 86400")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 10_000:
        raise argparse.ArgumentTypeError("must be 1 to 10000")
    return count


def _cores() -> int:
    """Cores this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
