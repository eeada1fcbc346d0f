"""`stepwell audit verify`: proves that nobody changed the trail."""

import argparse

from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment

HELP = "Check the audit trail: `stepwell audit verify` names the first entry that was changed, if any."


def arguments(parser: argparse.ArgumentParser) -> None:
    """The one thing to do with the trail from here."""
    parser.add_argument("what", choices=["verify"], help="recompute the whole chain")


def run(_options: argparse.Namespace) -> int:
    """Exit code 1 when the chain is broken."""
    import django

    with database_at_hand(Environment.read()):
        django.setup()
        from stepwell.audit.trail import verify

        verdict = verify()
    if verdict.ok:
        print(f"The trail is whole: {verdict.entries} entries.")
        return 0
    print(f"The trail is broken at entry {verdict.first_broken_seq}: {verdict.why}")
    return 1
