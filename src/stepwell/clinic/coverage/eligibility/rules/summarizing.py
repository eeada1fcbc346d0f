"""Reading benefits for this program out of what a payer told: each value with its source, everything else unknown."""

from datetime import date

from . import amounts, cover
from .reading import Reading
from .summary import Summary
from .telling import Telling
from .told import Answer


def summarize(answer: Answer, *, network: bool | None, on: date, reading: Reading) -> Summary:
    """What the answer says for this program, on the day `on`.

    `network` is whether the site has a contract with the plan, as the site knows it: an answer tells amounts for
    both cases and seldom which one is ours. While it is not known, only what is the same in both is taken.
    """
    telling = Telling(answer, network, on, reading)
    cover.plan(telling)
    cover.carved_out(telling)
    cover.covered(telling)
    cover.network(telling)
    cover.authorization(telling)
    for kind, whole, met in (
        ("C", "deductible", "deductible_met"),
        ("G", "out_of_pocket_max", "out_of_pocket_met"),
    ):
        amounts.accumulator(telling, kind, whole, met, family=False)
        amounts.accumulator(telling, kind, f"family_{whole}", f"family_{met}", family=True)
    amounts.share_of_a_day(telling)
    amounts.limit(telling)
    return Summary(values=tuple(telling.values), unknown=tuple(telling.unknown))
